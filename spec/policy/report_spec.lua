local json = require "cso.std.json"
local rule = require "cso.policy.rule"
local xml = require "cso.std.xml"

local function rules()
  local function no() end
  return { assert(rule.new("T-2", { on = "S3.Bucket", warn = no, title = "second <&> \"rule\"", severity = "low" })),
    assert(rule.new("T-1", { on = "S3.Bucket", deny = no, title = "first", severity = "critical", why = "w", hint = "h" })) }
end

local function finding(fields)
  local out = { rule = "T-1", title = "first", severity = "critical", level = "deny", status = "violated",
    address = "S3.Bucket.a", where = { file = "p.lua", line = 3 }, text = "bad < \"worse\" & ]]>" }
  for k, v in pairs(fields) do out[k] = v end
  return out
end

local FOUND = { finding {}, finding { address = "S3.Bucket.b", status = "suppressed", reason = "so" },
  finding { address = "S3.Bucket.c", status = "unknown", text = "can't be known" },
  finding { rule = "T-2", level = "warn", address = "S3.Bucket.d" } }

describe("reports of policy", function()
  it("are SARIF 2.1.0", function()
    local tree = json.decode(require "cso.policy.report.sarif"(FOUND, rules(), { stack = "s" }))
    assert.equal("2.1.0", tree.version)
    local run = tree.runs[1]
    assert.equal("T-1", run.tool.driver.rules[1].id)
    assert.equal("error", run.tool.driver.rules[1].defaultConfiguration.level)
    for _, result in ipairs(run.results) do
      assert.equal(result.ruleId, run.tool.driver.rules[result.ruleIndex + 1].id)
      assert.equal(3, result.locations[1].physicalLocation.region.startLine)
      if result.kind ~= "fail" then assert.equal("none", result.level) end
    end
    assert.equal("error", run.results[1].level)
    assert.equal("so", run.results[2].suppressions[1].justification)
    assert.equal("open", run.results[3].kind)
    assert.equal("warning", run.results[4].level)
  end)

  it("are empty SARIF when there is nothing to say", function()
    local text = require "cso.policy.report.sarif"({}, {}, {})
    assert.match('"results":%[%]', text)
    assert.match('"rules":%[%]', text)
  end)

  it("are JUnit", function()
    local text = require "cso.policy.report.junit"(FOUND, rules(), { stack = "s & t", now = 86400 })
    assert(xml.parse(text))
    assert.match('tests="3" failures="1" errors="0" skipped="2"', text)
    assert.match("&lt; &quot;worse&quot; &amp; ]]&gt;", text)
    -- What the schemas of Ant's task and of Jenkins ask for together, and nothing that either refuses.
    local allowed = { testsuites = "", properties = "", ["system-out"] = "", ["system-err"] = "",
      testsuite = "id package name timestamp hostname tests failures errors skipped time",
      testcase = "classname name time", failure = "message type", skipped = "message" }
    for name, attributes in text:gmatch("<([%l-]+)([^<>]*)>") do
      local names = {}
      for attribute in attributes:gmatch("(%l+)=") do names[#names + 1] = attribute end
      assert.equal(allowed[name], table.concat(names, " "))
    end
    local order = {}
    for name in text:match("<testsuite .-</testsuite>"):gmatch("\n    <([%l-]+)") do order[#order + 1] = name end
    assert.same({ "properties", "testcase", "testcase", "testcase", "system-out", "system-err" }, order)
    assert.match('timestamp="1970%-01%-02T00:00:00"', text)
    assert.match("<system%-out>p%.lua:3: warn: S3%.Bucket%.d: bad", text)
  end)

  it("are JSON", function()
    local tree = json.decode(require "cso.policy.report.json"(FOUND, rules(), { stack = "s" }))
    assert.same({ "T-1", "T-2" }, tree.rules)
    assert.equal(3, tree.findings[1].line)
    assert.equal("so", tree.findings[2].reason)
  end)
end)
