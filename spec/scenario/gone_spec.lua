-- What was deleted although nobody heard of it: the answer is lost, the call is made again, and services say in
-- words of their own that there is nothing to delete.
local world = require "spec.scenario.world"

local BOOK = [[
local cso = require "cso"
cso.stack { name = "gone" }
local pool = cso.aws.Cognito.UserPool "users" { UserPoolName = "users" }
cso.aws.Cognito.UserPoolDomain "users" { Domain = "gone-users", UserPoolId = pool }
]]

describe("a deletion whose answer is lost", function()
  local function destroyed(faults, code, pattern)
    world.run({ seed = 1, files = { ["gone.lua"] = BOOK } }, function(p)
      assert.equal(0, (p:csorun "apply gone.lua -y"))
      p.sim.world:set_faults(faults)
      local status, text = p:csorun "destroy gone.lua -y"
      assert.equal(code, status, text)
      if pattern then
        assert.match(pattern, text, 1, true)
        assert.match("cognito-idp/Domain=1", p:counts(), 1, true)
        p.sim.world:set_faults ""
        assert.equal(0, (p:csorun "destroy gone.lua -y"))
      end
      assert.is_nil(p:counts():find("cognito-idp", 1, true))
    end)
  end

  it("is done when the thing is gone, whatever the service says of it then", function()
    destroyed({ { kind = "lost", operation = "^DeleteUserPoolDomain$", times = 1 } }, 0)
  end)

  it("is a failure when the thing is still there", function()
    destroyed({ { kind = "error", operation = "^DeleteUserPoolDomain$", times = 1 }, { kind = "error",
      operation = "^DeleteUserPoolDomain$", code = "InvalidParameterException", status = 400 } }, 1, "DeleteUserPoolDomain")
  end)
end)
