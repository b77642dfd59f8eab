--- cso.env: the environment of a playbook. A YAML file, overlays merged onto it, CSO_VAR_* and
--- --set over both, checked against a schema with the origin of every fault.
local deep = require("cso.std.deep")
local evaluation = require("cso.playbook.evaluation")
local schema = require("cso.std.schema")
local source = require("cso.playbook.source")
local suggest = require("cso.std.suggest")

local env = {}

local function config(message, more)
  more = more or {}
  more.class = "config"
  evaluation.fail("environment", message, more)
end

local function decode(text, name)
  local data, lines = require("cso.std.yaml").decode(text, name)
  if data == nil and type(lines) == "table" and lines.message then
    config(lines.message, { where = name .. (lines.line and ":" .. lines.line or ""), hint = lines.hint })
  end
  return data, lines or {}
end

--- Where the environment of a playbook may lie, best first.
local function candidates(e)
  local base = e.file:match("([^/]+)%.lua$") or e.file:match("([^/]+)$")
  local given = e.opts.env_file
  if given then
    local list = { given }
    if not given:find("[/.]") then
      for _, dir in ipairs { e.dir, source.join(e.dir, "..") } do
        list[#list + 1] = source.join(dir, "envs/" .. given .. ".yaml")
      end
    end
    return list
  end
  return {
    source.join(e.dir, "envs/" .. base .. ".yaml"), source.join(e.dir, "../envs/" .. base .. ".yaml"),
  }
end

local function read_yaml(path, origins)
  local text, message = source.read(path, source.LARGEST_YAML)
  if not text then return nil, message end
  local data, lines = decode(text, path)
  if type(data) == "userdata" then data = {} end -- an empty file is null
  if type(data) ~= "table" or #data > 0 then
    config("an environment is a map of names to values", { where = path .. ":1" })
  end
  for key, line in pairs(lines) do origins[key] = path .. ":" .. line end
  return data
end

local function base_file(e, origins)
  local tried = candidates(e)
  for _, path in ipairs(tried) do
    local data = read_yaml(path, origins)
    if data then return data, path end
  end
  if e.opts.env_file then
    config("there is no environment file " .. e.opts.env_file, { hint = "see --env" })
  end
  return {}, nil, tried
end

local function overlays(e, data, origins)
  for _, path in ipairs(e.opts.overlays or {}) do
    local own = {}
    local over, message = read_yaml(path, own)
    if not over then config("can't read the overlay " .. message, { hint = "see --overlay" }) end
    data = deep.merge(data, over)
    for key, place in pairs(own) do origins[key] = place end
  end
  return data
end

--- The type that the schema has for a dotted key, if any.
local function type_at(t, key)
  for step in key:gmatch("[^.]+") do
    if not t then return nil end
    if t.kind == "object" then
      t = t.options.fields[step]
    elseif t.kind == "list" or t.kind == "map" then
      t = t.options.of
    else
      return nil
    end
  end
  return t
end

local texts = {
  string = true, cidr = true, email = true, arn = true, domain = true, region = true, url = true,
  duration = true,
}

--- A value from a command line: text where the schema wants text, a YAML value elsewhere.
local function typed(t, key, text, origin)
  local want = type_at(t, key)
  if want and texts[want.kind] then return text end
  if want and want.kind == "enum" then
    for _, v in ipairs(want.options.values) do
      if tostring(v) == text then return v end
    end
    return text
  end
  local ok, data = pcall(decode, text, origin)
  if not ok then
    data.where = nil
    error(data, 0)
  end
  return data
end

local function set(data, key, v, origins, origin)
  local at, last, path = data, nil, nil
  for step in key:gmatch("[^.]+") do
    path = path and path .. "." .. step or step
    if last ~= nil then
      if type(at[last]) ~= "table" then
        at[last] = {}
        origins[path:match("^(.*)%.")] = origin
      end
      at = at[last]
    end
    last = #at > 0 and math.tointeger(tonumber(step)) or step
  end
  at[last] = v
  origins[key] = origin
end

local function variables(e, t, data, origins)
  local names = {}
  for name in pairs(e.opts.environ or {}) do
    if name:match("^CSO_VAR_.") then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local key = name:sub(9):gsub("__", ".")
    set(data, key, typed(t, key, e.opts.environ[name], name), origins, name)
  end
  for _, assignment in ipairs(e.opts.sets or {}) do
    local key, text
    if type(assignment) == "table" then
      key, text = assignment[1] or assignment.key, assignment[2] or assignment.value
    else
      key, text = assignment:match("^([^=]+)=(.*)$")
    end
    if not key or not key:find("[^.]") then
      config(("--set %s: write --set key=value"):format(assignment), { class = "usage" })
    end
    set(data, key, typed(t, key, text, "--set " .. key), origins, "--set " .. key)
  end
end

--- The origin of a key: its own, or that of the nearest thing around it.
local function origin_of(origins, key)
  while key ~= "" do
    if origins[key] then return origins[key] end
    key = key:match("^(.*)%.[^.]*$") or ""
  end
end

local function refuse(faults, origins, path, tried)
  local problems, first = {}, nil
  for i, f in ipairs(faults) do
    local origin = origin_of(origins, f.key)
    local place = origin and origin:match(":%d+$") and origin
    first = first or place or (not origin and path)
    problems[i] = (origin and origin .. ": " or "") .. (f.path ~= "" and f.path .. " " or "") .. f.message
  end
  local name = path or "no environment file: tried " .. table.concat(tried or {}, ", ")
  local head = #problems == 1 and problems[1]
    or ("the environment has %d faults"):format(#problems)
  config(path and head or ("%s (%s)"):format(head, name), {
    where = first or "", problems = #problems > 1 and problems or nil,
  })
end

--- Makes a table refuse names that its schema doesn't have; pairs and # work as ever.
---@param v any
---@param t cso.Type
---@param what string
---@return any
function env.strict(v, t, what)
  if type(v) ~= "table" or getmetatable(v) then return v end
  if t.kind == "object" then
    for name, T in pairs(t.options.fields) do env.strict(rawget(v, name), T, what .. "." .. name) end
    if t.options.open then return v end
    return setmetatable(v, { __cso_plain = true, __index = function(_, key)
      if t.options.fields[key] or type(key) ~= "string" then return nil end
      local names = {}
      for name in pairs(t.options.fields) do names[#names + 1] = name end
      local best = suggest(key, names)
      evaluation.fail("key", ("%s has no %s"):format(what, key),
        { hint = best and ("did you mean %s?"):format(best) or nil })
    end })
  elseif t.kind == "list" then
    for i, item in ipairs(v) do env.strict(item, t.options.of, ("%s[%d]"):format(what, i)) end
  elseif t.kind == "map" then
    for k, item in pairs(v) do env.strict(item, t.options.of, what .. "." .. tostring(k)) end
  end
  return v
end

--- A schema as playbooks write it: a table of fields, or a type.
---@param given table
---@param what string
---@return cso.Type
function env.schema(given, what)
  if schema.is_type(given) then return given end
  if type(given) ~= "table" then
    evaluation.fail("schema", what .. " must be a table of fields: { name = cso.t.string, … }")
  end
  for name, t in pairs(given) do
    if not schema.is_type(t) then
      evaluation.fail("schema", ("%s: %s must be a type of cso.t"):format(what, tostring(name)))
    end
  end
  return schema.t.object(given)
end

local function schema_file(e, path, tried)
  local dirs = path and { source.dir(path) } or {}
  for _, other in ipairs(tried or {}) do dirs[#dirs + 1] = source.dir(other) end
  for _, dir in ipairs(dirs) do
    local file = source.join(dir, "schema.lua")
    local text = source.read(file)
    if text then
      local chunk, e2 = source.compile(file, e.globals, text)
      if not chunk then error(e2, 0) end
      return env.schema(chunk(), file)
    end
  end
  return nil
end

--- The environment of the current evaluation.
---@param given table?  fields or a type; default: schema.lua beside the environment file
---@return table
function env.load(given)
  local e = evaluation.declaring("cso.env")
  local origins = {}
  local data, path, tried = base_file(e, origins)
  local t = given ~= nil and env.schema(given, "the schema of cso.env") or schema_file(e, path, tried)
  data = overlays(e, data, origins)
  variables(e, t or schema.t.any, data, origins)
  local out, faults = data, nil
  if t then out, faults = schema.check(t, data) end
  if faults then refuse(faults, origins, path, tried) end
  for key, v in pairs(out) do e.environment[key] = v end
  e.has_environment = true
  if not t then return out end
  return env.strict(out, t, "the environment")
end

return env
