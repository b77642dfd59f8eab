local support = require("spec.playbook.support")

describe("a playbook's libraries", function()
  before_each(support.setup)
  after_each(support.teardown)

  it("are its own: what it takes away or puts in their place is nobody else's loss", function()
    local format, insert, gsub = string.format, table.insert, string.gsub
    for _, line in ipairs { "string.format = nil", "table.insert = function() end", "for k in pairs(table) do table[k] = nil end",
      "getmetatable('').__index.gsub = nil", "debug.getmetatable('').__index.format = nil", "rawset(string, 'format', 1)",
      "require('string').gsub = nil", "pairs, tostring, type, error, select, math = nil", "_G.string.format = nil" } do
      local p = support.program(line .. "\ncso.aws.EC2.VPC 'v' { CidrBlock = '10.0.0.0/16' }")
      assert.equal(1, #p.declarations, line)
      assert.equal(format, string.format, line)
      assert.equal(insert, table.insert, line)
      assert.equal(gsub, ("").gsub, line)
    end
  end)

  it("are Lua's otherwise, and take methods for texts", function()
    local p = support.program [[
assert(string == require "string" and string == _G.string and table.concat { 1, 2 } == "12" and #("x"):rep(3) == 3)
function string.trimmed(s) return (s:match "^%s*(.-)%s*$") end
local names = {}
for name in pairs(string) do names[#names + 1] = name end
assert(table.concat(names, " "):find "trimmed" and getmetatable("").__index.trimmed)
function string.trimmed(s) return (s:match "^%s*(.-)%s*$") .. "!" end
cso.output { text = ("  a "):trimmed(), format = ("%d"):format(7) }
]]
    assert.same({ { "format", "7" }, { "text", "a!" } },
      { { p.outputs[1].name, p.outputs[1].value }, { p.outputs[2].name, p.outputs[2].value } })
  end)
end)
