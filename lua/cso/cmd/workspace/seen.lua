--- What was shown of each stack's plan before the question was asked, and whether the plan that is made when
--- the stack's turn comes is still that one. A run over a workspace tells its processes where to keep it.
local deep = require "cso.std.deep"
local encryption = require "cso.cmd.encryption"
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local json = require "cso.std.json"
local plainly = require "cso.ui.plainly"

local seen = {}

local AS = "seen plan"
local LATER = plainly(require("cso.std.value").unknown {})

---@class cso.cmd.workspace.Seen   a part of what a stack's process is told
---@field file string
---@field how "keep"|"ask"|"tell"   keep: a plan is going to be shown; ask: another one is not carried out;
---  tell: it is said and carried out

-- A value that was to be known later may turn out to be anything.
local function fits(before, now)
  if before == LATER then return true end
  if type(before) ~= "table" or type(now) ~= "table" then return deep.equal(before, now) end
  for k, v in pairs(before) do
    if not fits(v, now[k]) then return false end
  end
  for k in pairs(now) do
    if before[k] == nil then return false end
  end
  return true
end

local function by(list, key)
  local out = {}
  for _, item in ipairs(list) do out[item[key]] = item end
  return out
end

-- The change that was shown for a path, or for what it lies in.
local function shown_for(changes, path)
  while path do
    if changes[path] then return changes[path] end
    path = path:match "^(.*)[%.%[][^%.%[]*$"
  end
end

local function other_change(before, now)
  local was, is = by(before.changes or {}, "path"), by(now.changes or {}, "path")
  for _, c in ipairs(now.changes or {}) do
    local shown = shown_for(was, c.path)
    if not shown then return c.path end
    if not shown.unknown and (shown.path ~= c.path or not fits(shown.after, c.after)) then return c.path end
  end
  for _, c in ipairs(before.changes or {}) do
    if not c.unknown and not fits(c.after, nil) and not is[c.path] then return c.path end
  end
end

-- An update of which nothing was known but that it might be one.
local function may_be_nothing(action)
  if action.action ~= "update" then return false end
  for _, c in ipairs(action.changes or {}) do
    if not c.unknown then return false end
  end
  return true
end

--- What of a plan is another than it was shown; nil when nothing is.
---@param before table[]   actions, plainly
---@param now table[]
---@return string?
function seen.difference(before, now)
  local was, is, names = by(before, "address"), by(now, "address"), {}
  for address in pairs(was) do names[address] = true end
  for address in pairs(is) do names[address] = true end
  for _, address in ipairs(deep.keys(names)) do
    local a, b = was[address], is[address]
    local old, new = a and a.action or "noop", b and b.action or "noop"
    if old ~= new and not (a and new == "noop" and may_be_nothing(a)) then
      return ("%s: %s was shown, now it is %s"):format(address, old, new)
    end
    local path = a and b and other_change(a, b)
    if path then return ("%s: %s is another change than was shown"):format(address, path) end
  end
end

local function actions_of(made)
  local out = {}
  for _, a in ipairs(made.actions) do
    if a.action ~= "noop" then
      local changes = {}
      for i, c in ipairs(a.changes or {}) do
        changes[i] = { path = c.path, unknown = c.unknown or nil, after = c.after }
      end
      out[#out + 1] = plainly { address = a.address, action = a.action, changes = json.array(changes) }
    end
  end
  return json.array(out)
end

local function keep(place, sealer, actions)
  local text, e = sealer:out(json.encode(actions, { sort = true }), AS)
  if not text then return nil, e end
  return fs.write_atomic(place.file, text, 384) -- 0600
end

--- Keeps or compares the plan of this process's stack.
---@param ctx cso.cmd.Context
---@param made table   the plan
---@return boolean? go_on   false: it has to be asked about again
---@return cso.Err?
function seen.check(ctx, made)
  local here = require("cso.cmd.workspace.outputs").place(ctx.environ)
  local place = here and here.seen
  if not place then return true end
  local sealer, e = encryption.of(ctx)
  if not sealer then return nil, e end
  local actions, before = actions_of(made), {}
  if place.how ~= "keep" and fs.stat(place.file) then
    local text
    text, e = fs.read(place.file)
    if text then text, e = sealer:back(text, AS) end
    if not text then return nil, err.wrap(e, "config") end
    before = json.decode(text)
  end
  local other = place.how ~= "keep" and seen.difference(before, actions)
  if place.how == "keep" or other then
    local ok
    ok, e = keep(place, sealer, actions)
    if not ok then return nil, err.wrap(e, "config") end
  end
  if not other then return true end
  ctx.note(("this is another plan than the one that was shown: %s\n"):format(other))
  return place.how == "tell"
end

return seen
