local kind = require "cso.kind.declare"
local value = require "cso.std.value"

--- The id is "<selection>_<plan>", as CloudFormation writes it.
local function parts(r)
  return r.id:match("^(.-)_(.+)$")
end

local function to_api(r)
  local s = value.reveal(r.desired.BackupSelection)
  return { SelectionName = s.SelectionName, IamRoleArn = s.IamRoleArn, Resources = s.Resources, NotResources = s.NotResources,
    ListOfTags = s.ListOfTags, Conditions = s.Conditions }
end

return kind "AWS::Backup::BackupSelection" {
  service = "backup", id = "Id", handles = { "BackupPlanId", "BackupSelection" },
  create = function(r)
    local out
    -- Backup may not be able to assume a role that was made a moment ago.
    r:poll("waiting for the role to be assumable", function()
      local e
      out, e = r:try("CreateBackupSelection", { BackupPlanId = r.desired.BackupPlanId, BackupSelection = to_api(r),
        CreatorRequestId = r.token }, { creates = true })
      if out then return true end
      if e.code == "InvalidParameterValueException" and (e.message or ""):match("cannot be assumed") then return false end
      error(e, 0)
    end, 10)
    r.id = out.SelectionId .. "_" .. r.desired.BackupPlanId
    r.attributes = { Id = r.id, SelectionId = out.SelectionId }
  end,
  read = function(r)
    local selection, plan = parts(r)
    local out, e = r:try("GetBackupSelection", { BackupPlanId = plan, SelectionId = selection })
    if not out then
      if e.code == "ResourceNotFoundException" or e.code == "InvalidParameterValueException" then return nil end
      error(e, 0)
    end
    return { Id = r.id, SelectionId = selection, BackupPlanId = plan, BackupSelection = out.BackupSelection }
  end,
  find = function(r)
    for _, s in ipairs(r:call("ListBackupSelections", { BackupPlanId = r.desired.BackupPlanId }).BackupSelectionsList) do
      if s.SelectionName == r.desired.BackupSelection.SelectionName then return s.SelectionId .. "_" .. s.BackupPlanId end
    end
  end,
  delete = function(r)
    local selection, plan = parts(r)
    local _, e = r:try("DeleteBackupSelection", { BackupPlanId = plan, SelectionId = selection })
    if e and e.code ~= "ResourceNotFoundException" and e.code ~= "InvalidParameterValueException" then error(e, 0) end
  end,
  seconds = { create = 2, delete = 1 },
}
