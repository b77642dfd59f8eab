--- A kind's whole life in an account: created, found unchanged, each mutable property changed and
--- found unchanged again, deleted, gone. The account is the simulator in this process, or the one
--- that CSORUN_LIFE_ENDPOINT names (the independent judge runs the same lives there).
---
---   local life = require "spec.life.harness"
---   life.of { name = "EC2 VPC", playbook = [[ local cso = require "cso" … ]],
---     edits = { { from = "EnableDnsHostnames = true", to = "EnableDnsHostnames = false",
---                 update = { "EC2.VPC.main" } } } }
---
--- An edit replaces plain text of the playbook and says what the plan has to show because of it,
--- and nothing else: update, replace, create, delete, run = lists of addresses. Edits add up.
local busted = require "busted"
local exceptions = require "spec.life.moto"
local task = require "cso.task"

local life = {}

local KEYS = { access_key = "AKIALIFE", secret_key = "life-secret", account = "123456789012" }
local ACTIONS = { "create", "update", "replace", "delete", "run", "adopt", "forget" }
local PATIENCE = 40 -- seconds for a life in a foreign account, where a state may never come
local SLEEP = 0.002 -- what any wait between two looks takes: nothing here takes time by itself

local function quick() return task.sleep(SLEEP) end

--- A clock by which an hour passes in twelve seconds: a wait that never ends fails the spec soon.
local function hasty() return task.now() * 300 end

local function session_at(url)
  return assert(require("cso.aws").session {
    env = { AWS_ACCESS_KEY_ID = KEYS.access_key, AWS_SECRET_ACCESS_KEY = KEYS.secret_key,
      AWS_REGION = "eu-west-2", AWS_ENDPOINT_URL = url, AWS_CONFIG_FILE = "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE = "/dev/null", AWS_EC2_METADATA_DISABLED = "true" },
    sleep = quick,
  })
end

---@class spec.life.World
---@field url string
---@field simulator table?   of require("sim").start; nil in a foreign account
---@field session table
---@field store table        the state, kept in memory
---@field file string        where the playbook is written
---@field load_opts table    more options of cso.playbook.load
local World = {}
World.__index = World

--- Opens an account with an empty state.
---@param opts { sim: table?, load: table?, file: string? }?  sim: options of the simulator;
---  file: a playbook to run as it is
---@return spec.life.World
function life.world(opts)
  opts = opts or {}
  local self = setmetatable({ load_opts = opts.load or {}, file = opts.file }, World)
  self.url = os.getenv "CSORUN_LIFE_ENDPOINT"
  if not self.url or opts.sim then
    local sim_opts = { credentials = { KEYS }, report = function(text) self.defect = text end }
    for k, v in pairs(opts.sim or {}) do sim_opts[k] = v end
    self.simulator = assert(require("sim").start(sim_opts))
    self.url = self.simulator.url
  end
  self.session = session_at(self.url)
  self.store = assert(require("cso.state").memory(os.time))
  if not self.file then
    self.file = os.tmpname()
    self.own_file = true
  end
  return self
end

function World:close()
  if self.simulator then self.simulator.close() end
  self.store:close()
  if self.own_file then os.remove(self.file) end
end

-- Fails the spec with everything that is known.
local function stop(self, what, e)
  local lines = { what, tostring(type(e) == "table" and (e.message or e.code) or e) }
  for _, problem in ipairs(type(e) == "table" and e.problems or {}) do lines[#lines + 1] = tostring(problem) end
  if self.defect then lines[#lines + 1] = self.defect end
  error(table.concat(lines, "\n  "), 0)
end

--- Evaluates a playbook.
---@param text string?  written to the world's file first
---@return table program
function World:load(text)
  if text then
    local file = assert(io.open(self.file, "w"))
    file:write(text)
    file:close()
  end
  local opts = { session = self.session, sim = self.simulator ~= nil, environ = {}, print = function() end,
    identity = function(target) return self.session:identity(target) end }
  for k, v in pairs(self.load_opts) do opts[k] = v end
  local program, e = require("cso.playbook").load(self.file, opts)
  if not program then stop(self, "the playbook does not load:", e) end
  return program
end

--- Makes a plan.
---@param program table
---@param opts { destroy: boolean? }?
---@return table plan
function World:plan(program, opts)
  local made, e = require("cso.plan").make { program = program, state = self.store, session = self.session,
    stack = program.stack.name, destroy = opts and opts.destroy, sleep = quick, now = hasty }
  if not made then stop(self, "no plan:", e) end
  return made
end

--- Carries a plan out.
---@param program table
---@param made table
---@return table result  failures and all
function World:run(program, made)
  local result, e = require("cso.apply").run { plan = made, program = program, state = self.store,
    session = self.session, sleep = quick, now = hasty, who = "spec",
    command = made.destroy and "destroy" or "apply",
    identity = function(target) return self.session:identity(target) end }
  if not result then stop(self, "no run:", e) end
  return result
end

--- Carries a plan out and expects no failure.
function World:apply(program, made)
  local result = self:run(program, made)
  for _, failure in ipairs(result.failed) do stop(self, failure.address .. " failed:", failure.err) end
  return result
end

local function show(v)
  if v == nil then return "nothing" end
  local ok, text = pcall(require("cso.std.json").encode, v)
  return ok and text or tostring(v)
end

--- What a plan would do: action → sorted addresses, without noops; and the same for the eye.
---@param made table
---@return table<string, string[]> doings
---@return string text
function life.doings(made)
  local doings, lines = {}, {}
  for _, a in ipairs(made.actions) do
    if a.action ~= "noop" then
      doings[a.action] = doings[a.action] or {}
      table.insert(doings[a.action], a.address)
      lines[#lines + 1] = a.action .. " " .. a.address .. "  " .. table.concat(a.reasons or {}, "; ")
      for _, c in ipairs(a.changes or {}) do
        lines[#lines + 1] = ("    %s: %s -> %s"):format(tostring(c.path), show(c.before), show(c.after))
      end
    end
  end
  for _, list in pairs(doings) do table.sort(list) end
  return doings, table.concat(lines, "\n")
end

--- The account is what the playbook says.
function World:settled(program, when)
  local made = self:plan(program)
  local doings, text = life.doings(made)
  if next(doings) then error(("%s the plan is not empty:\n%s"):format(when, text), 0) end
end

--- Destroys everything, then looks for every resource once more.
---@param program table
function World:destroy(program)
  local records = self.store:resources()
  self:apply(program, self:plan(program, { destroy = true }))
  assert(#self.store:resources() == 0, "the state still holds resources")
  for _, record in ipairs(records) do self.store:put(record) end
  local still = {}
  for _, a in ipairs(self:plan(program).actions) do
    -- What lives in the state alone (keys, passwords) is found there again.
    if a.action ~= "create" and not a.type:find "^cso%." and self.store:get(a.address) then
      still[#still + 1] = a.action .. " " .. a.address
    end
  end
  for _, record in ipairs(records) do self.store:remove(record.address) end
  if still[1] then error("still there after the destruction:\n" .. table.concat(still, "\n"), 0) end
end

--- What a simulated account holds, as sorted "place: count" lines. Leaves out what AWS keeps:
--- keys and secrets that wait for their deletion, ended instances and gateways, keys of its own.
---@param dump table  of the simulator
---@return string[]
function life.inventory(dump)
  local lines = {}
  for place, rows in pairs(dump) do
    local n = 0
    for _, row in ipairs(rows) do
      local state = row.KeyState or type(row.State) == "table" and row.State.Name or row.State or row.DeletedDate
      local kept = row.DeletedDate or state == "PendingDeletion" or state == "terminated" or state == "deleted"
        -- The keys that AWS makes in every account that encrypts are nobody's leavings.
        or row.KeyManager == "AWS" or (row.AliasName or ""):match("^alias/aws/")
      if not kept then n = n + 1 end
    end
    if n > 0 then lines[#lines + 1] = place .. ": " .. n end
  end
  table.sort(lines)
  return lines
end

local function edited(text, edit)
  local at, stop_at = text:find(edit.from, 1, true)
  assert(at, "nothing to edit: " .. edit.from)
  return text:sub(1, at - 1) .. edit.to .. text:sub(stop_at + 1)
end

local function expected(edit)
  local doings = {}
  for _, action in ipairs(ACTIONS) do
    if edit[action] then
      doings[action] = table.move(edit[action], 1, #edit[action], 1, {})
      table.sort(doings[action])
    end
  end
  return doings
end

--- Lives one life in an open world.
---@param world spec.life.World
---@param case table
function life.live(world, case)
  local text = case.playbook
  local program = world:load(text)
  world:apply(program, world:plan(program))
  world:settled(program, "after the creation")
  local left_out = not world.simulator and exceptions.edits[case.name] or {}
  for _, edit in ipairs(case.edits or {}) do
    if left_out[edit.to] then goto next end
    text = edited(text, edit)
    program = world:load(text)
    local made = world:plan(program)
    local doings, shown = life.doings(made)
    local same = require("cso.std.deep").equal(expected(edit), doings)
    if not same then
      error(("%s -> %s: expected %s, planned\n%s"):format(edit.from, edit.to, show(expected(edit)), shown), 0)
    end
    world:apply(program, made)
    world:settled(program, ("after %s"):format(edit.to))
    ::next::
  end
  world:destroy(program)
  if world.defect then error(world.defect, 0) end
end

--- Runs fn(world, …) in a task with an account of its own.
---@param opts table?  of life.world
---@param fn fun(world: spec.life.World)
function life.within(opts, fn)
  local ok, e = task.run(function()
    local world = life.world(opts)
    local fine, failure = xpcall(fn, function(x)
      return type(x) == "string" and x or type(x) == "table" and x.message
        or debug.traceback(tostring(x), 2)
    end, world)
    world:close()
    if not fine then return nil, failure end
    return true
  end)
  if not ok then error(type(e) == "table" and (e.message or tostring(e)) or e, 0) end
end

--- Makes a spec of a life.
---@param case { name: string, playbook: string, edits: table[]?, sim_only: string? }
---  sim_only: why no foreign account can live it
function life.of(case)
  local foreign = os.getenv "CSORUN_LIFE_ENDPOINT" ~= nil
  local reason = foreign and (case.sim_only or exceptions.lives[case.name])
  -- A pending spec's reason is not in every report, so it stands in the name.
  local fate = reason and " is not lived here: " .. reason or " is created, changed and deleted"
  busted.it(case.name .. fate, function()
    if reason then return busted.pending(reason) end
    life.within(nil, function(world)
      if world.simulator then return life.live(world, case) end
      task.timeout(PATIENCE, function() life.live(world, case) end)
    end)
  end)
end

return life
