--- DB parameter groups. The engine's parameters are a short list of well-known ones; others of the
--- family are accepted as dynamic.
local base = require "sim.service.rds.base"

local group = {}

local families = { "mysql5.7", "mysql8.0", "mysql8.4", "mariadb10.11", "postgres13", "postgres14", "postgres15", "postgres16",
  "postgres17" }

local mysql = {
  { "autocommit", "dynamic", "boolean" }, { "binlog_format", "dynamic", "string" }, { "character_set_server", "dynamic",
    "string" },
  { "collation_server", "dynamic", "string" }, { "general_log", "dynamic", "boolean" }, { "innodb_buffer_pool_size", "dynamic",
    "integer" },
  { "innodb_file_per_table", "dynamic", "boolean" }, { "innodb_log_file_size", "static", "integer" },
    { "log_bin_trust_function_creators", "dynamic", "boolean" },
  { "log_output", "dynamic", "list" }, { "long_query_time", "dynamic", "float" }, { "lower_case_table_names", "static",
    "integer" },
  { "max_allowed_packet", "dynamic", "integer" }, { "max_connections", "dynamic", "integer" }, { "performance_schema", "static",
    "boolean" },
  { "require_secure_transport", "dynamic", "boolean" }, { "slow_query_log", "dynamic", "boolean" }, { "sql_mode", "dynamic",
    "list" },
  { "time_zone", "dynamic", "string" }, { "tls_version", "static", "list" }, { "wait_timeout", "dynamic", "integer" },
}

local by_name = {}
for _, p in ipairs(mysql) do by_name[p[1]] = p end

local function known_family(family)
  for _, f in ipairs(families) do
    if f == family then return true end
  end
  return false
end

function group.CreateDBParameterGroup(ctx, input)
  local name = base.check_name(ctx, (input.DBParameterGroupName:gsub("[._]", "-")), 255, "DBParameterGroupName")
    and input.DBParameterGroupName:lower()
  if ctx:table("DBParameterGroup"):get(name) then
    ctx:fail("DBParameterGroupAlreadyExists", ("Parameter group %s already exists"):format(name))
  end
  if not known_family(input.DBParameterGroupFamily) then
    ctx:fail("InvalidParameterValue",
      ("ParameterGroupFamily %s is not a valid parameter group family"):format(input.DBParameterGroupFamily))
  end
  local row = { DBParameterGroupName = name, DBParameterGroupFamily = input.DBParameterGroupFamily,
    Description = input.Description,
    DBParameterGroupArn = ctx:arn("pg:" .. name), _tags = input.Tags or {}, _values = {} }
  base.save(ctx, "DBParameterGroup", row)
  return { DBParameterGroup = row }
end

local function find(ctx, name)
  local family = name:match("^default%.(.+)$")
  if family and known_family(family) then
    local row = base.default_group(family)
    row.DBParameterGroupArn, row._values, row._tags = ctx:arn("pg:" .. name), {}, {}
    return row
  end
  return base.need(ctx, "DBParameterGroup", name)
end

function group.DescribeDBParameterGroups(ctx, input)
  if input.DBParameterGroupName then return { DBParameterGroups = { find(ctx, input.DBParameterGroupName) } } end
  return base.describe(ctx, input, "DBParameterGroup", "DBParameterGroups")
end

function group.ModifyDBParameterGroup(ctx, input)
  local row = base.need(ctx, "DBParameterGroup", input.DBParameterGroupName)
  if #input.Parameters > 20 then ctx:fail("InvalidParameterValue",
    "A maximum of 20 parameters can be modified in a single request.") end
  for _, p in ipairs(input.Parameters) do
    local known = by_name[p.ParameterName]
    if row.DBParameterGroupFamily:match("^mysql") and not known and not p.ParameterName:match("^[%l%d_]+$") then
      ctx:fail("InvalidParameterValue", "Could not find parameter with name: " .. tostring(p.ParameterName))
    end
    if known and known[2] == "static" and p.ApplyMethod == "immediate" then
      ctx:fail("InvalidParameterCombination", "cannot use immediate apply method for static parameter")
    end
    if known and known[3] == "boolean" and p.ParameterValue and not ({ ["0"] = 1, ["1"] = 1, ON = 1,
      OFF = 1 })[p.ParameterValue] then
      ctx:fail("InvalidParameterValue", ("Invalid parameter value: %s for: %s allowed values are: 0,1"):format(p.ParameterValue,
        p.ParameterName))
    end
  end
  for _, p in ipairs(input.Parameters) do row._values[p.ParameterName] = { p.ParameterValue, p.ApplyMethod
    or "pending-reboot" } end
  base.save(ctx, "DBParameterGroup", row)
  return { DBParameterGroupName = row.DBParameterGroupName }
end

function group.ResetDBParameterGroup(ctx, input)
  local row = base.need(ctx, "DBParameterGroup", input.DBParameterGroupName)
  if input.ResetAllParameters ~= false and not input.Parameters then row._values = {} end
  for _, p in ipairs(input.Parameters or {}) do row._values[p.ParameterName] = nil end
  base.save(ctx, "DBParameterGroup", row)
  return { DBParameterGroupName = row.DBParameterGroupName }
end

function group.DescribeDBParameters(ctx, input)
  local row, list, seen = find(ctx, input.DBParameterGroupName), {}, {}
  local function add(name, known)
    local set = row._values[name]
    seen[name] = true
    local source = set and "user" or "engine-default"
    if not input.Source or input.Source == source then
      list[#list + 1] = { ParameterName = name, ParameterValue = set and set[1] or nil, ApplyMethod = set and set[2]
        or "pending-reboot", Source = source,
        ApplyType = known and known[2] or "dynamic", DataType = known and known[3] or "string", IsModifiable = true }
    end
  end
  if row.DBParameterGroupFamily:match("^m") then
    for _, p in ipairs(mysql) do add(p[1], p) end
  end
  for name in pairs(row._values) do
    if not seen[name] then add(name) end
  end
  table.sort(list, function(a, b) return a.ParameterName < b.ParameterName end)
  local page, marker = ctx:page(list, input.Marker, input.MaxRecords, 100, "InvalidParameterValue")
  return { Parameters = page, Marker = marker }
end

function group.DeleteDBParameterGroup(ctx, input)
  local row = base.need(ctx, "DBParameterGroup", input.DBParameterGroupName)
  local used = ctx:table("DBInstance"):list(function(db) return db._parameters == row.DBParameterGroupName end)
  if #used > 0 then ctx:fail("InvalidDBParameterGroupState",
    "One or more database instances are still members of this parameter group " .. row.DBParameterGroupName
      .. ", so the group cannot be deleted") end
  ctx:table("DBParameterGroup"):delete(row.DBParameterGroupName)
  return {}
end

return group
