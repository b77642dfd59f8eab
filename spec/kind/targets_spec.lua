-- Targets that leave a group: some have gone by themselves when they are to be taken from it.
local kinds = require "cso.kind"

local set = kinds.native("AWS::ElasticLoadBalancingV2::TargetGroup").spec.update.Targets

-- A group that knows some targets, and refuses a whole call for one that it does not know.
local function group(registered, refusal)
  local r = { id = "arn", desired = { Port = 80 }, calls = 0 }
  function r:try(operation, params)
    assert.equal("DeregisterTargets", operation)
    self.calls = self.calls + 1
    for _, t in ipairs(params.Targets) do
      if not registered[t.Id] then return nil, { code = refusal or "InvalidTarget" } end
    end
    for _, t in ipairs(params.Targets) do registered[t.Id] = nil end
    return {}
  end
  return r
end

local BOTH = { { Id = "i-1", Port = 80 }, { Id = "i-2", Port = 80 } }

describe("targets", function()
  it("leave a group in one call", function()
    local registered = { ["i-1"] = true, ["i-2"] = true }
    local r = group(registered)
    set(r, {}, BOTH)
    assert.same({ {}, 1 }, { registered, r.calls })
  end)

  it("have left it when it does not know them any more", function()
    local registered = { ["i-2"] = true }
    set(group(registered), {}, BOTH)
    assert.same({}, registered)
    set(group(registered), {}, { BOTH[1] })
  end)

  it("stay where the service refuses for another reason, which is told", function()
    local registered = { ["i-2"] = true }
    local good, e = pcall(set, group(registered, "AccessDenied"), {}, BOTH)
    assert.same({ false, "AccessDenied" }, { good, e.code })
    assert.is_true(registered["i-2"])
  end)
end)
