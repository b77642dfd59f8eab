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

describe("a secret whose name waits for its deletion", function()
  local function book(text)
    return ([[
local cso = require "cso"
cso.stack { name = "back" }
cso.aws.SecretsManager.Secret "s" { Name = "back-s", SecretString = "%s" }
]]):format(text)
  end

  -- No command shows it, so the account itself is asked.
  local function current_text(account)
    for place, collection in next, account.store.places do
      for _, row in ipairs(place:find("secretsmanager/", 1, true) and collection:list() or {}) do
        for _, version in pairs(row._versions or {}) do
          if version.stages.AWSCURRENT then return version.text end
        end
      end
    end
  end

  -- It was deleted, is declared with another text, and what is done about that is cut off after its first half.
  local function holds_the_new_text(cut)
    world.run({ seed = 1, files = { ["back.lua"] = book "first-text-of-it" } }, function(p)
      assert.equal(0, (p:csorun "apply back.lua -y"))
      assert.equal(0, (p:csorun "destroy back.lua -y"))
      assert(os.execute(("rm -rf '%s/.cso'"):format(p.dir))) -- nobody remembers that it was ours
      p:write("back.lua", book "second-text-of-it")
      p.calls = {}
      cut(p)
      local code, text = p:csorun "apply back.lua -y"
      assert.equal(0, code, text)
      assert.equal(0, (p:csorun "plan back.lua --detailed-exitcode"))
      assert.equal("second-text-of-it", current_text(p.sim.world))
    end)
  end

  it("is given the text that is declared when the answer to its restoration is lost", function()
    holds_the_new_text(function(p)
      p.sim.world:set_faults { { kind = "lost", operation = "^RestoreSecret$", times = 1 } }
    end)
  end)

  it("is given it when the run is killed before it is told", function()
    for _, moment in ipairs { "before", "after" } do
      holds_the_new_text(function(p)
        p.kill = { at = 3, moment = moment } -- CreateSecret, RestoreSecret, UpdateSecret
        assert.equal(137, (p:csorun "apply back.lua -y"))
        assert.equal("secretsmanager.UpdateSecret", p.calls[3])
      end)
    end
  end)
end)
