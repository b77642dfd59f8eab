--- Carries scripts of random edits, faults and kills out against a simulated account.
local Life = require "spec.scenario.random.life"
local shrink = require "spec.scenario.random.shrink"
local task = require "cso.task"
local ways = require "spec.scenario.random.ways"
local world = require "spec.scenario.world"

local script = { make = require "spec.scenario.random.make" }

-- What may keep a run from being undone, rightly: protection. And undoing it may leave a copy of data.
local function can_be_undone(m, edits)
  for _, e in ipairs(edits) do
    if e.verb == "protect" then return false end
  end
  for _, r in pairs(m.things) do
    if r.protect or r.snapshot then return false end
  end
  for _, one in ipairs(m.left) do
    if one.copy then return false end
  end
  return true
end

-- A run that alone led from the old playbook to the new one can be undone.
local function remember(life, step, old, runs)
  if not (old and life.alone and not life.setting.stacks and #step.kills == 0 and can_be_undone(life.m, step.edits)) then
    life.trail = {}
  elseif runs then
    local now = life:runs()
    if #now > #runs + 1 then life.trail = {} end
    if #now == #runs + 1 then table.insert(life.trail, { run = now[1], old = old }) end
  end
end

local function live(life, step, undoes)
  local old = life.old
  life.alone, life.hands = true, {}
  for _, edit in ipairs(step.edits) do life.m:edit(edit) end
  ways.go("first", life, step)
  life:write()
  life:outside(step)
  ways.go("before", life, step)
  local runs = undoes and life.alone and old and life:runs()
  life:disturbed(life.APPLY, step)
  if step.leave then
    life.m:unsettle()
    life.old, life.trail = nil, {}
    return
  end
  life:converge(step.planned)
  remember(life, step, old, runs)
  life.old = { text = life.m:text(), desired = life.m:desired() }
  ways.go("after", life, step)
end

local function play(p, s)
  local life = Life.new(p, s.setting or {})
  local last_undone = 0
  for at, step in ipairs(s.steps) do last_undone = step.rollback and at or last_undone end
  for at, step in ipairs(s.steps) do
    life.label = "step " .. at
    live(life, step, at <= last_undone)
  end
  local m = life.m
  for _, r in pairs(m.things) do r.protect, r.retain = nil, nil end
  p.sim.world:set_faults ""
  life.label = "lifting all protection"
  life:converge()
  life.label = "destroy"
  life:disturbed(life.DESTROY, s.destroy)
  life:good(life.DESTROY)
  p.sim.world:set_faults ""
  life:compare(m:destroyed():desired())
  life:good(life.GONE)
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

--- The smallest script found that still fails.
---@param s table
---@param tries integer  how many runs it may take
---@return table script, string failure, string playbook
function script.shrink(s, tries) return shrink(s, script.run, tries) end

return script
