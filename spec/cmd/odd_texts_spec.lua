-- Texts that are no UTF-8, values that are raised, input that can't be read: told, and nothing is broken by them.
local folder = require("spec.cmd.folder") "--sim --region us-east-1"
local json = require "cso.std.json"
local text = require "cso.std.text"
local xml = require "cso.std.xml"

local KEYS = "AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret"

describe("a text that is no UTF-8", function()
  before_each(folder.open)
  after_each(folder.close)

  it("has U+FFFD for each byte that is none", function()
    for given, want in pairs { [""] = "", ["plain"] = "plain", ["日\xff本\xfe"] = "日\u{fffd}本\u{fffd}",
      ["\xc3"] = "\u{fffd}", ["a\xc3b"] = "a\u{fffd}b", ["\xed\xa0\x80"] = "\u{fffd}\u{fffd}\u{fffd}" } do
      assert.equal(want, text.valid(given))
      assert.truthy(utf8.len(text.valid(given)))
    end
  end)

  it("stands in no report as it is", function()
    folder.write("p.lua", [[
local cso = require "cso"
cso.policy "T-1" { title = "t \xff", on = "SSM.Parameter", why = "w \27", hint = "\xfe",
  warn = function() return "m \xff \0 \27[31m \u{ffff} <&>" end }
cso.policy "T-2" { title = "t", on = "SSM.Parameter", deny = function() return "no" end }
cso.aws.SSM.Parameter("p", { policy = { skip = { ["T-2"] = "because \xff" } } }) { Name = "/p", Type = "String", Value = "1" }
]])
    local status, said = folder.csorun(
      "plan p.lua --policy-out json:o.json --policy-out sarif:o.sarif --policy-out junit:o.xml", KEYS)
    assert.equal(0, status, said)
    local findings = assert(json.decode(folder.read "o.json")).findings
    assert.equal("m \u{fffd} \0 \27[31m \u{ffff} <&>", findings[1].text)
    assert.equal("because \u{fffd}", findings[2].reason)
    assert.equal("2.1.0", assert(json.decode(folder.read "o.sarif")).version)
    assert.truthy(xml.decode(folder.read "o.xml"))
  end)
end)

describe("the REPL", function()
  before_each(folder.open)
  after_each(folder.close)

  it("refuses a text of a secret, as a playbook does, and goes on", function()
    folder.write("in", "s = cso.secret 'Hidden-77121'\nx = string.format('%s', s)\ny = tostring(s)\nprint(s)\n")
    local status, said = folder.csorun("repl < in", KEYS)
    assert.equal(1, status)
    assert.equal(2, select(2, said:gsub("can't make a text of a secret", "")))
    assert.match("\n%(sensitive%)\n$", said)
  end)

  it("keeps a secret that was raised a secret", function()
    folder.write("in", "s = cso.secret 'Hidden-77120'\nerror(s)\ns\n")
    local status, said = folder.csorun("repl < in", KEYS)
    assert.equal(1, status)
    assert.is_nil(said:find("Hidden", 1, true))
    assert.match("error: %(sensitive%).*\n%(sensitive%)\n", said)
    assert.not_match("nil value", said)
  end)

  it("says why it can't read", function()
    for _, input in ipairs { "<&-", "< ." } do
      local status, said = folder.csorun("repl " .. input, KEYS)
      assert.equal(3, status, said)
      assert.match("can't read the standard input: ", said)
    end
  end)
end)
