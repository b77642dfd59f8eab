--- Findings as JUnit XML, the form in which CI systems show tests: a suite per rule, a case per
--- resource that it says something of. It keeps to what both the schema of Ant's JUnit task and that of Jenkins
--- allow, which is less than most readers take: what only warns stands in its suite's system-out.
local function escaped(text)
  -- XML has no place for control characters, nor for the two last code points.
  return (tostring(text):gsub("[%z\1-\8\11\12\14-\31]", ""):gsub("\xef\xbf[\xbe\xbf]", ""):gsub("[&<>\"]",
    { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

local function place_of(found)
  local w = found.where
  return w and ("%s:%s"):format(w.file, w.line) or found.address
end

local function case(rule, name, inner)
  local head = ('    <testcase classname="%s" name="%s" time="0"'):format(escaped(rule), escaped(name))
  return head .. (inner and ">" .. inner .. "</testcase>\n" or "/>\n")
end

local function fails(found) return found.status == "violated" and found.level == "deny" end

local function inside(found)
  if found.status == "suppressed" then return ('<skipped message="%s"/>'):format(escaped("skipped: " .. found.reason)) end
  if found.status == "unknown" then return ('<skipped message="%s"/>'):format(escaped(found.text)) end
  if not fails(found) then return nil end
  return ('<failure message="%s" type="%s">%s</failure>'):format(escaped(found.text), escaped(found.severity),
    escaped(("%s\n%s\n%s"):format(place_of(found), found.why or "", found.hint or "")))
end

local SUITE = [[
  <testsuite id="%d" package="%s" name="%s" timestamp="%s" hostname="localhost" tests="%d" failures="%d" errors="0" skipped="%d" time="0">
    <properties/>
%s    <system-out>%s</system-out>
    <system-err/>
  </testsuite>
]]

---@param findings cso.policy.Finding[]
---@param rules cso.policy.Rule[]
---@param about { stack: string?, now: integer? }   now: epoch seconds
---@return string
return function(findings, rules, about)
  local by_rule, ids = {}, {}
  for _, rule in ipairs(rules) do
    by_rule[rule.id] = { title = rule.title }
    ids[#ids + 1] = rule.id
  end
  table.sort(ids)
  for _, found in ipairs(findings) do table.insert(by_rule[found.rule], found) end
  local package, time = "policy of " .. (about.stack or "a stack"), os.date("!%Y-%m-%dT%H:%M:%S", about.now or 0)
  local out = {}
  for nth, id in ipairs(ids) do
    local list, cases, said, failed, left = by_rule[id], {}, {}, 0, 0
    for i, found in ipairs(list) do
      local inner = inside(found)
      cases[i] = case(id, found.address, inner)
      if fails(found) then
        failed = failed + 1
      elseif inner then
        left = left + 1
      else
        said[#said + 1] = escaped(("%s: %s: %s: %s\n"):format(place_of(found), found.level, found.address, found.text))
      end
    end
    -- A rule that found nothing is a test that passed.
    if #cases == 0 then cases[1] = case(id, list.title) end
    out[nth] = SUITE:format(nth - 1, escaped(package), escaped(id .. " " .. list.title), time, #cases, failed, left,
      table.concat(cases), table.concat(said))
  end
  return '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n' .. table.concat(out) .. "</testsuites>\n"
end
