--- cso.policy: rules that the plan has to keep, and what holds for the whole stack.
local evaluation = require("cso.playbook.evaluation")
local options = require("cso.playbook.options")
local where = require("cso.std.where")

local policy = {}

local settings = { builtin = true, skip = true }

local function configure(e, given)
  for key in pairs(given) do
    if not settings[key] then
      evaluation.fail("policy", ("cso.policy has no field %s"):format(tostring(key)), { hint = "it takes builtin and skip" })
    end
  end
  if given.builtin ~= nil and type(given.builtin) ~= "boolean" then
    evaluation.fail("policy", "builtin of cso.policy must be true or false")
  end
  local before = e.policy or { skip = {} }
  if given.skip then
    local _, faults = options.resource { policy = { skip = given.skip } }
    if faults[1] then evaluation.fail("policy", (faults[1]:gsub("^option policy", "skip of cso.policy"))) end
  end
  local skip = {}
  for id, reason in pairs(before.skip) do skip[id] = reason end
  for id, reason in pairs(given.skip or {}) do skip[id] = reason end
  local builtin = given.builtin
  if builtin == nil then builtin = before.builtin end
  e.policy = { builtin = builtin, skip = skip, where = where.here(2) }
end

--- `cso.policy "ID" { on, deny | warn | fix, … }` says a rule; `cso.policy { builtin, skip }` says what
--- holds for the whole stack.
---@param given string|table
---@return (fun(fields: table))?
function policy.policy(given)
  local e = evaluation.declaring("cso.policy")
  if type(given) == "table" then return configure(e, given) end
  if type(given) ~= "string" or not given:match("^[%w][%w._-]*$") then
    evaluation.fail("policy", "cso.policy needs the id of the rule: cso.policy \"TEAM-001\" { … }")
  end
  local place = where.here(1)
  local file, line = where.at(1)
  local begun = evaluation.unfinished(e, "cso.policy", given, { file = file, line = line })
  return function(fields)
    evaluation.finished(e, begun)
    if type(fields) ~= "table" then
      evaluation.fail("policy", ("cso.policy %q needs a table: cso.policy %q { … }"):format(given, given))
    end
    for _, other in ipairs(e.policies) do
      if other.id == given then
        evaluation.fail("duplicate", ("the rule %s is said twice: first at %s"):format(given, other.where or "?"))
      end
    end
    e.policies[#e.policies + 1] = { id = given, fields = fields, where = place }
  end
end

return policy
