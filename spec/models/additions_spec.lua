-- What is added to CloudFormation's types by hand, their services' operations take.
local additions = require "cso.models.data.additions"
local catalogue = require "cso.std.catalogue"
local extend = require "cso.models.extend"
local kinds = require "cso.kind"

describe("additions to types", function()
  it("are members of the operation that takes them, and handled by a kind of csorun's own", function()
    for name, more in pairs(additions) do
      local S = assert(catalogue.service(more.operation[1]))
      local members = S:shape(assert(S:operation(more.operation[2])).input.shape).members
      local T, K = assert(catalogue.type(name)), kinds.native(name)
      for property in pairs(more.properties or {}) do
        assert.truthy(members[property], name .. "." .. property)
        assert.truthy(T.properties[property], name .. "." .. property)
        assert.is_true(K:covers(property))
      end
      for property, values in pairs(more.enums or {}) do
        for _, v in ipairs(values) do
          local offered = S:shape(members[property].shape).enum
          assert.truthy(require("cso.std.deep").contains(offered, v), v)
          assert.truthy(require("cso.std.deep").contains(T.properties[property].type.enum, v), v)
        end
      end
    end
  end)

  it("are told when a type has them by now", function()
    local types = {}
    for name, more in pairs(additions) do
      local T = { properties = {} }
      for property, values in pairs(more.enums or {}) do T.properties[property] = { type = { enum = { values[1] } } } end
      for property, P in pairs(more.properties or {}) do T.properties[property] = P end
      types[name] = T
    end
    assert.same({ "AWS::SSM::Parameter.Type: SecureString", "AWS::SSM::Parameter.KeyId" }, extend.all(types))
    assert.same({}, extend.all {})
  end)
end)
