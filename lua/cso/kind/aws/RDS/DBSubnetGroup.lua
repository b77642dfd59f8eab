local kind = require "cso.kind.declare"

return kind "AWS::RDS::DBSubnetGroup" {
  service = "rds", name = { "DBSubnetGroupName", max = 255, lower = true },
  create = { "CreateDBSubnetGroup", take = "DBSubnetGroup", tags = "Tags", bare = true },
  read = {
    "DescribeDBSubnetGroups", by = "DBSubnetGroupName", take = "DBSubnetGroups[0]", tags = "read",
    shape = function(model, raw)
      local subnets, zones = {}, {}
      for i, s in ipairs(raw.Subnets or {}) do
        subnets[i], zones[s.SubnetIdentifier] = s.SubnetIdentifier, (s.SubnetAvailabilityZone or {}).Name
      end
      -- Where subnets lie that this stack knows by their ids alone.
      model.SubnetIds, model.zones = subnets, zones
      return model
    end,
  },
  update = { { "ModifyDBSubnetGroup", props = { "SubnetIds", "DBSubnetGroupDescription" }, always = { "SubnetIds" } } },
  sets = { "SubnetIds" },
  -- RDS keeps its names in lower case, however they were written.
  same = { DBSubnetGroupName = function(want, have) return tostring(want):lower() == have end },
  tag_id = function(_, raw) return raw.DBSubnetGroupArn end,
  delete = { "DeleteDBSubnetGroup", retry = { "InvalidDBSubnetGroupStateFault" }, gone = { "DBSubnetGroupNotFoundFault" } },
  seconds = { create = 1, delete = 1 },
}
