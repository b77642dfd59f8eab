local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"
local write = require "cso.kind.write"

local function put(r)
  local params = write.params(r, { "PutMetricAlarm" }, r.desired)
  if not r.current then
    params.Tags = tags.to_api(r:model(), "TagList", tags.owned(r.desired.Tags, r.own))
  end
  r:call("PutMetricAlarm", params)
end

return kind "AWS::CloudWatch::Alarm" {
  service = "cloudwatch", id = "AlarmName", name = { "AlarmName", max = 255 },
  create = function(r)
    put(r)
    r.id = r.desired.AlarmName
  end,
  handles = { "ThresholdMetricId", "EvaluateLowSampleCountPercentile", "ExtendedStatistic", "ComparisonOperator",
    "TreatMissingData", "Dimensions", "Period", "EvaluationPeriods", "Unit", "Namespace", "OKActions", "AlarmActions",
    "MetricName", "ActionsEnabled", "Metrics", "AlarmDescription", "AlarmName", "Statistic", "InsufficientDataActions",
    "DatapointsToAlarm", "Threshold", "Tags" },
  read = { "DescribeAlarms", by = "AlarmNames", list = "MetricAlarms[]", key = "AlarmName", batch = 100, tags = "read",
    rename = { AlarmArn = "Arn" } },
  -- PutMetricAlarm writes the whole alarm; what is left out is gone.
  update = function(r, set, list)
    if #list > (set.Tags and 1 or 0) then put(r) end
    if set.Tags then write.update_tags(r.kind, r) end
  end,
  fixed = { "AlarmName" },
  sets = { "Dimensions", "AlarmActions", "OKActions", "InsufficientDataActions" },
  defaults = { ActionsEnabled = true, TreatMissingData = "missing" },
  removes = "all",
  tag_id = function(_, raw) return raw.AlarmArn or raw.Arn end,
  puts = true,
  natural = function(r) return r.desired.AlarmName end,
  delete = { "DeleteAlarms", by = "AlarmNames" },
  seconds = { create = 1, delete = 1 },
}
