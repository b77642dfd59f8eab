--- DB subnet groups.
local base = require "sim.service.rds.base"

local group = {}

local function place(ctx, ids)
  local subnets, zones, vpc = {}, {}, nil
  for i, id in ipairs(ids) do
    local row = ctx:of("ec2"):table("Subnet"):get(id)
    if not row then ctx:fail("InvalidSubnet", ("The subnet ID '%s' does not exist"):format(id)) end
    if vpc and vpc ~= row.VpcId then ctx:fail("InvalidSubnet", "The DB subnet group's subnets must all be in the same VPC.") end
    vpc, zones[row.AvailabilityZone] = row.VpcId, true
    subnets[i] = { SubnetIdentifier = id, SubnetAvailabilityZone = { Name = row.AvailabilityZone }, SubnetStatus = "Active",
      SubnetOutpost = {} }
  end
  local count = 0
  for _ in pairs(zones) do count = count + 1 end
  if count < 2 then
    ctx:fail("DBSubnetGroupDoesNotCoverEnoughAZs",
      "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
      .. (next(zones) or "none") .. ". Add subnets to cover at least 2 AZs.")
  end
  return subnets, vpc
end

function group.CreateDBSubnetGroup(ctx, input)
  local name = input.DBSubnetGroupName:lower()
  if name == "default" or #name > 255 or not name:match("^[%w_.%- ]+$") then
    ctx:fail("InvalidParameterValue", "The parameter DBSubnetGroupName is not a valid identifier.")
  end
  if ctx:table("DBSubnetGroup"):get(name) then
    ctx:fail("DBSubnetGroupAlreadyExists", ("The DB subnet group '%s' already exists."):format(name))
  end
  local subnets, vpc = place(ctx, input.SubnetIds)
  local row = { DBSubnetGroupName = name, DBSubnetGroupDescription = input.DBSubnetGroupDescription, VpcId = vpc,
    SubnetGroupStatus = "Complete", Subnets = subnets, SupportedNetworkTypes = { "IPV4" },
    DBSubnetGroupArn = ctx:arn("subgrp:" .. name), _tags = input.Tags or {} }
  base.save(ctx, "DBSubnetGroup", row)
  return { DBSubnetGroup = row }
end

function group.DescribeDBSubnetGroups(ctx, input) return base.describe(ctx, input, "DBSubnetGroup", "DBSubnetGroups") end

local function users(ctx, name)
  return ctx:table("DBInstance"):list(function(db) return db._group == name end)
end

function group.ModifyDBSubnetGroup(ctx, input)
  local row = base.need(ctx, "DBSubnetGroup", input.DBSubnetGroupName)
  local subnets, vpc = place(ctx, input.SubnetIds)
  if vpc ~= row.VpcId and #users(ctx, row.DBSubnetGroupName) > 0 then
    ctx:fail("InvalidSubnet", "The subnets must stay in the VPC of the instances that use the group.")
  end
  local kept = {}
  for _, s in ipairs(subnets) do kept[s.SubnetIdentifier] = true end
  for _, db in ipairs(users(ctx, row.DBSubnetGroupName)) do
    for _, id in ipairs { db._subnet, db._standby } do
      if not kept[id] then
        ctx:fail("SubnetAlreadyInUse", ("The DB subnet %s is in use by %s"):format(id, db.DBInstanceIdentifier))
      end
    end
  end
  row.Subnets, row.VpcId = subnets, vpc
  if input.DBSubnetGroupDescription then row.DBSubnetGroupDescription = input.DBSubnetGroupDescription end
  base.save(ctx, "DBSubnetGroup", row)
  return { DBSubnetGroup = row }
end

function group.DeleteDBSubnetGroup(ctx, input)
  local row = base.need(ctx, "DBSubnetGroup", input.DBSubnetGroupName)
  local used = users(ctx, row.DBSubnetGroupName)
  if #used > 0 then
    ctx:fail("InvalidDBSubnetGroupStateFault",
      ("Cannot delete the subnet group '%s' because at least one database instance: %s is still using it."):format(
      row.DBSubnetGroupName, used[1].DBInstanceIdentifier))
  end
  ctx:table("DBSubnetGroup"):delete(row.DBSubnetGroupName)
  return {}
end

return group
