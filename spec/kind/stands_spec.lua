-- Who stands where is data: each line of it names types and properties that the catalogue has, and groups whose
-- service says that a subnet is in use.
local catalogue = require "cso.std.catalogue"
local stands = require "cso.kind.stands"

local MODIFY = {
  ["AWS::DAX::SubnetGroup"] = { "dax", "UpdateSubnetGroup" },
  ["AWS::DMS::ReplicationSubnetGroup"] = { "dms", "ModifyReplicationSubnetGroup" },
  ["AWS::DocDB::DBSubnetGroup"] = { "docdb", "ModifyDBSubnetGroup" },
  ["AWS::ElastiCache::SubnetGroup"] = { "elasticache", "ModifyCacheSubnetGroup" },
  ["AWS::Neptune::DBSubnetGroup"] = { "neptune", "ModifyDBSubnetGroup" },
  ["AWS::RDS::DBSubnetGroup"] = { "rds", "ModifyDBSubnetGroup" },
  ["AWS::Redshift::ClusterSubnetGroup"] = { "redshift", "ModifyClusterSubnetGroup" },
}

local function has(T, path)
  return T.properties[path] ~= nil or (T.attributes or {})[path] ~= nil
end

describe("what stands in zones", function()
  it("names types, properties and attributes of the catalogue", function()
    for name, rule in pairs(stands) do
      local T = assert(catalogue.type(name), name)
      assert.is_true(has(T, rule.by), name .. "." .. rule.by)
      for _, path in ipairs(rule.zones or {}) do assert.is_true(has(T, path), name .. "." .. path) end
      assert(catalogue.type(rule.of), rule.of)
      assert.truthy(stands[rule.of] or MODIFY[rule.of], rule.of)
    end
  end)

  it("stands in groups that have subnets, whose service refuses to let go of them", function()
    for name, op in pairs(MODIFY) do
      assert.truthy(catalogue.type(name).properties.SubnetIds, name)
      local refuses = false
      for _, e in ipairs(assert(assert(catalogue.service(op[1])):operation(op[2])).errors) do
        refuses = refuses or tostring(type(e) == "table" and e.shape or e):match "InUse" ~= nil
      end
      assert.is_true(refuses, name)
    end
  end)
end)
