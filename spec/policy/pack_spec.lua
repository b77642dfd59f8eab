-- Every rule of the built-in pack finds its bad example and nothing in its good one.
local pack = require "cso.policy.pack"
local policy = require "cso.policy"

local function judged(rule, example)
  local resources, production = pack.resources(example)
  return assert(policy.judge { rules = { rule }, resources = resources, production = production })
end

describe("the built-in pack", function()
  local seen = {}

  it("is large, and each id is given once", function()
    for _, rule in ipairs(pack.rules()) do
      assert.is_nil(seen[rule.id], rule.id)
      seen[rule.id] = true
    end
    assert.is_true(#pack.rules() >= 60, tostring(#pack.rules()))
  end)

  for _, rule in ipairs(pack.rules()) do
    it(rule.id .. " " .. rule.title, function()
      assert.is_string(rule.why)
      assert.is_string(rule.hint)
      assert.match("^CSO%-%u%w*%-%d%d%d$", rule.id)
      assert.same({}, judged(rule, rule.good))
      local found = judged(rule, rule.bad)
      assert.is_true(#found >= 1)
      for _, one in ipairs(found) do
        assert.equal("violated", one.status)
        assert.is_true(#one.text > 5)
      end
      -- What a rule proposes, keeps it.
      if rule.fix and found[1].fix then
        local resources, production = pack.resources(rule.bad)
        for _, resource in ipairs(resources) do
          if resource.address == found[1].address then
            resource.properties = require("cso.std.deep").merge(resource.properties, found[1].fix)
          end
        end
        for _, one in ipairs(policy.judge { rules = { rule }, resources = resources, production = production }) do
          assert.not_equal(found[1].address, one.address, "the fix does not mend it")
        end
      end
    end)
  end
end)
