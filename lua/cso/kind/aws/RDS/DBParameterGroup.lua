local deep = require "cso.std.deep"
local kind = require "cso.kind.declare"

local function pages(r, source)
  local out, marker = {}, nil
  repeat
    local page = r:call("DescribeDBParameters", { DBParameterGroupName = r.id, Source = source, Marker = marker })
    for _, p in ipairs(page.Parameters or {}) do out[p.ParameterName] = p end
    marker = page.Marker
  until not marker or marker == ""
  return out
end

local function chunks(list, size, fn)
  for first = 1, #list, size do fn({ table.unpack(list, first, math.min(first + size - 1, #list)) }) end
end

--- A static parameter waits for the next restart; asking for "immediate" would be refused.
local function set(r, want, have)
  local known, changes, resets = pages(r), {}, {}
  local function method(name)
    return known[name] and known[name].ApplyType == "static" and "pending-reboot" or "immediate"
  end
  for name, v in deep.sorted_pairs(want or {}) do
    changes[#changes + 1] = { ParameterName = name, ParameterValue = tostring(v), ApplyMethod = method(name) }
  end
  for name in deep.sorted_pairs(have or {}) do
    if (want or {})[name] == nil then resets[#resets + 1] = { ParameterName = name, ApplyMethod = method(name) } end
  end
  chunks(changes, 20, function(list) r:call("ModifyDBParameterGroup", { DBParameterGroupName = r.id, Parameters = list }) end)
  chunks(resets, 20, function(list) r:call("ResetDBParameterGroup", { DBParameterGroupName = r.id, Parameters = list }) end)
end

return kind "AWS::RDS::DBParameterGroup" {
  service = "rds", name = { "DBParameterGroupName", max = 255, lower = true },
  create = { "CreateDBParameterGroup", take = "DBParameterGroup", tags = "Tags", rename = { Family = "DBParameterGroupFamily" },
    skip = { "Parameters" }, bare = true },
  read = {
    "DescribeDBParameterGroups", by = "DBParameterGroupName", take = "DBParameterGroups[0]", tags = "read",
    rename = { DBParameterGroupFamily = "Family" },
    shape = function(model, _, r)
      local parameters = {}
      for name, p in pairs(pages(r, "user")) do parameters[name] = p.ParameterValue end
      model.Parameters = parameters
      return model
    end,
  },
  update = { Parameters = set },
  same = {
    DBParameterGroupName = function(want, have) return tostring(want):lower() == have end,
    Parameters = function(want, have)
      have = have or {}
      for name, v in pairs(want or {}) do
        if have[name] ~= tostring(v) then return false end
      end
      for name in pairs(have) do
        if (want or {})[name] == nil then return false end
      end
      return true
    end,
  },
  defaults = { Parameters = {} },
  tag_id = function(_, raw) return raw.DBParameterGroupArn end,
  delete = { "DeleteDBParameterGroup", retry = { "InvalidDBParameterGroupState", "InvalidDBParameterGroupStateFault" } },
  seconds = { create = 1, delete = 1 },
}
