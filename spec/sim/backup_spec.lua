local support = require "spec.sim.support"

describe("AWS Backup", function()
  local sim
  local function backup(method, path, params) return sim:rest("backup", method, path, params) end

  local function plan(vault)
    return { BackupPlan = { BackupPlanName = "p", Rules = { { RuleName = "r", TargetBackupVaultName = vault } } } }
  end

  before_each(function()
    sim = support.world { latency = "realistic" }
    assert(backup("PUT", "/backup-vaults/safe", {}))
  end)

  it("completes the rules of a plan and wants its vaults to exist", function()
    local _, code = backup("PUT", "/backup/plans/", plan("other"))
    assert.equal("InvalidParameterValueException", code)
    local id = assert(backup("PUT", "/backup/plans/", plan("safe"))).BackupPlanId
    local rule = backup("GET", "/backup/plans/" .. id .. "/").BackupPlan.Rules[1]
    assert.same({ 480, 10080 }, { rule.StartWindowMinutes, rule.CompletionWindowMinutes })
  end)

  it("assumes a role only once it has spread, and keeps a plan that selects something", function()
    local id = assert(backup("PUT", "/backup/plans/", plan("safe"))).BackupPlanId
    assert(sim:call("iam", "CreateRole", { RoleName = "r", AssumeRolePolicyDocument =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
      .. '"Principal":{"Service":"backup.amazonaws.com"}}]}' }))
    local wanted = { BackupSelection = { SelectionName = "s", IamRoleArn = "arn:aws:iam::123456789012:role/r" } }
    local path = "/backup/plans/" .. id .. "/selections/"
    local _, code, message = backup("PUT", path, wanted)
    assert.equal("InvalidParameterValueException", code)
    assert.matches("cannot be assumed", message, 1, true)
    sim.time = sim.time + 9
    local selection = assert(backup("PUT", path, wanted)).SelectionId
    _, code = backup("DELETE", "/backup/plans/" .. id)
    assert.equal("InvalidRequestException", code)
    assert(backup("DELETE", path .. selection))
    assert(backup("DELETE", "/backup/plans/" .. id))
  end)
end)
