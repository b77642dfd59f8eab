--- Before the whole, a part: only some things, all but some, or some made anew.
local kinds = require "spec.scenario.random.kinds"

-- What a run may refuse, because the rest of the step is needed for it.
local function is_shaky(step)
  for _, e in ipairs(step.edits) do
    if e.verb == "remove" or e.verb == "replace" then return true end
  end
end

local function words_of(life, what)
  local words = { "apply", life.PLAYBOOK, "-y" }
  for _, option in ipairs { "target", "exclude", "replace" } do
    local thing = what[option] and life.m:at(what[option])
    if thing then table.move({ "--" .. option, life.m:address(thing) }, 1, 2, #words + 1, words) end
  end
  return #words > 3 and words or nil
end

return {
  draw = function(dice, m, _, at, setting)
    if setting.stacks or at == 1 or #m.order == 0 or not dice.chance(0.25) then return nil end
    local what = {}
    for _, option in ipairs { "target", "target", "exclude", "replace" } do
      if dice.chance(0.4) then what[option] = dice.pick(m.order) end
    end
    local r = m:at(what.replace or 0)
    -- What is replaced with its data is a matter of its own, and a last snapshot is counted.
    if r and (kinds[r.kind].snapshot or kinds[r.kind].fixed and kinds[r.kind].place == nil) then what.replace = nil end
    return next(what) and what or nil
  end,
  before = function(life, what, step)
    local words = words_of(life, what)
    if not words then return end
    life.alone = false
    life.p.sim.world:set_faults ""
    if is_shaky(step) or what.replace or what.exclude or not life.old then life:loose(words) else life:good(words) end
  end,
}
