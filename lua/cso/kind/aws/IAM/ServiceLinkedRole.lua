local common = require "cso.kind.aws.IAM.common"
local kind = require "cso.kind.declare"

return kind "AWS::IAM::ServiceLinkedRole" {
  service = "iam", id = "RoleName", handles = { "AWSServiceName", "CustomSuffix", "Description" },
  create = function(r)
    local d = r.desired
    local out, e = r:try("CreateServiceLinkedRole", { AWSServiceName = d.AWSServiceName, CustomSuffix = d.CustomSuffix,
      Description = d.Description })
    if not out then
      if e.code == "InvalidInput" and e.message:match("has been taken") then
        e.hint = "an account has one such role per service; import it instead of declaring it"
      end
      error(e, 0)
    end
    r.id = out.Role.RoleName
    r.attributes = { RoleName = r.id, Arn = out.Role.Arn }
  end,
  read = function(r)
    local out = common.unless_gone(r, "GetRole", { RoleName = r.id })
    if not out then return nil end
    local role = out.Role
    return { RoleName = role.RoleName, Arn = role.Arn, Description = role.Description,
      AWSServiceName = role.Path:match("^/aws%-service%-role/(.-)/"), CustomSuffix = r.desired.CustomSuffix }
  end,
  update = function(r) r:call("UpdateRole", { RoleName = r.id, Description = r.desired.Description }) end,
  delete = function(r)
    local out = common.unless_gone(r, "DeleteServiceLinkedRole", { RoleName = r.id })
    if not out then return end
    r:poll("waiting for the service to let go", function()
      local status = r:call("GetServiceLinkedRoleDeletionStatus", { DeletionTaskId = out.DeletionTaskId })
      if status.Status == "FAILED" then r:fail("DeleteConflict", r.address .. ": the service still uses the role") end
      return status.Status == "SUCCEEDED"
    end, 10)
  end,
  find = function(r)
    local out = r:call("ListRoles", { PathPrefix = ("/aws-service-role/%s/"):format(r.desired.AWSServiceName) })
    for _, role in ipairs(out.Roles) do
      local suffix = r.desired.CustomSuffix
      if not suffix or role.RoleName:sub(-#suffix - 1) == "_" .. suffix then return role.RoleName end
    end
  end,
  seconds = { create = 1, delete = 5 },
}
