--- Makes a script of a seed: steps of edits, with faults, calls at which runs are killed, and other ways to
--- the same end.
local dice_of = require "spec.scenario.random.dice"
local faults = require "spec.scenario.random.faults"
local kills = require "spec.scenario.random.kills"
local kinds = require "spec.scenario.random.kinds"
local model = require "spec.scenario.random.model"
local settings = require "spec.scenario.random.settings"
local ways = require "spec.scenario.random.ways"

-- As often as an edit shall be tried.
local VERBS = { add = 4, remove = 2, change = 3, replace = 2, rename = 1, protect = 1, retain = 1, first = 1, ignore = 1,
  gone = 2, touch = 2, accept = 1, forget = 1, import = 2, policy = 1,
  mv = 3 }
local FIRST, STEPS, EDITS = 16, 6, 5 -- things at the start, steps at most, edits of a step at most

local verbs = {}
for verb, times in pairs(VERBS) do
  for _ = 1, times do verbs[#verbs + 1] = verb end
end
table.sort(verbs)

-- What a new thing of a kind uses, of what there is.
local function uses_of(dice, m, kind)
  local uses, roles = {}, {}
  for role in pairs(kind.uses or {}) do roles[#roles + 1] = role end
  table.sort(roles)
  for _, role in ipairs(roles) do
    local fitting = {}
    for _, n in ipairs(m.order) do
      if m.things[n].kind == kind.uses[role] then fitting[#fitting + 1] = n end
    end
    uses[role] = #fitting > 0 and dice.pick(fitting) or nil
  end
  return uses
end

-- An edit of a verb on what is there; it may turn out not to fit.
local function draw(dice, m, verb, number, setting)
  if verb == "import" then
    local lost = m:lost()
    return { verb = verb, n = #lost > 0 and dice.pick(lost) or 0, kills = kills.draw(dice, 2, setting) }
  elseif verb == "policy" then
    return { verb = verb, kind = dice.pick(model.kinds) }
  elseif verb ~= "add" and #m.order > 0 then
    return { verb = verb, n = dice.pick(m.order) }
  end
  local name = dice.pick(model.kinds)
  return { verb = "add", kind = name, n = number, uses = uses_of(dice, m, kinds[name]),
    stack = setting.stacks and dice.chance(0.5) and "second" or nil }
end

-- Edits that fit, as many as are wanted if they come soon.
local function edits_of(dice, m, wanted, first, number, setting)
  local edits, tries = {}, 0
  while #edits < wanted and tries < 200 do
    tries = tries + 1
    local edit = draw(dice, m, first and "add" or dice.pick(verbs), number + 1, setting)
    if m:edit(edit) then
      if edit.verb == "add" then number = number + 1 end
      edits[#edits + 1] = edit
    end
  end
  return edits, number
end

--- The script of a seed.
---@param seed integer
---@param always boolean?  nothing goes without faults
---@return table script
return function(seed, always)
  local dice = dice_of(seed)
  local made, number = { seed = seed, setting = settings.draw(dice), steps = {} }, 0
  local m = model.new(made.setting.stacks)
  for at = 1, 1 + dice.below(STEPS - 1) do
    local step = {}
    step.edits, number = edits_of(dice, m, at == 1 and FIRST or dice.below(EDITS), at == 1, number, made.setting)
    step.faults = faults.draw(dice, always and 1 or 0.4, made.setting)
    step.kills = kills.draw(dice, at == 1 and FIRST or 4, made.setting)
    ways.draw(dice, m, step, at, made.setting)
    if step.leave then m:unsettle() else m:settle() end
    made.steps[at] = step
  end
  made.destroy = { kills = kills.draw(dice, 8, made.setting), faults = faults.draw(dice, always and 1 or 0.3, made.setting) }
  return made
end
