--- Before the whole, a part: only some things, all but some, or some made anew.
local edits = require "spec.scenario.random.edits"

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
    -- Copies that stay of what goes are counted; what others made of a thing ends with it.
    for _, n in ipairs(what.replace and edits.above(m, what.replace) or {}) do
      if m:at(n).snapshot or m:at(n).accepted then what.replace = nil end
    end
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
