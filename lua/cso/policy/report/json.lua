--- Findings as JSON: one object, sorted as they were found.
local json = require "cso.std.json"

local function plain(found)
  local w = found.where
  return { rule = found.rule, title = found.title, severity = found.severity, level = found.level, status = found.status,
    address = found.address, file = w and w.file or nil, line = w and w.line or nil, text = found.text, why = found.why,
    hint = found.hint, reason = found.reason }
end

---@param findings cso.policy.Finding[]
---@param rules cso.policy.Rule[]
---@param about { stack: string? }
---@return string
return function(findings, rules, about)
  local list = {}
  for i, found in ipairs(findings) do list[i] = plain(found) end
  local ids = {}
  for i, rule in ipairs(rules) do ids[i] = rule.id end
  table.sort(ids)
  return json.encode({ stack = about.stack, rules = json.array(ids), findings = json.array(list) }, { sort = true }) .. "\n"
end
