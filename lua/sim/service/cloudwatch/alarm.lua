--- Alarms. PutMetricAlarm writes the whole alarm; without data its state stays INSUFFICIENT_DATA.
local tagging = require "sim.help.tagging"
local tags = require "sim.help.tags"

local TAG_RULE = { code = "InvalidParameterValue" }

local alarm = {}

local kept = { "AlarmName", "AlarmDescription", "OKActions", "AlarmActions", "InsufficientDataActions", "MetricName", "Namespace",
  "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
  "ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile", "Metrics", "ThresholdMetricId",
  "EvaluationCriteria", "EvaluationInterval" }

local function invalid(ctx, text) ctx:fail("ValidationError", text) end

local function check(ctx, a)
  if not a.EvaluationPeriods then invalid(ctx, "The parameter EvaluationPeriods is required.") end
  if not a.ComparisonOperator then invalid(ctx, "The parameter ComparisonOperator is required.") end
  local single = a.MetricName ~= nil
  if single == (#(a.Metrics or {}) > 0) then
    invalid(ctx, "Exactly one of MetricName and Metrics must be specified.")
  end
  if single then
    if not a.Namespace or not a.Period then invalid(ctx, "The parameters Namespace and Period are required with MetricName.") end
    if (a.Statistic ~= nil) == (a.ExtendedStatistic ~= nil) then
      invalid(ctx, "The parameters Statistic and ExtendedStatistic are mutually exclusive and one is required.")
    end
    if a.Period ~= 10 and a.Period ~= 20 and a.Period ~= 30 and a.Period % 60 ~= 0 then
      invalid(ctx, "Period must be 10, 20, 30 or a multiple of 60.")
    end
    if a.Period * a.EvaluationPeriods > 86400 * 7 then invalid(ctx, "Metrics cannot be checked across more than a week.") end
  end
  if a.DatapointsToAlarm and a.DatapointsToAlarm > a.EvaluationPeriods then
    invalid(ctx, "The parameter DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
  end
  if not a.ThresholdMetricId and a.Threshold == nil then invalid(ctx, "The parameter Threshold is required.") end
  local treat = a.TreatMissingData
  if treat and treat ~= "breaching" and treat ~= "notBreaching" and treat ~= "ignore" and treat ~= "missing" then
    invalid(ctx, "The value of TreatMissingData is not valid.")
  end
  for _, name in ipairs { "AlarmActions", "OKActions", "InsufficientDataActions" } do
    if #(a[name] or {}) > 5 then invalid(ctx, ("%s can hold five actions."):format(name)) end
    for _, arn in ipairs(a[name] or {}) do
      if not arn:match("^arn:") then invalid(ctx, ("Invalid arn syntax: %s"):format(arn)) end
    end
  end
end

function alarm.PutMetricAlarm(ctx, input)
  check(ctx, input)
  local rows = ctx:table("Alarm")
  local old, row = rows:get(input.AlarmName), {}
  local fresh = tags.check(ctx, input.Tags, TAG_RULE)
  for _, name in ipairs(kept) do row[name] = input[name] end
  for _, name in ipairs { "AlarmActions", "OKActions", "InsufficientDataActions", "Dimensions", "Metrics" } do
    row[name] = row[name] or {}
  end
  row.ActionsEnabled = input.ActionsEnabled ~= false
  row.AlarmArn = ctx:arn("alarm:" .. input.AlarmName)
  row.AlarmConfigurationUpdatedTimestamp = ctx.now
  row.StateValue, row.StateReason = old and old.StateValue or "INSUFFICIENT_DATA", old and old.StateReason
    or "Unchecked: Initial alarm creation"
  row.StateUpdatedTimestamp = old and old.StateUpdatedTimestamp or ctx.now
  row.StateTransitionedTimestamp = old and old.StateTransitionedTimestamp or ctx.now
  -- Tags count only when the alarm is new.
  row._tags = old and old._tags or fresh
  rows:put(input.AlarmName, row)
  return {}
end

function alarm.DescribeAlarms(ctx, input)
  if input.AlarmNames and input.AlarmNames[1] and input.AlarmNamePrefix then
    ctx:fail("ValidationError", "AlarmNames and AlarmNamePrefix cannot be specified together.")
  end
  local wanted
  if input.AlarmNames and input.AlarmNames[1] then
    wanted = {}
    for _, name in ipairs(input.AlarmNames) do wanted[name] = true end
  end
  local composite = input.AlarmTypes and input.AlarmTypes[1] == "CompositeAlarm" and not input.AlarmTypes[2]
  local prefix, action = input.AlarmNamePrefix, input.ActionPrefix
  local list = ctx:table("Alarm"):list(function(row)
    if composite or wanted and not wanted[row.AlarmName] then return false end
    if prefix and row.AlarmName:sub(1, #prefix) ~= prefix then return false end
    if input.StateValue and row.StateValue ~= input.StateValue then return false end
    if not action then return true end
    for _, name in ipairs { "AlarmActions", "OKActions", "InsufficientDataActions" } do
      for _, arn in ipairs(row[name]) do if arn:sub(1, #action) == action then return true end end
    end
  end)
  table.sort(list, function(a, b) return a.AlarmName < b.AlarmName end)
  local page, token = ctx:page(list, input.NextToken, input.MaxRecords, 50, "InvalidNextToken")
  return { MetricAlarms = page, CompositeAlarms = {}, NextToken = token }
end

function alarm.DescribeAlarmsForMetric(ctx, input)
  return { MetricAlarms = ctx:table("Alarm"):list(function(row)
    return row.MetricName == input.MetricName and row.Namespace == input.Namespace
      and (not input.Statistic or row.Statistic == input.Statistic)
  end) }
end

function alarm.DescribeAlarmHistory() return { AlarmHistoryItems = {} } end

function alarm.DeleteAlarms(ctx, input)
  local rows = ctx:table("Alarm")
  for _, name in ipairs(input.AlarmNames) do
    if not rows:get(name) and #input.AlarmNames == 1 then
      ctx:fail("ResourceNotFound", ("Alarm %s was not found"):format(name))
    end
  end
  for _, name in ipairs(input.AlarmNames) do rows:delete(name) end
  return {}
end

function alarm.SetAlarmState(ctx, input)
  local row = ctx:table("Alarm"):get(input.AlarmName)
  if not row then ctx:fail("ResourceNotFound", "Unknown") end
  row.StateValue, row.StateReason, row.StateReasonData = input.StateValue, input.StateReason, input.StateReasonData
  row.StateUpdatedTimestamp, row.StateTransitionedTimestamp = ctx.now, ctx.now
  ctx:table("Alarm"):put(row.AlarmName, row)
  return {}
end

local function actions(on)
  return function(ctx, input)
    for _, name in ipairs(input.AlarmNames) do
      local row = ctx:table("Alarm"):get(name)
      if row then
        row.ActionsEnabled = on
        ctx:table("Alarm"):put(name, row)
      end
    end
    return {}
  end
end
alarm.EnableAlarmActions, alarm.DisableAlarmActions = actions(true), actions(false)

local function tagged(ctx, arn)
  local row = ctx:table("Alarm"):get(arn:match(":alarm:(.+)$"))
  if not row then ctx:fail("ResourceNotFoundException", ("Resource %s does not exist."):format(arn)) end
  return row
end

alarm.TagResource, alarm.UntagResource = tagging { at = "_tags", rule = TAG_RULE,
  find = function(ctx, input) return tagged(ctx, input.ResourceARN) end,
  save = function(ctx, row) ctx:table("Alarm"):put(row.AlarmName, row) end }

function alarm.ListTagsForResource(ctx, input) return { Tags = tagged(ctx, input.ResourceARN)._tags } end

return alarm
