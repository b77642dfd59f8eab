--- The workspace file: which stacks there are, of which playbooks, and whom each one reads. It is Lua
--- that only computes: what it returns is data.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local graph = require "cso.graph"
local lazy = require "cso.std.lazy"
local schema = require "cso.std.schema"
local source = lazy "cso.playbook.source"
local suggest = require "cso.std.suggest"

local file = {}

--- The file that is meant where none is named.
file.DEFAULT = "workspace.lua"

local t = schema.t
local text = t.string { optional = true, min = 1 }

local SHAPE = t.object { stacks = t.map(t.object {
  playbook = t.string { min = 1 }, env = text, region = text, profile = text, state = text,
  needs = t.list(t.string, { default = {}, unique = true }),
  overlay = t.list(t.string, { default = {} }),
  set = t.map(t.any, { default = {} }),
}, { min = 1 }) }

---@class cso.cmd.workspace.Stack
---@field name string
---@field playbook string     a path that holds from where csorun runs
---@field where string        file:line of its entry
---@field needs string[]      stacks whose outputs it reads, sorted
---@field env string?
---@field overlay string[]
---@field set string[]        "key=value"
---@field region string?
---@field profile string?
---@field state string?

---@class cso.cmd.Workspace
---@field path string
---@field stacks table<string, cso.cmd.workspace.Stack>
---@field graph cso.Graph

local function copy(from, without)
  local out = {}
  for k, v in pairs(from) do out[k] = v end
  for _, k in ipairs(without) do out[k] = nil end
  return out
end

-- Nothing here reaches files, processes or csorun; the variables of the environment can be read.
local function words(environ)
  local own = { ipairs = ipairs, pairs = pairs, next = next, select = select, tonumber = tonumber, type = type,
    tostring = tostring, error = error, assert = assert, string = copy(string, { "dump" }), table = copy(table, {}),
    math = copy(math, { "random", "randomseed" }), utf8 = copy(utf8, {}),
    env = function(name) return environ[name] end }
  local names = deep.keys(own)
  return setmetatable(own, { __index = function(_, name)
    local near = suggest(tostring(name), names)
    error(("a workspace file has no %s%s"):format(tostring(name), near and ("; did you mean %s?"):format(near) or ""), 2)
  end })
end

-- The line on which a value was written: each step of its path is looked for within the table of the one
-- before. A file that computes its tables is told by the line of the last step that stands in it.
local function line_of(content, key)
  local at, last = 1, #content
  for step in key:gmatch "[^.]+" do
    local plain = step:gsub("%p", "%%%0")
    local found = content:find("%f[%w_]" .. plain .. "%f[^%w_]%s*=", at)
      or content:find("%[%s*[\"']" .. plain .. "[\"']%s*%]%s*=", at)
    if not found or found > last then break end
    local _, closing = content:find("^[^{\n]*%b{}", found)
    at, last = found, closing or last
  end
  return select(2, content:sub(1, at):gsub("\n", "")) + 1
end

local function fault(code, message, where, more)
  local e = { code = code, class = "config", message = message, where = where }
  for k, v in pairs(more or {}) do e[k] = v end
  return nil, err.new(e)
end

local function assignments(set)
  local list = {}
  local function add(prefix, values)
    for key, v in deep.sorted_pairs(values) do
      if type(v) == "table" and #v == 0 then
        add(prefix .. key .. ".", v)
      elseif type(v) == "table" then
        list[#list + 1] = prefix .. key .. "=" .. require("cso.std.json").encode(v)
      else
        list[#list + 1] = prefix .. key .. "=" .. tostring(v)
      end
    end
  end
  add("", set)
  return list
end

local function beside(dir, path)
  return path and source.join(dir, path)
end

-- An environment may be named without its path, and is then looked for beside the playbook.
local function env_file(dir, name)
  if not name or not name:find "[/.]" then return name end
  return source.join(dir, name)
end

local function shape(content, path, data)
  local out, faults = schema.check(SHAPE, data)
  if out then return out end
  local problems = {}
  for i, f in ipairs(faults) do
    problems[i] = ("%s:%d: %s %s"):format(path, line_of(content, f.key), f.path, f.message)
  end
  local first = faults[1]
  return fault("workspace", #faults == 1 and ("%s %s"):format(first.path, first.message)
    or ("the workspace has %d faults"):format(#faults), ("%s:%d"):format(path, line_of(content, first.key)),
    { problems = #faults > 1 and problems or nil })
end

local function check(stacks)
  local names, states = deep.keys(stacks), {}
  for _, name in ipairs(names) do
    local s = stacks[name]
    if not name:match "^[%w][%w._-]*$" or #name > 128 then
      return fault("workspace", ("%q is no name for a stack"):format(name), s.where,
        { hint = "letters, digits, dots, hyphens and underscores make one" })
    end
    for _, need in ipairs(s.needs) do
      if not stacks[need] then
        local near = suggest(need, names)
        return fault("unknown_stack", ("%s needs %s, and there is no stack of that name"):format(name, need), s.where,
          { hint = near and ("did you mean %s?"):format(near) or "there are " .. table.concat(names, ", ") })
      end
    end
    if s.state and states[s.state] then
      return fault("one_state", ("%s and %s have one state, %s"):format(states[s.state], name, s.state), s.where,
        { hint = "each stack needs a place of its own" })
    end
    if s.state and not s.state:match "/$" then states[s.state] = name end
    if (fs.stat(s.playbook) or {}).type ~= "file" then
      return fault("no_file", ("there is no playbook %s for stack %s"):format(s.playbook, name), s.where,
        { hint = "paths are taken from the folder of the workspace file" })
    end
  end
  return true
end

--- Reads a workspace file.
---@param path string
---@param environ table<string, string>
---@return cso.cmd.Workspace? workspace
---@return cso.Err?  class config or usage; with the file's line
function file.read(path, environ)
  local content, e = fs.read(path)
  if not content then
    return nil, err.new { code = "no_workspace", class = "usage", message = ("there is no workspace file %s"):format(path),
      hint = e.code ~= "enoent" and e.message or "csorun plan --all FILE names another" }
  end
  local chunk, results
  chunk, e = source.compile(path, words(environ), content)
  if not chunk then return nil, e end
  results, e = source.call(chunk)
  if not results then return nil, e end
  if type(results[1]) ~= "table" then
    return fault("workspace", "a workspace file returns a table: return { stacks = { … } }", path .. ":1")
  end
  local data
  data, e = shape(content, path, results[1])
  if not data then return nil, e end
  local dir, edges = source.dir(path), {}
  for name, s in pairs(data.stacks) do
    s.name, s.where = name, ("%s:%d"):format(path, line_of(content, "stacks." .. name))
    s.playbook, s.env = beside(dir, s.playbook), env_file(dir, s.env)
    for i, over in ipairs(s.overlay) do s.overlay[i] = beside(dir, over) end
    s.set = assignments(s.set)
    table.sort(s.needs)
    edges[name] = s.needs
  end
  local ok
  ok, e = check(data.stacks)
  if not ok then return nil, e end
  local made
  made, e = graph.build(edges)
  if not made then
    e.where, e.class, e.hint = data.stacks[e.chain[1]].where, "config", "take one of these out of `needs`"
    return nil, e
  end
  return { path = path, stacks = data.stacks, graph = made }
end

return file
