--- Modules: `cso.module { inputs, build }` describes one, `cso.use(name, address) { inputs }` builds
--- it. What it declares lives under its address.
local lazy = require("cso.std.lazy")
local env = lazy "cso.playbook.env"
local evaluation = require("cso.playbook.evaluation")
local names = require("cso.playbook.names")
local schema = lazy "cso.std.schema"
local source = require("cso.playbook.source")
local where = require("cso.std.where")

local module = {}

local mt = { __name = "cso.module" }
local fields = { inputs = true, build = true, description = true }

--- Describes a module.
---@param spec { inputs: table?, build: fun(inputs: table): any, description: string? }
---@return table
function module.describe(spec)
  if type(spec) ~= "table" then evaluation.fail("module", "cso.module needs a table") end
  for k in pairs(spec) do
    if not fields[k] then
      evaluation.fail("module", ("cso.module has no field %s"):format(tostring(k)),
        { hint = "it takes inputs and build" })
    end
  end
  if type(spec.build) ~= "function" then
    evaluation.fail("module", "cso.module needs build: a function of the inputs")
  end
  return setmetatable({
    inputs = env.schema(spec.inputs or {}, "the module's inputs"), build = spec.build,
    description = spec.description,
  }, mt)
end

--- The loader of a module inside of csorun.
local function embedded(name)
  for i = 2, #package.searchers do
    local loader, extra = package.searchers[i](name)
    if type(loader) == "function" then
      where.mark(debug.getinfo(loader, "S").source)
      return function() return loader(name, extra) end
    end
  end
end

--- A user's file by module name: beside the file that asks, else beside the playbook.
local function own_file(e, name)
  local rel = name:find("/", 1, true) and name or name:gsub("%.lua$", ""):gsub("%.", "/") .. ".lua"
  if not rel:match("%.lua$") then rel = rel .. ".lua" end
  local asking = where.at(1)
  local dirs = { asking and e.dirs[asking] or e.dir, e.dir }
  local tried = {}
  for _, dir in ipairs(dirs) do
    for _, form in ipairs { rel, (rel:gsub("%.lua$", "/init.lua")) } do
      local path = source.join(dir, form)
      local text = source.read(path)
      if text then return path, text end
      tried[#tried + 1] = path
    end
  end
  return nil, tried
end

--- What `require` is in a playbook: csorun's own modules, files beside the playbook, and whatever
--- else Lua finds. Written in Lua, so that a file may wait for the API while it is loaded.
---@param e cso.Evaluation
---@param name string
---@return any
function module.require(e, name)
  if name:match("^cso%.") and not name:match("^cso%.modules%.") then return require(name) end
  if e.loaded[name] ~= nil then return e.loaded[name] end
  local loader
  if name:match("^cso%.modules%.") then
    loader = embedded(name)
  elseif package.loaded[name] ~= nil then
    return package.loaded[name]
  else
    local path, text = own_file(e, name)
    if path then
      local problem
      loader, problem = source.compile(path, e.globals, text)
      if not loader then error(problem, 0) end
      e.dirs[path] = source.dir(path)
    end
  end
  if not loader then
    if name:match("^cso%.modules%.") then
      evaluation.fail("module", ("there is no module %s"):format(name))
    end
    return require(name)
  end
  local result = loader(name)
  if result == nil then result = true end
  e.loaded[name] = result
  return result
end

local function find(e, name)
  if getmetatable(name) == mt then return name end
  local found
  if type(name) == "string" and (name:match("^cso%.modules%.") or package.preload[name]) then
    found = module.require(e, name)
  elseif type(name) == "string" then
    local path, tried = own_file(e, name)
    if not path then
      evaluation.fail("module", ("there is no module %s"):format(name),
        { hint = "tried " .. table.concat(tried, ", ") })
    end
    found = module.require(e, name)
  end
  if getmetatable(found) ~= mt then
    evaluation.fail("module", ("%s is no module"):format(tostring(name)),
      { hint = "it has to return cso.module { inputs = …, build = … }" })
  end
  return found
end

--- `cso.use(name, address) { inputs }`.
---@param name string|table   module name, path, or what cso.module gave
---@param address string?     default: the last part of the name
---@param target table?
---@return fun(inputs: table): any
function module.use(name, address, target)
  local e = evaluation.declaring("cso.use")
  local found = find(e, name)
  if address == nil then
    if type(name) ~= "string" then
      evaluation.fail("module", "a module that is a value needs an address: cso.use(module, \"net\")")
    end
    address = name:gsub("%.lua$", ""):match("([^./]+)$")
  end
  if not names.is_module(address) then
    evaluation.fail("module", ("%s is no address for a module"):format(tostring(address)),
      { hint = "letters, digits and _ - + = : @ make one" })
  end
  local file, line = where.at(1)
  local here = file and file .. ":" .. line
  local begun = evaluation.unfinished(e, "cso.use", tostring(name), { file = file, line = line })
  return function(inputs)
    evaluation.finished(e, begun)
    local at = evaluation.standpoint(e)
    local path = at.module .. address .. "/"
    if e.modules[path] then
      evaluation.fail("duplicate", ("the module address %s is used twice: first at %s"):format(
        path:sub(1, -2), e.modules[path]),
        { hint = ("give this one its own: cso.use(%q, \"other-name\")"):format(tostring(name)) })
    end
    e.modules[path] = here or e.file
    local checked, faults = schema.check(found.inputs, inputs or {})
    if faults then
      local problems = {}
      for i, f in ipairs(faults) do problems[i] = f.path .. " " .. f.message end
      evaluation.fail("inputs", #problems == 1 and ("module %s: %s"):format(address, problems[1])
        or ("module %s has %d faults in its inputs"):format(address, #problems),
        { problems = #problems > 1 and problems or nil, where = here })
    end
    local outer, outer_target = at.module, at.target
    at.module, at.target = path, target or at.target
    local result = found.build(env.strict(checked, found.inputs, "the module's inputs"))
    at.module, at.target = outer, outer_target
    return result
  end
end

return module
