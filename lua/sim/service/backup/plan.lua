--- Backup plans: every update makes a new version.
local deep = require "cso.std.deep"

local plan = {}

local function all(ctx) return ctx:table("BackupPlan") end

--- The plan of an id, or the error.
---@param ctx sim.Context
---@param id string
---@return table row
function plan.find(ctx, id)
  local row = all(ctx):get(id)
  if not row then ctx:fail("ResourceNotFoundException", ("Failed reading Backup plan with provided id: %s"):format(id)) end
  return row
end

local function check(ctx, body)
  if not body.Rules[1] then ctx:fail("InvalidParameterValueException", "A backup plan needs at least one rule.") end
  local copy, seen = deep.copy(body), {}
  for _, rule in ipairs(copy.Rules) do
    if seen[rule.RuleName] then
      ctx:fail("InvalidParameterValueException", ("Duplicate rule name: %s"):format(rule.RuleName))
    end
    seen[rule.RuleName] = true
    if not ctx:table("BackupVault"):get(rule.TargetBackupVaultName) then
      ctx:fail("InvalidParameterValueException", ("Backup vault %s was not found."):format(rule.TargetBackupVaultName))
    end
    local life = rule.Lifecycle
    if life and life.MoveToColdStorageAfterDays and life.DeleteAfterDays
      and life.DeleteAfterDays < life.MoveToColdStorageAfterDays + 90 then
      ctx:fail("InvalidParameterValueException", "DeleteAfterDays cannot be less than 90 days apart from "
        .. "MoveToColdStorageAfterDays")
    end
    rule.RuleId = ctx.ids:uuid()
    rule.StartWindowMinutes = rule.StartWindowMinutes or 480
    rule.CompletionWindowMinutes = rule.CompletionWindowMinutes or 10080
    rule.EnableContinuousBackup = rule.EnableContinuousBackup or false
    rule.ScheduleExpressionTimezone = rule.ScheduleExpressionTimezone or "Etc/UTC"
    if rule.CompletionWindowMinutes < rule.StartWindowMinutes + 60 then
      ctx:fail("InvalidParameterValueException", "CompletionWindowMinutes must be at least 60 minutes greater than "
        .. "StartWindowMinutes")
    end
  end
  return copy
end

function plan.CreateBackupPlan(ctx, input)
  local body = check(ctx, input.BackupPlan)
  local id = ctx.ids:uuid()
  return all(ctx):put(id, { BackupPlanId = id, BackupPlanArn = ctx:arn("backup-plan:" .. id), CreationDate = ctx.now,
    BackupPlanName = body.BackupPlanName, VersionId = ctx.ids:text(30), CreatorRequestId = input.CreatorRequestId,
    AdvancedBackupSettings = body.AdvancedBackupSettings, BackupPlan = body, _tags = input.BackupPlanTags or {} })
end

function plan.GetBackupPlan(ctx, input) return plan.find(ctx, input.BackupPlanId) end

function plan.UpdateBackupPlan(ctx, input)
  local row = plan.find(ctx, input.BackupPlanId)
  row.BackupPlan = check(ctx, input.BackupPlan)
  row.BackupPlanName, row.VersionId = row.BackupPlan.BackupPlanName, ctx.ids:text(30)
  row.AdvancedBackupSettings = row.BackupPlan.AdvancedBackupSettings
  return all(ctx):put(row.BackupPlanId, row)
end

function plan.DeleteBackupPlan(ctx, input)
  local row = plan.find(ctx, input.BackupPlanId)
  if ctx:table("BackupSelection"):has("BackupPlanId", row.BackupPlanId) then
    ctx:fail("InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan deletion")
  end
  all(ctx):delete(row.BackupPlanId)
  row.DeletionDate = ctx.now
  return row
end

local function listed(ctx, input, rows, member)
  local page, token = ctx:page(rows, input.NextToken, input.MaxResults, 1000)
  return { [member] = page, NextToken = token }
end

function plan.ListBackupPlans(ctx, input) return listed(ctx, input, all(ctx):list(), "BackupPlansList") end

function plan.ListBackupPlanVersions(ctx, input)
  return listed(ctx, input, { plan.find(ctx, input.BackupPlanId) }, "BackupPlanVersionsList")
end

return plan
