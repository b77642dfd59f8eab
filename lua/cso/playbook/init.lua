--- Evaluates a playbook: runs the file in a fresh evaluation and gives what it declared.
local coroutines = require("cso.playbook.coroutines")
local err = require("cso.std.err")
local evaluation = require("cso.playbook.evaluation")
local hash = require("cso.std.hash")
local libraries = require("cso.playbook.libraries")
local outside = require("cso.playbook.outside")
local redact = require("cso.std.redact")
local source = require("cso.playbook.source")
local stack_tags = require("cso.playbook.stack_tags")
local value = require("cso.std.value")
local words = require("cso.playbook.words")

local playbook = {}

---@class cso.Program
---@field stack { name: string, tags: table<string, string>, region: string? }
---@field declarations table[]      in the order of the playbook
---@field by_address table<string, table>
---@field outputs { name: string, value: any, where: string? }[]  sorted by name
---@field checks { text: string, ok: boolean, hint: string?, where: string? }[]
---@field files table<string, string>  every file that was read -> SHA-256 of its content
---@field environment table<string, any>  what cso.env gave
---@field moved { from: string, to: string, where: string? }[]
---@field forgotten table<string, string>  address -> where that was said
---@field policies { id: string, fields: table, where: string? }[]  as they were written
---@field policy { builtin: boolean?, skip: table<string, string>?, where: string? }?
---@field file string
---@field evaluated "script"|"stack"

local known = {
  env_file = true, overlays = true, sets = true, environ = true, args = true, session = true, sim = true,
  identity = true, print = true, task = true, unguarded = true, outputs = true, stack = true, workspace = true,
  named = true,
}

-- Methods of values that are known later, for plain texts too: whether a template's result is known
-- now or later must not matter to the one who uses it.
local function extend_strings()
  local methods = getmetatable("").__index
  if methods.base64 then return end
  function methods.base64(s) return require("cso.std.hash").base64_encode(s) end
  function methods.map(s, fn) return fn(s) end
  function methods.value(s) return s end
  function methods.json(s) return require("cso.std.json").encode(s) end
end

-- The names that can be seen where a global was asked for: locals of the asking function, globals.
local function visible(own)
  local names = {}
  for i = 1, 250 do
    local name = debug.getlocal(4, i)
    if not name then break end
    if not name:find("^%(") then names[#names + 1] = name end
  end
  local asking = debug.getinfo(4, "f")
  for i = 1, 250 do
    local name = asking and debug.getupvalue(asking.func, i)
    if not name then break end
    if name ~= "_ENV" then names[#names + 1] = name end
  end
  for _, from in ipairs { own, _G } do
    for name in pairs(from) do names[#names + 1] = name end
  end
  return names
end

--- A misspelt variable is nil in Lua, and a property that is nil is a property that was not declared.
local function undefined(own, name)
  local near = require("cso.std.suggest")(tostring(name), visible(own))
  evaluation.fail("undefined", ("the variable %s is not defined"):format(tostring(name)),
    { hint = near and ("did you mean %s?"):format(near) or nil })
end

--- The globals of a playbook: Lua's own, with a `require` that may wait and that finds files beside
--- the playbook. What the playbook sets stays in its own table.
local function globals(e)
  local own = {}
  local module = require("cso.playbook.module")
  function own.require(name) return libraries.named(name) and own[name] or module.require(e, name) end
  -- What a playbook prints stands in logs: no secret that a step has opened goes there. It is the playbook that
  -- prints, by the word that it was given.
  function own.print(...)
    local parts = table.pack(...)
    for i = 1, parts.n do parts[i] = redact.text(tostring(parts[i])) end
    return _G.print(table.unpack(parts, 1, parts.n))
  end
  own.os, own.io = outside.os(e), outside.io()
  own._G = own
  own.coroutine = coroutines
  own.getmetatable = function(v) return libraries.metatable(own, v) end
  return setmetatable(own, { __index = function(_, name)
    local v = libraries.take(own, name) or _G[name]
    if v == nil then return undefined(own, name) end
    return v
  end })
end

local LONGEST_NAME = 128

-- By the file's name. Two files must not get the same name: one would take what the other made for its own.
local function default_stack(path)
  local base = path:match("([^/]+)$"):gsub("%.lua$", "")
  local name = base:gsub("[^%w._-]+", "-"):gsub("^[._-]+", "")
  if name ~= base or #name > LONGEST_NAME then
    local digest = hash.sha256_hex(base):sub(1, 8)
    name = (name:sub(1, LONGEST_NAME - #digest - 1) .. "-" .. digest):gsub("%-+", "-"):gsub("^%-", "stack-")
  end
  return { name = name, tags = {} }
end

--- Every declaration remembers its region: another AWS_REGION tomorrow must not look for things in
--- the wrong place, or make them a second time.
local function locate_all(e)
  local session = e.opts.session
  local region = session and session:region()
  if not region then return end
  for _, decl in ipairs(e.declarations) do
    decl.target = decl.target or {}
    decl.target.region = decl.target.region or region
  end
end

local function by_name(outputs)
  local list = {}
  for _, output in pairs(outputs) do list[#list + 1] = output end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- Begins an evaluation without a file: for the REPL and for specs. It stays the current one.
---@param name string  what stands for the file in messages
---@param opts table?  as for playbook.load
---@return cso.Evaluation
function playbook.begin(name, opts)
  opts = opts or {}
  for k in pairs(opts) do
    if not known[k] then error("playbook.load has no option " .. tostring(k), 2) end
  end
  extend_strings()
  local e = evaluation.new(name, opts)
  e.words = words.of(e)
  e.globals = globals(e)
  e.dirs[name] = e.dir
  evaluation.enter(e)
  return e
end

--- `EC2.VPC "main"` and nothing behind it declares nothing: surely not what was meant.
local function unfinished(e)
  local first
  for _, one in ipairs(e.unfinished) do
    local key = ("%s:%09d"):format(one.where.file or "", one.where.line or 0)
    if not one.finished and (not first or key < first.key) then first = { key = key, one = one } end
  end
  if not first then return nil end
  local one = first.one
  return err.new {
    code = "unfinished", class = "usage", where = evaluation.place(one.where),
    message = ("%s %q has no table behind it"):format(one.what, one.name),
    hint = ("write %s %q { … }; an empty one is { }"):format(one.what, one.name),
  }
end

--- What an evaluation has declared; after this it declares no more.
---@param e cso.Evaluation
---@return cso.Program?
---@return cso.Err?
function playbook.finish(e)
  local problem = unfinished(e)
  if problem then return nil, problem end
  e.phase = "done"
  stack_tags(e.declarations, e.stack and e.stack.tags or {})
  locate_all(e)
  local declared = #e.declarations > 0 or next(e.outputs) ~= nil or e.stack ~= nil or #e.checks > 0
    or #e.moved > 0 or next(e.forgotten) ~= nil
  local stack = e.stack or e.opts.stack and { name = e.opts.stack, tags = {} } or default_stack(e.file)
  return {
    stack = { name = stack.name, tags = stack.tags, region = stack.region, state = stack.state },
    declarations = e.declarations, by_address = e.by_address, outputs = by_name(e.outputs),
    checks = e.checks, files = e.files, environment = e.environment, file = e.file,
    moved = e.moved, forgotten = e.forgotten, policies = e.policies, policy = e.policy,
    evaluated = declared and "stack" or "script",
  }
end

--- Runs a playbook and gives its program. Must be called inside of a task when the playbook calls
--- the API. opts: env_file, overlays (files), sets ("a.b=c" or {key, value}), environ (map), args,
--- session, sim, identity (fn), print (fn(text), for cso.print), task (cso.task), outputs (fn(name,
--- fail), for cso.outputs), stack (the name that a workspace gives it), workspace (its file), named
--- (fn(name, state), told as soon as cso.stack says so).
---@param path string
---@param opts table?
---@return cso.Program?
---@return cso.Err?
function playbook.load(path, opts)
  local before = evaluation.current()
  local e = playbook.begin(path, opts)
  local chunk, problem = source.compile(path, e.globals)
  local results
  if chunk then
    results, problem = source.call(chunk, table.unpack(e.opts.args or {}))
  end
  -- As a playbook it would declare nothing, which reads as if all were done.
  if results and type(results[1]) == "table" and type(results[1].stacks) == "table" and not e.has_environment then
    results, problem = nil, err.new { code = "workspace", class = "usage", where = path .. ":1",
      message = path .. " is a workspace file, not a playbook", hint = "say --all before it: csorun plan --all " .. path }
  end
  local set = (e.opts.sets or {})[1]
  if results and set and not e.has_environment then
    results, problem = nil, err.new { code = "environment", class = "usage", where = path .. ":1",
      message = ("--set %s: the playbook asks for no environment"):format(type(set) == "table" and (set[1] or set.key) or set),
      hint = "it says what may be set: local env = cso.env { name = cso.t.string }" }
  end
  if not results then
    evaluation.enter(before)
    return nil, err.wrap(problem, "usage")
  end
  -- The evaluation stays the current one: its steps and mapped functions still use its words.
  return playbook.finish(e)
end

--- What a declaration refers to, for people: "EC2.VPC.main.VpcId".
playbook.describe = value.describe

return playbook
