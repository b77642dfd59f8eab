local kind = require "cso.kind.declare"

return kind "AWS::RDS::DBSubnetGroup" {
  service = "rds", name = { "DBSubnetGroupName", max = 255, lower = true },
  create = { "CreateDBSubnetGroup", take = "DBSubnetGroup", tags = "Tags", bare = true },
  read = {
    "DescribeDBSubnetGroups", by = "DBSubnetGroupName", take = "DBSubnetGroups[0]", tags = "read",
    shape = function(model, raw)
      local subnets = {}
      for i, s in ipairs(raw.Subnets or {}) do subnets[i] = s.SubnetIdentifier end
      model.SubnetIds = subnets
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
