--- What cso.outputs reads: the outputs of another stack of the workspace, from its state. The run over
--- the workspace tells each stack's process in a variable which stacks it may read.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local json = require "cso.std.json"
local suggest = require "cso.std.suggest"
local value = require "cso.std.value"

local outputs = {}

--- The variable that tells a process of which workspace and stack it is. It never holds more than the
--- workspace file says.
outputs.VARIABLE = "CSORUN_WORKSPACE_STACK"

---@class cso.cmd.workspace.Place
---@field file string      the workspace file
---@field stack string
---@field state string?    where its state lies
---@field set string[]     "key=value": in no argument, because they may be secrets
---@field to_come string?  the file in which to tell what its outputs are going to be
---@field needs table<string, { state: string?, pending: boolean?, to_come: string? }>  pending: its outputs may still
---  change, what they lack is known later; to_come: the file that tells

--- Of which workspace and stack this process is.
---@param environ table<string, string>
---@return cso.cmd.workspace.Place?
function outputs.place(environ)
  local text = environ[outputs.VARIABLE]
  local place = text and text ~= "" and json.decode(text)
  return type(place) == "table" and place or nil
end

local function later(stack, name)
  return value.defer({ value.unknown { from = "stack " .. stack, path = name } }, function(list) return list[1] end)
end

-- A secret of another stack: its digest tells whether it changed, and its value is fetched from what keeps
-- it there. Where it was made is an address there, and nothing to this stack.
local function foreign(v, open)
  if type(v) ~= "table" then return v end
  if value.is_secret(v) then
    local facts = value.secret_info(v)
    return value.secret(nil, { digest = facts.digest, salt = facts.salt,
      fetch = function() return value.reveal(open(v)) end })
  end
  local out = {}
  for k, item in next, v do out[k] = foreign(item, open) end
  return setmetatable(out, getmetatable(v))
end

local function open_state(ctx, name, need)
  local shared, stack = require "cso.cmd.shared", require "cso.cmd.stack"
  local place = stack.path(ctx, name, need.state)
  local store, e
  if shared.is_one(place) then
    store, e = shared.open(ctx, place, { now = os.time })
  else
    local sealer
    sealer, e = require("cso.cmd.encryption").of(ctx)
    if sealer then store, e = require("cso.state").open { path = place, now = os.time, sealer = sealer } end
    if store then ctx:defer(function() store:close() end) end
  end
  return store, e, place
end

-- The outputs that are known, and the names of those that are going to be; no names where nobody has told.
local function read(ctx, place, name)
  local need = place.needs[name]
  if not need then
    local names = deep.keys(place.needs)
    local near = suggest(name, names)
    return nil, err.new { code = "not_needed", class = "config",
      message = ("stack %s reads %s, which is not among its needs in %s"):format(place.stack, name, place.file),
      hint = near and ("did you mean %s?"):format(near) or ("add it there: needs = { \"%s\" }"):format(name) }
  end
  local store, e, at = open_state(ctx, name, need)
  local to_come = require("cso.cmd.workspace.to_come").over
  if store then return to_come(ctx, foreign(store:outputs(), (require("cso.cmd.keepers")(ctx, store, name))), need.to_come) end
  if e.code ~= "no_state" then return nil, e end
  if need.pending then return to_come(ctx, {}, need.to_come) end
  return nil, err.new { code = "not_applied", class = "config",
    message = ("stack %s has no outputs yet: there is no state at %s"):format(name, at),
    hint = "apply it first: csorun apply --all; where its playbook says where its state is, say it in the workspace file" }
end

-- Reading only: a playbook that writes here means something else.
local function face(values, awaited, pending, name, fail)
  local function awaits(key)
    if awaited then return awaited[key] end
    return pending
  end
  return setmetatable({}, {
    __index = function(_, key)
      local v = values[key]
      if v ~= nil then return v end
      if awaits(key) then return later(name, tostring(key)) end
      local names = deep.keys(values)
      for _, one in ipairs(deep.keys(awaited or {})) do names[#names + 1] = one end
      table.sort(names)
      local near = suggest(tostring(key), names)
      fail("unknown_output", ("stack %s has no output %s"):format(name, tostring(key)),
        { hint = near and ("did you mean %s?"):format(near)
          or #names > 0 and "it has " .. table.concat(names, ", ") or "it has none" })
    end,
    __newindex = function() fail("outputs", ("the outputs of stack %s can only be read"):format(name)) end,
    __pairs = function() return next, values, nil end,
    __tostring = function() return ("the outputs of stack %s"):format(name) end,
  })
end

--- What playbook.load takes as its option `outputs`.
---@param ctx cso.cmd.Context
---@return fun(name: string, fail: fun(code: string, message: string, more: table?)): table?, cso.Err?
function outputs.reader(ctx)
  local place, known = outputs.place(ctx.environ), {}
  return function(name, fail)
    if not place then
      return nil, err.new { code = "no_workspace", class = "usage", message = "cso.outputs reads another stack of a workspace",
        hint = "run it by its workspace file: csorun plan --all [WORKSPACE] --only STACK" }
    end
    if not known[name] then
      local values, awaited = read(ctx, place, name)
      if not values then return nil, awaited end
      known[name] = face(values, awaited, place.needs[name].pending, name, fail)
    end
    return known[name]
  end
end

return outputs
