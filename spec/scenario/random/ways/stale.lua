--- A plan is saved, and before it is applied something changes: the playbook, the state, or the account.
local SAVED = "saved.json"

local function plan(life, what)
  what.made = false
  if not life.old or #life.m.imports > 0 then return end
  life:write()
  local code, text = life:run { "plan", life.PLAYBOOK, "--out", SAVED, "--detailed-exitcode" }
  if code ~= 0 and code ~= 2 then life:fail("plan --out ended with %d\n%s", code, text) end
  what.made = code == 2
end

local ends = {}

function ends.playbook(life, words)
  life.p:write(life.PLAYBOOK, life.m:text() .. 'cso.output { more = "more" }\n')
  life:refused(words, "stale_plan")
  life:write()
end

function ends.state(life, words)
  life:good(life.APPLY)
  life.alone = false
  life:refused(words, "stale_plan")
end

-- Whether what others did matters to the plan, it has to say itself.
function ends.account(life, words)
  life:loose(words)
  life.alone = false
end

return {
  draw = function(dice, m, _, at, setting)
    if setting.stacks or at == 1 or not m.clean or not dice.chance(0.15) then return nil end
    return { change = dice.pick { "playbook", "state", "account" } }
  end,
  first = plan,
  before = function(life, what)
    if what.made then ends[what.change](life, { "apply", SAVED, "-y" }) end
  end,
}
