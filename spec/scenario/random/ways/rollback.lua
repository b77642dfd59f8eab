--- Undoes the last runs, newest first, each of which alone led from one playbook to the next, and does it all again.
local kills = require "spec.scenario.random.kills"

local function undo(life, entry, step, list)
  local words = { "rollback", entry.run, "-y", "--accept-loss", "--stack", life.STACK }
  life.p:write(life.PLAYBOOK, entry.old.text)
  if #list == 0 then
    life.p.sim.world:set_faults(step.faults or "")
    life:good(words)
  else
    -- A killed rollback is a run of its own: the plan of the old playbook goes on from there.
    life:disturbed(words, { kills = { table.remove(list, 1) }, faults = step.faults })
    life:disturbed(life.APPLY, { kills = list, faults = step.faults })
    life:good(life.APPLY)
  end
  life:settled(entry.old.desired)
end

return {
  draw = function(dice, _, _, at, setting)
    if setting.stacks or at == 1 or not dice.chance(0.3) then return nil end
    return { runs = dice.below(3), kills = kills.draw(dice, 3, setting) }
  end,
  after = function(life, what, step)
    local label, list, undone = life.label, { table.unpack(what.kills) }, 0
    for i = #life.trail, math.max(1, #life.trail - (what.runs or 1) + 1), -1 do
      undone = undone + 1
      life.label = ("%s, back by %d"):format(label, undone)
      local killed = #list > 0
      undo(life, life.trail[i], step, list)
      -- What a killed one did was ended by a run of another kind: earlier ones can't be undone any more.
      if killed then break end
    end
    life.label, life.trail = label .. ", again", {}
    if undone > 0 then life:converge() end
    life.label = label
  end,
}
