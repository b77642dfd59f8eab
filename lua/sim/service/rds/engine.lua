--- What can be ordered: engine versions and instance classes.
local engine = {}

local versions = {
  mysql = { "8.0.39", "8.0.40", "8.0.41", "8.0.42", "8.0.43", "8.4.3", "8.4.4", "8.4.5", "8.4.6" },
  mariadb = { "10.6.22", "10.11.13", "11.4.7" },
  postgres = { "13.21", "14.18", "15.13", "16.9", "17.5" },
}
local families = { mysql = "mysql%s", mariadb = "mariadb%s", postgres = "postgres%s" }

local lines = { "t3", "t4g", "m5", "m5d", "m6g", "m6i", "m7g", "m7i", "r5", "r5b", "r6g", "r6i", "r7g", "r7i", "x2g" }
local sizes = { "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge",
  "24xlarge" }
local small = { micro = true, small = true, medium = true }

--- The versions of an engine, or nil.
function engine.versions(name) return versions[name] end

--- The full version that a request for "8.0" or "8.0.42" gets, or nil.
function engine.resolve(name, wanted)
  local list = versions[name]
  if not list then return nil end
  if not wanted then return name == "mysql" and "8.4.6" or list[#list] end
  local found
  for _, v in ipairs(list) do
    if v == wanted or v:sub(1, #wanted + 1) == wanted .. "." then found = v end
  end
  return found
end

--- The parameter group family of a version.
function engine.family(name, version)
  local line = name == "postgres" and version:match("^%d+") or version:match("^%d+%.%d+")
  return families[name]:format(line)
end

--- True when RDS offers this instance class: it never offered the c family.
function engine.has_class(class)
  local line, size = class:match("^db%.(%w+)%.(%w+)$")
  if not line then return false end
  local known_line, known_size = false, false
  for _, l in ipairs(lines) do known_line = known_line or l == line end
  for _, s in ipairs(sizes) do known_size = known_size or s == size end
  local burst = line:match("^t") ~= nil
  if burst then return known_line and known_size and not size:match("^[48]xlarge$") and not size:match("^%d%dxlarge$") end
  return known_line and known_size and not small[size]
end

local handlers = {}

function handlers.DescribeDBEngineVersions(ctx, input)
  local list = {}
  for name, all in pairs(versions) do
    if not input.Engine or input.Engine == name then
      for _, v in ipairs(all) do
        if not input.EngineVersion or v == input.EngineVersion or v:sub(1, #input.EngineVersion + 1) == input.EngineVersion
          .. "." then
          list[#list + 1] = { Engine = name, EngineVersion = v, DBParameterGroupFamily = engine.family(name, v),
            DBEngineDescription = name, DBEngineVersionDescription = name .. " " .. v, Status = "available",
              ValidUpgradeTarget = {} }
        end
      end
    end
  end
  table.sort(list, function(a, b) return a.Engine .. a.EngineVersion < b.Engine .. b.EngineVersion end)
  local page, marker = ctx:page(list, input.Marker, input.MaxRecords, 100, "InvalidParameterValue")
  return { DBEngineVersions = page, Marker = marker }
end

function handlers.DescribeOrderableDBInstanceOptions(ctx, input)
  local list = {}
  for _, line in ipairs(lines) do
    for _, size in ipairs(sizes) do
      local class = ("db.%s.%s"):format(line, size)
      if engine.has_class(class) and (not input.DBInstanceClass or input.DBInstanceClass == class) then
        list[#list + 1] = { Engine = input.Engine, EngineVersion = input.EngineVersion, DBInstanceClass = class,
          LicenseModel = "general-public-license",
          MultiAZCapable = true, StorageType = "gp3", SupportsStorageEncryption = true, SupportsPerformanceInsights = true,
            Vpc = true,
          SupportsEnhancedMonitoring = true }
      end
    end
  end
  local page, marker = ctx:page(list, input.Marker, input.MaxRecords, 100, "InvalidParameterValue")
  return { OrderableDBInstanceOptions = page, Marker = marker }
end

return setmetatable(handlers, { __index = engine })
