--- A life that is being lived: a place, the model of what its playbook says, and the commands that a step
--- is made of.
local json = require "cso.std.json"
local model = require "spec.scenario.random.model"
local passwords = require "spec.scenario.random.passwords"
local settings = require "spec.scenario.random.settings"
local stacks = require "spec.scenario.random.stacks"
local survivors = require "spec.support.survivors"

local PLAYBOOK = "random.lua"
local WORKSPACE = "--all"
local LOOKS = 3 -- times that a saved plan is tried
local LIMIT = 180 -- seconds for one run: what hangs has failed

---@class spec.random.Life
---@field p spec.Place
---@field m spec.random.Model
---@field setting table
---@field env table<string, string>   of every command
---@field label string                which step it is
---@field passwords table<string, string>
---@field APPLY string[]             commands for all that there is: PLAN, DESTROY and GONE (nothing is left) likewise
---@field old { text: string, desired: string }?  what the last step came to; nil: nobody knows
---@field trail { run: string, old: table }[]  runs that each alone led from one playbook to the next, oldest first
---@field hands table[]               what others did in this step, with the address that it was done to
---@field alone boolean               nothing but the step's own run changes anything in this step
local Life = { STACK = stacks.FIRST, PLAYBOOK = PLAYBOOK }
Life.__index = Life

-- How its playbook, or its workspace, is run.
local function commands(setting)
  local book = setting.stacks and WORKSPACE or PLAYBOOK
  return { APPLY = { "apply", book, "-y" }, PLAN = { "plan", book, "--detailed-exitcode" },
    DESTROY = { "destroy", book, "-y" }, GONE = { "plan", book, "--destroy", "--detailed-exitcode" } }
end

---@param p spec.Place
---@param setting table
---@return spec.random.Life
function Life.new(p, setting)
  local life = commands(setting)
  life.p, life.m, life.setting, life.env = p, model.new(setting.stacks), setting, settings.environment(setting)
  life.trail, life.hands, life.label, life.passwords = {}, {}, "the beginning", passwords.watch(p)
  setmetatable(life, Life)
  settings.prepare(life)
  return life
end

--- Raises a failure of this step.
function Life:fail(message, ...) error(self.label .. ": " .. message:format(...), 0) end

---@return integer code, string text
function Life:run(words) return self.p:csorun(words, { env = self.env, limit = LIMIT }) end

--- Runs what has to end well.
---@param words string[]
---@param also integer?   another code that is as good
---@return string text
function Life:good(words, also)
  local code, text = self:run(words)
  if code ~= 0 and code ~= also then self:fail("%s ended with %d\n%s", table.concat(words, " "), code, text) end
  return text
end

-- What a run says that ended for a reason: a service, wrong use, a policy, a part that failed.
local REASONS = { [0] = true, true, nil, true, nil, nil, true, true }

--- Runs what may be refused or fail, as long as it says so.
---@return integer code, string text
function Life:loose(words)
  local code, text = self:run(words)
  if not REASONS[code] or text:find("traceback", 1, true) then
    self:fail("%s ended with %d\n%s", table.concat(words, " "), code, text)
  end
  return code, text
end

--- Runs what has to be refused with a word, without anything being changed.
function Life:refused(words, word)
  local before = model.held(self.p.sim.dump())
  local code, text = self:loose(words)
  if code == 0 or not text:find(word, 1, true) then
    self:fail("%s was not refused (%s): %d\n%s", table.concat(words, " "), word, code, text)
  end
  self:compare(before)
end

-- Another machine has nothing but the bucket. It is told who holds the lock, and the user says that he is dead.
local function move_away(life, words)
  os.execute(("rm -rf '%s/.cso'"):format(life.p.dir))
  local code, text = life:run(words)
  local lock = code == 5 and text:match "csorun unlock (%S+)"
  if lock then life:good { "unlock", lock, "--stack", life.STACK } end
  if code ~= 0 and not lock then life:fail("on another machine %s ended with %d\n%s", words[1], code, text) end
end

--- Runs until it is killed at each of the calls that the script names, or ends before.
---@param words string[]
---@param how { kills: table[], faults: any }
---@param also integer?   another code that is as good as 0
function Life:disturbed(words, how, also)
  self.p.sim.world:set_faults(how.faults or "")
  for _, kill in ipairs(how.kills) do
    self.p.calls, self.p.kill = {}, { at = kill.at, moment = kill.moment, family = self.setting.stacks and (kill.whom or "all") }
    local code, text = self:run(words)
    self.p.kill = nil
    -- A stack's process that nobody killed goes on, and holds its lock meanwhile.
    if code == 137 then survivors.wait(self.p.family, LIMIT) end
    -- Where only a stack's own process was killed, its workspace says that it failed.
    local told = kill.whom == "child" and REASONS[code]
    if code ~= 137 and code ~= 0 and code ~= also and not told then self:fail("%s ended with %d\n%s", words[1], code, text) end
    if code == 137 and kill.elsewhere and self.setting.shared then move_away(self, words) end
  end
end

local function differences(wanted, held)
  local count, out = {}, {}
  for line in wanted:gmatch "[^\n]+" do count[line] = (count[line] or 0) - 1 end
  for line in held:gmatch "[^\n]+" do count[line] = (count[line] or 0) + 1 end
  for line, n in pairs(count) do
    if n ~= 0 then out[#out + 1] = ("  %+d %s"):format(n, line) end
  end
  table.sort(out)
  return table.concat(out, "\n")
end

--- The account has to hold what is wanted.
---@param wanted string
function Life:compare(wanted)
  local held = model.held(self.p.sim.dump())
  if held ~= wanted then self:fail("the account differs\n%s", differences(wanted, held)) end
end

--- The account is as wanted, and nothing is left to do.
---@param wanted string
---@param agree boolean?  passwords, too
function Life:settled(wanted, agree)
  self.p.sim.world:set_faults ""
  self:compare(wanted)
  if agree then passwords.agree(self.p.sim.world, self.m, self.passwords, self.label) end
  self:good(self.PLAN)
end

--- Writes what a model says.
---@param m spec.random.Model?  default: the life's own
function Life:write(m)
  for name, text in pairs((m or self.m):files()) do self.p:write(name, text) end
end

-- By a plan that is saved first. Where descriptions lag it may not hold any more: that is said, and nothing is done.
local function apply_planned(life)
  for _ = 1, LOOKS do
    life:good { "plan", PLAYBOOK, "--out", "planned.json" }
    local code, text = life:run { "apply", "planned.json", "-y" }
    if code == 0 then return true end
    if not text:find("stale_plan", 1, true) then life:fail("apply planned.json ended with %d\n%s", code, text) end
  end
end

--- Applies, undisturbed by kills, and looks whether all is as the playbook says.
---@param planned boolean?
function Life:converge(planned)
  self:write()
  if not (planned and apply_planned(self)) then self:good(self.APPLY) end
  self.m:settle()
  self:settled(self.m:desired(), true)
end

--- The runs of the stack, newest first.
---@return string[] ids
function Life:runs()
  local ids = {}
  for line in self:good({ "history", "--stack", self.STACK, "--json" }, 3):gmatch "[^\n]+" do
    local run = json.decode(line)
    ids[#ids + 1] = type(run) == "table" and run.id or nil
  end
  return ids
end

-- {Member} of a call stands for that of the row.
local function filled(text, row)
  return (text:gsub("{(%w+)}", function(name) return tostring(row[name]) end))
end

function Life:row(place, want) return model.row(self.p.sim.dump(), place, want) or self:fail("%s is not there", want) end

-- What the account shows of things in a place, and how often.
local function shown(life, place)
  local count = {}
  for line in model.held(life.p.sim.dump()):gmatch "[^\n]+" do
    local what = line:sub(1, #place + 2) == place .. ": " and line:sub(#place + 3)
    if what then count[what] = (count[what] or 0) + 1 end
  end
  return count
end

-- Somebody else's call; what it leaves may be accepted.
local function by_hand(life, hand)
  local row, words, before = life:row(hand.place, hand.want), { "exec" }, shown(life, hand.place)
  for i, word in ipairs(hand.call) do words[i + 1] = filled(word, row) end
  life:good(words)
  if not hand.accepted then return end
  life:good { "drift", "--stack", hand.stack, "--accept", hand.address }
  for line, n in pairs(shown(life, hand.place)) do
    if n > (before[line] or 0) then hand.accepted.line = line end
  end
end

--- What others do in the account, and what is taken over, before the step's own run.
---@param step table
function Life:outside(step)
  local hands, imports, given = self.m:outside()
  self.hands = hands
  for _, hand in ipairs(hands) do by_hand(self, hand) end
  for _, one in ipairs(imports) do
    local row = self:row(one.place, one.want)
    local words = { "import", one.address, filled(one.id, row), "--playbook", PLAYBOOK, "-y" }
    -- Who repeats what was done already is told so.
    self:disturbed(words, { kills = one.kills or {}, faults = step.faults }, 3)
    self:good(words, 3)
    self.p.sim.world:set_faults ""
  end
  for _, one in ipairs(given) do
    self:disturbed({ "state", "mv", "--stack", one.from, "--to", one.to, one.address }, { kills = one.kills or {} }, 3)
    self:good({ "state", "mv", "--stack", one.from, "--to", one.to, one.address }, 3)
  end
  if #hands + #imports + #given > 0 then self.alone = false end
end

return Life
