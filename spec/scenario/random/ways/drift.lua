--- What others did is found as drift, and repaired before the playbook is applied.
local json = require "cso.std.json"

-- Addresses that drifted, sorted.
local function look(life, expected)
  local words = { "drift", "--stack", life.STACK, "--json" }
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

local function expected_of(life)
  local list = {}
  for _, hand in ipairs(life.hands) do list[#list + 1] = not hand.accepted and hand.address or nil end
  table.sort(list)
  return table.concat(list, " ")
end

local function repair(life, addresses, how)
  local words = { "drift", "--stack", life.STACK, "-y" }
  for _, address in ipairs(addresses) do table.move({ "--repair", address }, 1, 2, #words + 1, words) end
  if #addresses > 0 then life:disturbed(words, { kills = how.kills, faults = how.faults }, 3) end
  return words
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
    local found = look(life, expected_of(life))
    if not what.repair then return end
    -- A repair that was killed may have ended one part and not another: each is asked for as it is then.
    for _, kill in ipairs(what.kills) do
      repair(life, found, { kills = { kill }, faults = step.faults })
      life.p.sim.world:set_faults ""
      found = look(life)
    end
    if #found > 0 then life:good(repair(life, found, { kills = {} })) end
    look(life, "")
  end,
}
