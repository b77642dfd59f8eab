local kind = require "cso.kind.declare"
local rules = require "cso.kind.aws.EC2.rules"

--- Revokes before it authorizes: a changed description is the same rule to EC2.
local function bring(r, direction, have, want)
  local add, remove = rules.changes(have, want)
  if #remove > 0 then
    r:call("RevokeSecurityGroup" .. direction, { GroupId = r.id, IpPermissions = rules.permissions(remove) })
  end
  if #add > 0 then
    local _, e = r:try("AuthorizeSecurityGroup" .. direction, { GroupId = r.id, IpPermissions = rules.permissions(add) })
    if e and e.code ~= "InvalidPermission.Duplicate" then error(e, 0) end
  end
end

-- What a new group lets out when nothing is said.
local EVERYWHERE = { IpProtocol = "-1", CidrIp = "0.0.0.0/0" }

local function read_rules(r)
  local group = r:call("DescribeSecurityGroups", { GroupIds = { r.id } }).SecurityGroups[1]
  return {
    SecurityGroupIngress = rules.from_permissions(group.IpPermissions, false),
    SecurityGroupEgress = rules.from_permissions(group.IpPermissionsEgress, true),
  }
end

--- Declared rules are all there is. No longer declared, only those that were go: others may have
--- been made since, as resources of their own.
local function set(r, direction, want, have)
  local property = "SecurityGroup" .. direction
  have = have or read_rules(r)[property]
  if r.desired[property] == nil then
    want = rules.without(have, r.record and r.record.declared[property])
    if direction == "Egress" then want[#want + 1] = EVERYWHERE end
  end
  bring(r, direction, have, want or {})
end

return kind "AWS::EC2::SecurityGroup" {
  service = "ec2", id = "GroupId", tag_type = "security-group",
  name = { "GroupName", max = 255, within = "VpcId" },
  create = { "CreateSecurityGroup", rename = { GroupDescription = "Description" }, tags = "TagSpecifications",
    skip = { "SecurityGroupIngress", "SecurityGroupEgress" }, bare = true },
  read = {
    "DescribeSecurityGroups", filter = "group-id", list = "SecurityGroups[]", key = "GroupId",
    rename = { Description = "GroupDescription" },
    shape = function(model, raw)
      model.Id = raw.GroupId
      model.SecurityGroupIngress = rules.from_permissions(raw.IpPermissions, false)
      model.SecurityGroupEgress = rules.from_permissions(raw.IpPermissionsEgress, true)
      return model
    end,
  },
  update = {
    SecurityGroupIngress = function(r, want, have) set(r, "Ingress", want, have) end,
    SecurityGroupEgress = function(r, want, have) set(r, "Egress", want, have) end,
  },
  same = { SecurityGroupIngress = rules.same, SecurityGroupEgress = rules.same },
  removes = { "SecurityGroupIngress" },
  defaults = { SecurityGroupEgress = { EVERYWHERE } },
  delete = { "DeleteSecurityGroup", retry = { "DependencyViolation" }, expect = 60, users = "group" },
  seconds = { create = 1, delete = 1 },
}
