--- Backup plans: rules, completed as the service completes them, in versions.
local base = require "sim.service.backup.base"
local tags = require "sim.help.tags"

local plan = {}

local function check_rule(ctx, rule)
  local life = rule.Lifecycle or {}
  local cold, gone = life.MoveToColdStorageAfterDays, life.DeleteAfterDays
  if not ctx:table("BackupVault"):get(rule.TargetBackupVaultName) then
    base.invalid(ctx, ("Backup vault %s does not exist."):format(rule.TargetBackupVaultName))
  end
  if cold and gone and cold >= 0 and gone >= 0 and gone < cold + 90 then
    base.invalid(ctx, "DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays")
  end
  if rule.EnableContinuousBackup and (not gone or gone > 35) then
    base.invalid(ctx, "Continuous backups are kept between 1 and 35 days.")
  end
  local start, complete = rule.StartWindowMinutes, rule.CompletionWindowMinutes
  if start and start < 60 then base.invalid(ctx, "Start window must be at least 60 minutes.") end
  if complete and complete < (start or 480) + 60 then
    base.invalid(ctx, "Invalid completion window. Must be at least 60 minutes greater than start window.")
  end
  local schedule = rule.ScheduleExpression
  if schedule and not schedule:match("^cron%(%S+ %S+ %S+ %S+ %S+ %S+%)$") then
    base.invalid(ctx, "Unable to parse schedule expression: " .. schedule)
  end
end

local function complete(ctx, input)
  local out, names = { BackupPlanName = input.BackupPlanName, AdvancedBackupSettings = input.AdvancedBackupSettings,
    Rules = {} }, {}
  if #input.Rules == 0 then base.invalid(ctx, "A backup plan needs a rule.") end
  for i, rule in ipairs(input.Rules) do
    check_rule(ctx, rule)
    if names[rule.RuleName] then base.invalid(ctx, "Duplicate rule name: " .. rule.RuleName) end
    names[rule.RuleName] = true
    local r = { RuleId = ctx.ids:uuid(), ScheduleExpression = "cron(0 5 ? * * *)", StartWindowMinutes = 480,
      CompletionWindowMinutes = 10080, EnableContinuousBackup = false, ScheduleExpressionTimezone = "Etc/UTC" }
    for k, v in next, rule do r[k] = v end
    out.Rules[i] = r
  end
  return out
end

local function brief(row)
  return { BackupPlanId = row.BackupPlanId, BackupPlanArn = row.BackupPlanArn, CreationDate = row.CreationDate,
    VersionId = row.VersionId,
    AdvancedBackupSettings = row._plan.AdvancedBackupSettings }
end

local function version(ctx) return ctx.ids:text(31, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") end

function plan.CreateBackupPlan(ctx, input)
  local twin = input.CreatorRequestId and ctx:table("BackupPlan"):one("CreatorRequestId", input.CreatorRequestId)
  if twin then return brief(twin) end
  local document = complete(ctx, input.BackupPlan)
  local id = ctx.ids:uuid()
  local row = { BackupPlanId = id, BackupPlanArn = ctx:arn("backup-plan:" .. id), CreationDate = ctx.now,
    VersionId = version(ctx),
    BackupPlanName = document.BackupPlanName, CreatorRequestId = input.CreatorRequestId, _plan = document,
    _tags = tags.merge_map(ctx, nil, input.BackupPlanTags, "InvalidParameterValueException") }
  ctx:table("BackupPlan"):put(id, row)
  return brief(row)
end

function plan.GetBackupPlan(ctx, input)
  local row = base.plan(ctx, input.BackupPlanId)
  local out = brief(row)
  out.BackupPlan, out.CreatorRequestId = row._plan, row.CreatorRequestId
  return out
end

function plan.UpdateBackupPlan(ctx, input)
  local row = base.plan(ctx, input.BackupPlanId)
  row._plan = complete(ctx, input.BackupPlan)
  row.BackupPlanName, row.VersionId = row._plan.BackupPlanName, version(ctx)
  ctx:table("BackupPlan"):put(row.BackupPlanId, row)
  return brief(row)
end

function plan.DeleteBackupPlan(ctx, input)
  local row = base.plan(ctx, input.BackupPlanId)
  if ctx:table("BackupSelection"):one("BackupPlanId", row.BackupPlanId) then
    ctx:fail("InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan deletion")
  end
  ctx:table("BackupPlan"):delete(row.BackupPlanId)
  return { BackupPlanId = row.BackupPlanId, BackupPlanArn = row.BackupPlanArn, DeletionDate = ctx.now, VersionId = row.VersionId }
end

function plan.ListBackupPlans(ctx, input) return base.page(ctx, ctx:table("BackupPlan"):list(), input, "BackupPlansList") end

function plan.ListBackupPlanVersions(ctx, input)
  return base.page(ctx, { base.plan(ctx, input.BackupPlanId) }, input, "BackupPlanVersionsList")
end

return plan
