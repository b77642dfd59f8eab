--- Filters as EC2 and its relatives take them: names with lists of values, `*` and `?` as
--- wildcards, `tag:Key` and `tag-key`.
local filter = {}

-- Collects the values under a dotted path; lists on the way are walked.
local function collect(v, path, at, out)
  if v == nil then return end
  local key, rest = path:match("^([^.]+)%.?(.*)$", at)
  if not key then
    if type(v) == "table" then
      for _, item in ipairs(v) do collect(item, "", 1, out) end
    else
      out[#out + 1] = tostring(v)
    end
    return
  end
  if type(v) ~= "table" then return end
  if v[1] ~= nil then
    for _, item in ipairs(v) do collect(item, path, at, out) end
    return
  end
  collect(v[key], rest, 1, out)
end

local function matcher(value)
  if not value:find("[*?]") then return function(s) return s == value end end
  local lua = value:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", ".")
  lua = "^" .. lua .. "$"
  return function(s) return s:find(lua) ~= nil end
end

local function tag_values(row, name)
  local out = {}
  for _, t in ipairs(row.Tags or row.TagSet or {}) do
    if name == nil then out[#out + 1] = t.Key elseif t.Key == name then out[#out + 1] = t.Value end
  end
  return out
end

--- Keeps the rows that satisfy every filter.
---@param ctx sim.Context
---@param rows table[]
---@param filters { Name: string, Values: string[] }[]|nil
---@param known table<string, string|fun(row:table, ctx:sim.Context):any> filter name → path or function
---@return table[]
function filter.apply(ctx, rows, filters, known)
  if not filters or not filters[1] then return rows end
  local tests = {}
  for _, f in ipairs(filters) do
    local name, values = f.Name or "", {}
    for i, v in ipairs(f.Values or {}) do values[i] = matcher(v) end
    local how = known[name]
    local get
    if name:sub(1, 4) == "tag:" then
      get = function(row) return tag_values(row, name:sub(5)) end
    elseif name == "tag-key" then
      get = function(row) return tag_values(row) end
    elseif type(how) == "string" then
      get = function(row)
        local out = {}
        collect(row, how, 1, out)
        return out
      end
    elseif how then
      get = function(row)
        local out = {}
        collect(how(row, ctx), "", 1, out)
        return out
      end
    else
      ctx:fail("InvalidParameterValue", ("The filter '%s' is invalid"):format(name))
    end
    tests[#tests + 1] = { get = get, values = values }
  end
  local list = {}
  for _, row in ipairs(rows) do
    local keep = true
    for _, t in ipairs(tests) do
      local hit = false
      for _, got in ipairs(t.get(row)) do
        for _, want in ipairs(t.values) do
          if want(got) then hit = true end
        end
      end
      if not hit then
        keep = false
        break
      end
    end
    if keep then list[#list + 1] = row end
  end
  return list
end

return filter
