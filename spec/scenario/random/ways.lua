--- Ways that a step may take to the same end, each in a file of its own. A way's data stands in the step under
--- its name, so that it can be left out.
local ways = {}

---@class spec.random.Way
---@field draw fun(dice: spec.random.Dice, m: spec.random.Model, step: table, at: integer, setting: table): any
---  nil: the step goes without
---@field first (fun(life: spec.random.Life, what: any, step: table))?    before others do anything in the account
---@field before (fun(life: spec.random.Life, what: any, step: table))?   before the step's own run
---@field after (fun(life: spec.random.Life, what: any, step: table))?    when the run has converged

--- In the order in which they are drawn and go.
ways.names = { "leave", "planned", "seal", "drift", "stale", "choose", "refused", "rollback" }

for _, name in ipairs(ways.names) do ways[name] = require("spec.scenario.random.ways." .. name) end

---@param dice spec.random.Dice
---@param m spec.random.Model
---@param step table
---@param at integer
---@param setting table
function ways.draw(dice, m, step, at, setting)
  for _, name in ipairs(ways.names) do step[name] = ways[name].draw(dice, m, step, at, setting) end
end

--- Goes the ways of a step that have something to do at a moment.
---@param moment "first"|"before"|"after"
---@param life spec.random.Life
---@param step table
function ways.go(moment, life, step)
  for _, name in ipairs(ways.names) do
    if step[name] and ways[name][moment] then ways[name][moment](life, step[name], step) end
  end
end

return ways
