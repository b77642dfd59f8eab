local common = require "cso.kind.aws.IAM.common"
local kind = require "cso.kind.declare"

--- The id is "<policy>|<role>".
local function put(r)
  local d = r.desired
  r:call("PutRolePolicy", { RoleName = d.RoleName, PolicyName = d.PolicyName, PolicyDocument = common.text(d.PolicyDocument) })
end

return kind "AWS::IAM::RolePolicy" {
  service = "iam", id = "Id", handles = { "RoleName", "PolicyName", "PolicyDocument" },
  inside = { type = "AWS::IAM::Role", by = "RoleName", property = "Policies", key = function(p) return p.PolicyName end },
  create = function(r)
    put(r)
    r.id = r.desired.PolicyName .. "|" .. r.desired.RoleName
  end,
  read = function(r)
    local policy, role = r.id:match("^(.-)|(.+)$")
    local out = common.unless_gone(r, "GetRolePolicy", { RoleName = role, PolicyName = policy })
    if not out then return nil end
    local text = out.PolicyDocument:gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)
    return { PolicyName = policy, RoleName = role, PolicyDocument = require("cso.std.json").decode(text) }
  end,
  natural = function(r) return r.desired.PolicyName .. "|" .. r.desired.RoleName end,
  puts = true,
  update = put,
  delete = function(r)
    local policy, role = r.id:match("^(.-)|(.+)$")
    common.unless_gone(r, "DeleteRolePolicy", { RoleName = role, PolicyName = policy })
  end,
  seconds = { create = 1, delete = 1 },
}
