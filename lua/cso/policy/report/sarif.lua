--- Findings as SARIF 2.1.0, the form in which code hosts show what scanners found.
local hash = require "cso.std.hash"
local json = require "cso.std.json"

-- SARIF's levels, and the figure by which code hosts sort.
local level_of = { deny = "error", warn = "warning", fix = "note" }
local score_of = { critical = "9.5", high = "8.0", medium = "5.5", low = "2.0" }

local function rule_object(rule)
  return { id = rule.id, name = (rule.title:gsub("[^%w]+(%w?)", string.upper)),
    shortDescription = { text = rule.title }, fullDescription = { text = rule.why or rule.title },
    help = { text = rule.hint or rule.title },
    defaultConfiguration = { level = rule.deny and "error" or rule.warn and "warning" or "note" },
    properties = { ["security-severity"] = score_of[rule.severity], tags = json.array { "security", "infrastructure" } } }
end

-- A path as the URI that SARIF wants: from the folder of the run, or whole.
local function uri_of(path)
  local escaped = path:gsub("[^%w%-._~/]", function(c) return ("%%%02X"):format(c:byte()) end)
  return escaped:sub(1, 1) == "/" and "file://" .. escaped or escaped
end

local function result_object(found, index)
  local w = found.where
  local out = { ruleId = found.rule, ruleIndex = index[found.rule], level = level_of[found.level],
    kind = found.status == "unknown" and "open" or found.status == "fixed" and "informational" or "fail",
    message = { text = ("%s: %s"):format(found.address, found.text) },
    partialFingerprints = { ["address/v1"] = hash.sha256_hex(found.rule .. "\0" .. found.address) },
    locations = json.array { { logicalLocations = json.array { { fullyQualifiedName = found.address, kind = "resource" } },
      physicalLocation = w and { artifactLocation = { uri = uri_of(w.file) }, region = { startLine = w.line } } or nil } } }
  -- A result that is no failure has no level of its own.
  if out.kind ~= "fail" then out.level = "none" end
  if found.status == "suppressed" then
    out.suppressions = json.array { { kind = "inSource", justification = found.reason } }
  end
  return out
end

---@param findings cso.policy.Finding[]
---@param rules cso.policy.Rule[]
---@return string
return function(findings, rules)
  local sorted, index, list, results = { table.unpack(rules) }, {}, {}, {}
  table.sort(sorted, function(a, b) return a.id < b.id end)
  for i, rule in ipairs(sorted) do
    list[i], index[rule.id] = rule_object(rule), i - 1
  end
  for i, found in ipairs(findings) do results[i] = result_object(found, index) end
  return json.encode({
    ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json", version = "2.1.0",
    runs = json.array { { tool = { driver = { name = "csorun", rules = json.array(list) } }, results = json.array(results) } },
  }, { sort = true }) .. "\n"
end
