-- The portal's own playbooks keep the built-in pack, or say why not.
local life = require "spec.life.harness"
local pack = require "cso.policy.pack"
local policy = require "cso.policy"

describe("the portal under the built-in pack", function()
  for _, name in ipairs { "dev", "dev-ha", "staging", "prod", "prod-ha" } do
    it("has nothing to answer for as " .. name, function()
      life.within({ sim = {}, file = ("playbooks/%s.lua"):format(name) }, function(world)
        local program = world:load()
        local resources = policy.resources(world:plan(program))
        assert.is_true(#resources > 100)
        local ids = {}
        for i, rule in ipairs(pack.rules()) do ids[i] = rule.id end
        assert.is_nil(policy.check_skips(ids, resources, program.policy.skip, true))
        local findings = assert(policy.judge { rules = pack.rules(), resources = resources, skip = program.policy.skip,
          stack = name, production = policy.is_production(program) })
        local open = {}
        for _, found in ipairs(findings) do
          if found.status == "violated" then open[#open + 1] = ("%s %s: %s"):format(found.rule, found.address, found.text) end
        end
        assert.same({}, open)
        assert.is_true(policy.count(findings).suppressed > 0)
      end)
    end)
  end
end)
