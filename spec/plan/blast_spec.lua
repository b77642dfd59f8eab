local blast = require "cso.plan.blast"

-- A chain: each needs the one before it; the first `lost` are replaced.
local function chain(n, lost)
  local work = { nodes = {}, actions = {}, opts = {} }
  for i = 1, n do
    local address = ("n%03d"):format(i)
    work.nodes[address] = { depends = i > 1 and { ("n%03d"):format(i - 1) } or {} }
    work.actions[i] = { address = address, action = i <= lost and "replace" or "noop" }
  end
  assert.is_true(blast(work))
  return work.actions
end

describe("the reach of what is lost", function()
  it("is told wholly when little is lost", function()
    local actions = chain(400, 3)
    assert.equal(399, #actions[1].affects)
    assert.equal("n002", actions[1].affects[1])
    assert.is_nil(actions[1].affects_more)
    assert.is_nil(actions[4].affects)
  end)

  it("names the nearest when much is lost, and says that there are more", function()
    local actions = chain(400, 400)
    assert.equal(50, #actions[1].affects)
    assert.equal("n051", actions[1].affects[50])
    assert.is_true(actions[1].affects_more)
    assert.same({ "n400" }, actions[399].affects)
    assert.is_nil(actions[399].affects_more)
  end)

  it("names nobody where everything goes", function()
    local work = { nodes = { a = { depends = {} } }, actions = { { address = "a", action = "delete" } },
      opts = { destroy = true } }
    assert.is_true(blast(work))
    assert.is_nil(work.actions[1].affects)
  end)
end)
