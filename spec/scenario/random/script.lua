--- Scripts of random edits, faults and kills: made from a seed, carried out against a simulated
--- account, made smaller when they fail.
local ids = require "sim.ids"
local kinds = require "spec.scenario.random.kinds"
local model = require "spec.scenario.random.model"
local task = require "cso.task"
local world = require "spec.scenario.world"

local script = {}

local FAULTS = { "throttle=%s", "error=%s", "unavailable=%s", "reset=%s", "lost=%s", "truncate=%s", "stale=1s:%s",
  "propagation=2s", "throttle=0.05,error=0.05,reset=0.05,unavailable=0.05",
  "lost=0.05,truncate=0.05,stale=1s:0.1" }
local RATES = { "0.05", "0.1", "0.2" }
local VERBS = { "add", "add", "add", "add", "remove", "remove", "change", "change", "change", "replace", "replace", "rename",
  "protect", "retain", "first", "ignore", "gone", "gone", "touch", "touch", "forget", "import", "import" }
local FIRST, STEPS, EDITS = 16, 6, 5 -- things at the start, steps at most, edits of a step at most

local function dice_of(seed)
  local source = ids.new("random:" .. seed)
  local dice = {}
  function dice.below(n) return math.floor(source:fraction() * n) + 1 end
  function dice.pick(list) return list[dice.below(#list)] end
  function dice.chance(p) return source:fraction() < p end
  return dice
end

-- An edit of a verb on what is there; it may turn out not to fit.
local function draw(dice, m, verb, number)
  if verb == "import" then
    local lost = m:lost()
    return { verb = verb, n = #lost > 0 and dice.pick(lost) or 0 }
  elseif verb ~= "add" then
    if #m.order > 0 then return { verb = verb, n = dice.pick(m.order) } end
    verb = "add"
  end
  local name = dice.pick(model.kinds)
  local uses, roles = {}, {}
  for role in pairs(kinds[name].uses or {}) do roles[#roles + 1] = role end
  table.sort(roles)
  for _, role in ipairs(roles) do
    local fitting = {}
    for _, n in ipairs(m.order) do
      if m.things[n].kind == kinds[name].uses[role] then fitting[#fitting + 1] = n end
    end
    uses[role] = #fitting > 0 and dice.pick(fitting) or nil
  end
  return { verb = verb, kind = name, n = number, uses = uses }
end

local function faults_of(dice, chance)
  return dice.chance(chance) and dice.pick(FAULTS):gsub("%%s", dice.pick(RATES)) or nil
end

-- Calls at which a run, and then the one after it, is killed.
local function kills_of(dice, calls)
  local kills = {}
  while dice.chance(0.5) and #kills < 3 do
    kills[#kills + 1] = { at = dice.below(calls), moment = dice.pick { "before", "after" } }
  end
  return kills
end

--- The script of a seed: steps of edits, with faults, and calls at which the run is killed.
---@param seed integer
---@param faults "all"|nil  all: nothing goes undisturbed
---@return table script
function script.make(seed, faults)
  local dice, m = dice_of(seed), model.new()
  local made, number = { seed = seed, steps = {} }, 0
  for at = 1, 1 + dice.below(STEPS - 1) do
    local step = { edits = {} }
    local wanted, tries = at == 1 and FIRST or dice.below(EDITS), 0
    while #step.edits < wanted and tries < 200 do
      tries = tries + 1
      local edit = draw(dice, m, at == 1 and "add" or dice.pick(VERBS), number + 1)
      if m:edit(edit) then
        if edit.verb == "add" then number = number + 1 end
        table.insert(step.edits, edit)
      end
    end
    step.faults = faults_of(dice, faults == "all" and 1 or 0.4)
    step.kills = kills_of(dice, at == 1 and FIRST or 4)
    -- What a killed run left may also be met by a playbook that was edited meanwhile.
    step.leave = #step.kills > 0 and at > 1 and dice.chance(0.3) or nil
    -- Other ways to the same end.
    step.target = at > 1 and dice.chance(0.15) and #m.order > 0 and dice.pick(m.order) or nil
    step.planned = dice.chance(0.2) or nil
    step.rollback = at > 1 and dice.chance(0.3) and { kills = kills_of(dice, 3) } or nil
    if step.leave then m:unsettle() else m:settle() end
    made.steps[at] = step
  end
  made.destroy = { kills = kills_of(dice, 8), faults = faults_of(dice, faults == "all" and 1 or 0.3) }
  return made
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

local LOOKS = 3 -- times that a saved plan is tried
local LIMIT = 90 -- seconds for one run: what hangs has failed

local function good(p, words, label)
  local run = p:start(words)
  local timer = assert(require("luv").new_timer())
  timer:start(LIMIT * 1000, 0, function() run.kill("sigkill") end)
  local code, text, problems = run.wait()
  timer:close()
  if code ~= 0 then
    error(("%s: %s ended with %d\n%s%s"):format(label, table.concat(words, " "), code, text, problems), 0)
  end
  return text
end

-- Runs until it is killed at each of the calls that the script names, or ends before.
local function disturbed(p, words, step, label)
  p.sim.world:set_faults(step.faults or "")
  for _, kill in ipairs(step.kills) do
    p.calls, p.kill = {}, { at = kill.at, moment = kill.moment }
    local code, text = p:csorun(words)
    p.kill = nil
    if code ~= 137 and code ~= 0 then error(("%s: %s ended with %d\n%s"):format(label, words[1], code, text), 0) end
  end
end

local function compare(p, wanted, label)
  local held = model.held(p.sim.dump())
  if held ~= wanted then error(label .. ": the account differs\n" .. differences(wanted, held), 0) end
end

local APPLY = { "apply", "random.lua", "-y" }
local PLAN = { "plan", "random.lua", "--detailed-exitcode" }

-- Everybody who has a password has the same one.
local function agreed(p, m, label)
  local texts = {}
  local function told(n, who, text)
    local first = texts[n]
    texts[n] = first or { who = who, text = text }
    if first and first.text ~= text then error(("%s: %s and %s have different passwords"):format(label, first.who, who), 0) end
  end
  local shown = {}
  for place, collection in next, p.sim.world.store.places do
    for _, row in next, collection.rows do
      if place:find "secretsmanager/Secret$" and not row.DeletedDate then
        for _, version in next, row._versions do
          if version.stages.AWSCURRENT then shown[row.Name] = version.text end
        end
      elseif place:find "ssm/Parameter$" then
        shown[row.Name] = tostring(row.Value or row._value):match ":(.*)"
      end
    end
  end
  for id, text in next, p.passwords do shown[id] = text end
  for _, n in ipairs(m.order) do
    local r = m.things[n]
    if r.uses.password then
      local name = model.want(m, r):match "^%S+"
      told(r.uses.password, r.kind .. " " .. name, shown[name] or "none")
    end
  end
end

-- What no description shows.
local function watch_passwords(p)
  p.passwords = {}
  p.watched = function(moment, service, _, input)
    if moment == "after" and service == "rds" and input and input.MasterUserPassword then
      p.passwords[input.DBInstanceIdentifier] = input.MasterUserPassword
    end
  end
end

local function settled(p, wanted, label, m)
  p.sim.world:set_faults("")
  compare(p, wanted, label)
  if m then agreed(p, m, label) end
  good(p, PLAN, label)
end

local function converge(p, m, label, planned)
  p:write("random.lua", m:text())
  local done = false
  for _ = 1, planned and LOOKS or 0 do
    good(p, { "plan", "random.lua", "--out", "planned.json" }, label)
    -- Where descriptions lag, a plan may not hold any more: that is said, and nothing is done.
    local code, text = p:csorun { "apply", "planned.json", "-y" }
    if code ~= 0 and not text:find("stale_plan", 1, true) then
      error(("%s: apply planned.json ended with %d\n%s"):format(label, code, text), 0)
    end
    done = code == 0
    if done then break end
  end
  if not done then good(p, APPLY, label) end
  m:settle()
  settled(p, m:desired(), label, m)
end

-- {Member} of a call stands for that of the row.
local function filled(text, row)
  return (text:gsub("{(%w+)}", function(name) return tostring(row[name]) end))
end

-- What others do in the account, and what is taken over, before the step's own run.
local function outside(p, m, label)
  local hands, imports = m:outside()
  for _, hand in ipairs(hands) do
    local row = assert(model.row(p.sim.dump(), hand.place, hand.want), hand.want .. " is not there")
    local words = { "exec" }
    for i, word in ipairs(hand.call) do words[i + 1] = filled(word, row) end
    good(p, words, label)
  end
  for _, one in ipairs(imports) do
    local row = assert(model.row(p.sim.dump(), one.place, one.want), one.want .. " is not there")
    good(p, { "import", one.address, filled(one.id, row), "--playbook", "random.lua", "-y" }, label)
  end
  return #hands + #imports > 0
end

-- What may keep a run from being undone, rightly: protection.
local function is_held(m, edits)
  for _, e in ipairs(edits) do
    if e.verb == "protect" then return true end
  end
  for _, r in pairs(m.things) do
    if r.protect then return true end
  end
  return false
end

-- Undoes the last run, which alone led from the old playbook to the new one, and does it again.
local function back_and_forth(p, m, step, old, label)
  p.sim.world:set_faults(step.faults or "")
  local words, kills = { "rollback", "last", "-y", "--accept-loss", "--stack", "random" }, { table.unpack(step.rollback.kills) }
  p:write("random.lua", old.text)
  if #kills == 0 then
    good(p, words, label .. ", back")
  else
    -- A killed rollback is a run of its own: the plan of the old playbook goes on from there.
    disturbed(p, words, { kills = { table.remove(kills, 1) }, faults = step.faults }, label .. ", back")
    disturbed(p, APPLY, { kills = kills, faults = step.faults }, label .. ", back")
    good(p, APPLY, label .. ", back")
  end
  settled(p, old.desired, label .. ", back")
  converge(p, m, label .. ", again")
end

local function live(p, m, step, old, label)
  for _, edit in ipairs(step.edits) do m:edit(edit) end
  p:write("random.lua", m:text())
  local others = outside(p, m, label)
  local thing, shaky = step.target and m:at(step.target), false
  for _, edit in ipairs(step.edits) do shaky = shaky or edit.verb == "remove" or edit.verb == "replace" end
  if thing and not shaky then
    good(p, { "apply", "random.lua", "-y", "--target", m:address(thing) }, label)
  end
  local whole = old and step.rollback and not others and not thing and not step.leave and #step.kills == 0
    and not is_held(m, step.edits) and p:csorun(PLAN) == 2
  disturbed(p, APPLY, step, label)
  if step.leave then
    m:unsettle()
    return nil
  end
  converge(p, m, label, step.planned)
  if whole then back_and_forth(p, m, step, old, label) end
  return { text = m:text(), desired = m:desired() }
end

local function play(p, s)
  local m, old = model.new(), nil
  watch_passwords(p)
  for at, step in ipairs(s.steps) do old = live(p, m, step, old, "step " .. at) end
  for _, r in pairs(m.things) do r.protect, r.retain = nil, nil end
  p.sim.world:set_faults("")
  converge(p, m, "lifting all protection")
  local words = { "destroy", "random.lua", "-y" }
  disturbed(p, words, s.destroy, "destroy")
  good(p, words, "destroy")
  p.sim.world:set_faults("")
  local empty = model.new()
  empty.left, empty.forgotten = m.left, m.forgotten
  compare(p, empty:desired(), "destroy")
  good(p, { "plan", "random.lua", "--destroy", "--detailed-exitcode" }, "after the destruction")
end

--- Carries a script out in an account of its own.
---@param s table
---@return string? failure, string? playbook  the last one that was run
function script.run(s)
  local found = script.run_all({ s }, 1)[1]
  return found and found.failure, found and found.playbook
end

--- Carries scripts out beside each other, each in an account of its own: most of a life is waiting.
---@param list table[]     scripts
---@param limit integer    how many at once
---@return table<integer, { failure: string, playbook: string }> failures  by place in the list
function script.run_all(list, limit)
  local failures, places = {}, {}
  for i in ipairs(list) do places[i] = i end
  local _, e = task.run(function()
    task.map(places, function(i)
      world.inside({ seed = list[i].seed }, function(p)
        local ok, why = pcall(play, p, list[i])
        if ok then return end
        failures[i] = { failure = tostring(type(why) == "table" and why.message or why), playbook = p:read "random.lua" or "" }
      end)
    end, { limit = limit })
  end)
  if e then error(e, 0) end
  return failures
end

local function copy(v)
  if type(v) ~= "table" then return v end
  local out = {}
  for k, item in pairs(v) do out[k] = copy(item) end
  return out
end

-- Every script that has one thing less, the big things first.
local function smaller(s)
  local list = {}
  local function without(change)
    local one = copy(s)
    change(one)
    list[#list + 1] = one
  end
  for at = #s.steps, 2, -1 do without(function(o) table.remove(o.steps, at) end) end
  for at, step in ipairs(s.steps) do
    if step.faults then without(function(o) o.steps[at].faults = nil end) end
    for _, way in ipairs { "leave", "target", "planned", "rollback" } do
      if step[way] then without(function(o) o.steps[at][way] = nil end) end
    end
    for i = #(step.rollback and step.rollback.kills or {}), 1, -1 do
      without(function(o) table.remove(o.steps[at].rollback.kills, i) end)
    end
    for i = #step.kills, 1, -1 do without(function(o) table.remove(o.steps[at].kills, i) end) end
    for size = #step.edits // 2, 1, -(#step.edits // 3 + 1) do
      for from = 1, #step.edits - size + 1, size do
        without(function(o)
          for _ = 1, size do table.remove(o.steps[at].edits, from) end
        end)
      end
    end
    for i = #step.edits, 1, -1 do without(function(o) table.remove(o.steps[at].edits, i) end) end
  end
  if s.destroy.faults then without(function(o) o.destroy.faults = nil end) end
  if #s.destroy.kills > 0 then without(function(o) o.destroy.kills = {} end) end
  return list
end

--- The smallest script found that still fails.
---@param s table
---@param tries integer  how many runs it may take
---@return table script, string failure, string playbook
function script.shrink(s, tries)
  local failure, playbook = script.run(s)
  local again = failure ~= nil
  while again and tries > 0 do
    again = false
    for _, one in ipairs(smaller(s)) do
      if tries <= 0 then break end
      tries = tries - 1
      local why, text = script.run(one)
      if why then
        s, failure, playbook, again = one, why, text, true
        break
      end
    end
  end
  return s, failure or "did not fail a second time", playbook or ""
end

return script
