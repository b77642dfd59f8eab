--- What others did is found as drift, and repaired before the playbook is applied.
local json = require "cso.std.json"
local stacks = require "spec.scenario.random.stacks"

-- Addresses of a stack that drifted, sorted.
local function look(life, stack, expected)
  local words = { "drift", "--stack", stack, "--json" }
  local code, text = life:run(words)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    local one = json.decode(line)
    if type(one) == "table" and one.type == "drift" then list[#list + 1] = one.address end
  end
  table.sort(list)
  if code ~= (#list > 0 and 2 or 0) or expected and table.concat(list, " ") ~= expected then
    life:fail("drift ended with %d, expected %s\n%s", code, expected or "any", text)
  end
  return list
end

local function expected_of(life, stack)
  local list = {}
  for _, hand in ipairs(life.hands) do
    if hand.stack == stack and not hand.accepted then list[#list + 1] = hand.address end
  end
  table.sort(list)
  return table.concat(list, " ")
end

local function repair(life, stack, addresses, how)
  local words = { "drift", "--stack", stack, "-y" }
  for _, address in ipairs(addresses) do table.move({ "--repair", address }, 1, 2, #words + 1, words) end
  if #addresses > 0 then life:disturbed(words, { kills = how.kills, faults = how.faults }, 3) end
  return words
end

local function go(life, stack, what, step)
  local found = look(life, stack, expected_of(life, stack))
  if not what.repair then return end
  -- A repair that was killed may have ended one part and not another: each is asked for as it is then.
  for _, kill in ipairs(what.kills) do
    repair(life, stack, found, { kills = { kill }, faults = step.faults })
    life.p.sim.world:set_faults ""
    found = look(life, stack)
  end
  if #found > 0 then life:good(repair(life, stack, found, { kills = {} })) end
  look(life, stack, "")
end

return {
  draw = function(dice, _, step, at, setting)
    local others = false
    for _, e in ipairs(step.edits) do others = others or e.verb == "gone" or e.verb == "touch" or e.verb == "accept" end
    if at == 1 or not others or not dice.chance(0.4) then return nil end
    return { repair = dice.chance(0.7), kills = require("spec.scenario.random.kills").draw(dice, 2, setting) }
  end,
  before = function(life, what, step)
    if not life.old then return end
    -- What was given to the other stack in this step is there already.
    for _, stack in ipairs(life.setting.stacks and { stacks.FIRST, stacks.SECOND } or { stacks.FIRST }) do
      go(life, stack, what, step)
    end
  end,
}
