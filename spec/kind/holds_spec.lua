-- Who holds what is data: each line of it names a type and properties that the catalogue has.
local catalogue = require "cso.std.catalogue"
local holds = require "cso.kind.holds"

describe("holders", function()
  it("are types of the catalogue, and hold by properties that those have", function()
    local wrong = {}
    for name, properties in pairs(holds) do
      local T = catalogue.type(name)
      if not T then wrong[#wrong + 1] = name end
      assert.is_true(#properties > 0, name)
      for i, property in ipairs(properties) do
        if T and not T.properties[property] then wrong[#wrong + 1] = name .. "." .. property end
        assert.is_true(i == 1 or properties[i - 1] < property, name .. " is not sorted")
      end
    end
    table.sort(wrong)
    assert.same({}, wrong)
  end)
end)
