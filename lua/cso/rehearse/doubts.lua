--- Second opinions. The simulator's lists of engine versions and the like are not as long as AWS's, and
--- it has no default VPC: when it refuses for that, the account is asked.
local function has_some(out, member)
  return out ~= nil and out[member] ~= nil and #out[member] > 0
end

-- By type: (desired properties, ask) -> what the account knows and the simulator does not, or nil.
local opinions = {
  ["AWS::EC2::Instance"] = function(_, ask)
    local out = ask("ec2", "DescribeVpcs", { Filters = { { Name = "is-default", Values = { "true" } } } })
    return has_some(out, "Vpcs") and "the default VPC"
  end,
  ["AWS::RDS::DBInstance"] = function(d, ask)
    local out = ask("rds", "DescribeOrderableDBInstanceOptions", { Engine = d.Engine, EngineVersion = d.EngineVersion,
      DBInstanceClass = d.DBInstanceClass, MaxRecords = 20 })
    return has_some(out, "OrderableDBInstanceOptions")
      and ("%s %s on %s"):format(d.Engine, d.EngineVersion or "", d.DBInstanceClass)
  end,
}

-- The messages in which the simulator speaks of its own lists.
local of_lists = { "^Invalid DB Instance class", "^Cannot find version", "^Invalid DB engine", "^No default VPC" }

local function speaks_of_a_list(message)
  for _, pattern in ipairs(of_lists) do
    if message:gsub("^[%w-]+%.%w+: %w+: ", ""):match(pattern) then return true end
  end
  return false
end

--- Why a refusal says nothing of the account, or nil.
---@param session table   the real one
---@param node table
---@param e cso.Err
---@return string?
return function(session, node, e)
  local opinion = opinions[node.type]
  if not opinion or not node.desired or not speaks_of_a_list(e.message or "") then return nil end
  local known = opinion(node.desired, function(service, operation, params)
    local client = session:client(service, node.decl and node.decl.target)
    return client and client:call(operation, params)
  end)
  return known and ("the simulator does not know %s, but the account does"):format(known) or nil
end
