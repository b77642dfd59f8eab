local find = require "cso.kind.find"
local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"
local value = require "cso.std.value"

--- CloudFormation and the API name two members differently.
local function rules(list, vault_from, vault_to)
  local out = {}
  for i, rule in ipairs(list or {}) do
    local copy = {}
    for k, v in pairs(rule) do copy[k] = v end
    copy[vault_from] = nil
    copy[vault_to] = rule[vault_from] or rule[vault_to]
    copy.RuleId = nil
    for _, name in ipairs { "StartWindowMinutes", "CompletionWindowMinutes" } do
      copy[name] = copy[name] and math.tointeger(tonumber(copy[name]))
    end
    out[i] = copy
  end
  return out
end

local function to_api(r)
  local plan = value.reveal(r.desired.BackupPlan)
  local out = { BackupPlanName = plan.BackupPlanName, AdvancedBackupSettings = plan.AdvancedBackupSettings }
  out.Rules = rules(plan.BackupPlanRule, "TargetBackupVault", "TargetBackupVaultName")
  return out
end

return kind "AWS::Backup::BackupPlan" {
  service = "backup", id = "BackupPlanId", handles = { "BackupPlan", "BackupPlanTags" },
  create = function(r)
    local out = r:call("CreateBackupPlan", { BackupPlan = to_api(r), CreatorRequestId = r.token,
      BackupPlanTags = tags.owned(r.desired.BackupPlanTags, r.own) }, { creates = true })
    r.id = out.BackupPlanId
    r.attributes = { BackupPlanId = r.id, BackupPlanArn = out.BackupPlanArn, VersionId = out.VersionId }
  end,
  read = {
    "GetBackupPlan", tags = "read", gone_when = {},
    shape = function(model, raw)
      local plan = raw.BackupPlan
      model.BackupPlan = { BackupPlanName = plan.BackupPlanName, AdvancedBackupSettings = plan.AdvancedBackupSettings,
        BackupPlanRule = rules(plan.Rules, "TargetBackupVaultName", "TargetBackupVault") }
      return model
    end,
  },
  update = function(r, set)
    if set.BackupPlan then r:call("UpdateBackupPlan", { BackupPlanId = r.id, BackupPlan = to_api(r) }) end
    if set.BackupPlanTags then require("cso.kind.write").update_tags(r.kind, r) end
  end,
  volatile = { "VersionId" },
  tag_id = function(_, raw) return raw.BackupPlanArn end,
  find = function(r)
    for _, plan in ipairs(r:call("ListBackupPlans", {}).BackupPlansList) do
      local map = tags.to_map(r:call("ListTags", { ResourceArn = plan.BackupPlanArn }).Tags, true)
      if find.owned(r, map) and not find.known(r, plan.BackupPlanId) then return plan.BackupPlanId end
    end
  end,
  delete = { "DeleteBackupPlan" },
  seconds = { create = 1, delete = 1 },
}
