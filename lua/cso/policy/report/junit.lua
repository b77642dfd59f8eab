--- Findings as JUnit XML, the form in which CI systems show tests: a suite per rule, a case per
--- resource that it says something of.
local function escaped(text)
  -- XML has no place for control characters, nor for the two last code points.
  return (tostring(text):gsub("[%z\1-\8\11\12\14-\31]", ""):gsub("\xef\xbf[\xbe\xbf]", ""):gsub("[&<>\"]",
    { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

local function case_of(found)
  local w = found.where
  local place = w and ("%s:%s"):format(w.file, w.line) or found.address
  local head = ('    <testcase classname="%s" name="%s"%s>'):format(escaped(found.rule), escaped(found.address),
    w and (' file="%s" line="%s"'):format(escaped(w.file), w.line) or "")
  local body
  if found.status == "suppressed" then
    body = ('<skipped message="%s"/>'):format(escaped("skipped: " .. found.reason))
  elseif found.status == "unknown" then
    body = ('<skipped message="%s"/>'):format(escaped(found.text))
  elseif found.status == "violated" and found.level == "deny" then
    body = ('<failure message="%s" type="%s">%s</failure>'):format(escaped(found.text), escaped(found.severity),
      escaped(("%s\n%s\n%s"):format(place, found.why or "", found.hint or "")))
  else
    body = ("<system-out>%s</system-out>"):format(escaped(("%s: %s"):format(found.level, found.text)))
  end
  return head .. body .. "</testcase>\n"
end

---@param findings cso.policy.Finding[]
---@param rules cso.policy.Rule[]
---@param about { stack: string? }
---@return string
return function(findings, rules, about)
  local by_rule, ids = {}, {}
  for _, rule in ipairs(rules) do
    by_rule[rule.id] = { title = rule.title }
    ids[#ids + 1] = rule.id
  end
  table.sort(ids)
  for _, found in ipairs(findings) do table.insert(by_rule[found.rule], found) end
  local out, tests, failures, skipped = {}, 0, 0, 0
  for _, id in ipairs(ids) do
    local list, cases, failed, left = by_rule[id], {}, 0, 0
    for i, found in ipairs(list) do
      cases[i] = case_of(found)
      if found.status == "violated" and found.level == "deny" then failed = failed + 1 end
      if found.status == "suppressed" or found.status == "unknown" then left = left + 1 end
    end
    -- A rule that found nothing is a test that passed.
    if #cases == 0 then cases[1] = ('    <testcase classname="%s" name="%s"/>\n'):format(escaped(id), escaped(list.title)) end
    out[#out + 1] = ('  <testsuite name="%s" tests="%d" failures="%d" skipped="%d" errors="0">\n%s  </testsuite>\n'):format(
      escaped(id .. " " .. list.title), #cases, failed, left, table.concat(cases))
    tests, failures, skipped = tests + #cases, failures + failed, skipped + left
  end
  return ('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="%s" tests="%d" failures="%d" skipped="%d" errors="0">\n%s'
    .. "</testsuites>\n"):format(escaped("policy of " .. (about.stack or "a stack")), tests, failures, skipped, table.concat(out))
end
