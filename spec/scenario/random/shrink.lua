--- Makes a script that fails smaller, as long as it fails.
local deep = require "cso.std.deep"
local ways = require "spec.scenario.random.ways"

-- Every list with one thing less, and with a third or a half less where it is long.
local function shorter(list, without)
  for size = #list // 2, 2, -(#list // 3 + 1) do
    for from = 1, #list - size + 1, size do without(from, size) end
  end
  for i = #list, 1, -1 do without(i, 1) end
end

-- Every script that has one thing less, the big things first.
local function smaller(s)
  local list = {}
  local function without(change)
    local one = deep.copy(s)
    change(one)
    list[#list + 1] = one
  end
  local function cut(find)
    shorter(find(s), function(from, size)
      without(function(o)
        for _ = 1, size do table.remove(find(o), from) end
      end)
    end)
  end
  for at = #s.steps, 2, -1 do without(function(o) table.remove(o.steps, at) end) end
  for name in pairs(s.setting or {}) do without(function(o) o.setting[name] = nil end) end
  for at, step in ipairs(s.steps) do
    if step.faults then without(function(o) o.steps[at].faults = nil end) end
    for _, way in ipairs(ways.names) do
      local what = step[way]
      if what then without(function(o) o.steps[at][way] = nil end) end
      if type(what) == "table" and what.kills then cut(function(o) return o.steps[at][way].kills end) end
    end
    cut(function(o) return o.steps[at].kills end)
    for i, edit in ipairs(step.edits) do
      if edit.kills then cut(function(o) return o.steps[at].edits[i].kills end) end
    end
    cut(function(o) return o.steps[at].edits end)
  end
  if s.destroy.faults then without(function(o) o.destroy.faults = nil end) end
  if #s.destroy.kills > 0 then without(function(o) o.destroy.kills = {} end) end
  return list
end

--- The smallest script found that still fails.
---@param s table
---@param run fun(s: table): string?, string?   carries one out: failure, last playbook
---@param tries integer  how many runs it may take
---@return table script, string failure, string playbook
return function(s, run, tries)
  local failure, playbook = run(s)
  local again = failure ~= nil
  while again and tries > 0 do
    again = false
    for _, one in ipairs(smaller(s)) do
      if tries <= 0 then break end
      tries = tries - 1
      local why, text = run(one)
      if why then
        s, failure, playbook, again = one, why, text, true
        break
      end
    end
  end
  return s, failure or "did not fail a second time", playbook or ""
end
