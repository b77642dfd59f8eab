-- Every second answer to each changing operation is lost, in all lives and so of all kinds: nobody knows what
-- was done, each kind finds out by itself, and services say in many words that it was done already. Every third
-- life and those that once were not lived to their end; CSORUN_MATRIX=all takes all.
local calls = require "cso.kind.calls"
local life = require "spec.life.harness"

-- From now on the first answer to each changing operation, the third, the fifth … are lost.
local function lose(simulated)
  local seen, lost = {}, 0
  local faults = simulated.faults
  faults.rules = { { kind = "lost" } }
  function faults.draw(_, service, operation)
    if not calls.mutating(operation) then return nil end
    local key = service .. "." .. operation
    seen[key] = (seen[key] or 0) + 1
    if seen[key] % 2 == 0 then return nil end
    lost = lost + 1
    return faults.rules[1]
  end
  return function() return lost end
end

local SOME = os.getenv "CSORUN_MATRIX" == "all" and 1 or 3
local ONCE = { ["CertificateManager Certificate"] = true, ["EC2 KeyPair in full"] = true, ["Route53 RecordSet"] = true,
  ["Cognito UserPool, UserPoolClient and UserPoolDomain in full"] = true, ["SecretsManager Secret that is made there"] = true }

describe("a life without every second answer", function()
  for i, case in ipairs(require "spec.life.cases"()) do
    if i % SOME ~= 0 and not ONCE[case.name] then goto next end
    it("is lived to its end: " .. case.name, function()
      life.within({ sim = {} }, function(world)
        local lost = lose(world.simulator.world)
        life.live(world, case)
        if not case.playbook:find("cso.tls", 1, true) then assert.is_true(lost() > 0) end
      end)
    end)
    ::next::
  end
end)
