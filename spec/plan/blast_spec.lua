local actions = require "cso.plan.actions"
local blast = require "cso.plan.blast"

-- A chain: each needs the one before it; the first `lost` are replaced.
local function chain(n, lost)
  local work = { nodes = {}, opts = {} }
  actions.begin(work)
  for i = 1, n do
    local address = ("n%03d"):format(i)
    work.nodes[address] = { depends = i > 1 and { ("n%03d"):format(i - 1) } or {} }
    actions.add(work, { address = address, action = i <= lost and "replace" or "noop" })
  end
  assert.is_true(blast(work))
  return work.actions
end

describe("the reach of what is lost", function()
  it("is told wholly when little is lost", function()
    local all = chain(400, 3)
    assert.equal(399, #all[1].affects)
    assert.equal("n002", all[1].affects[1])
    assert.is_nil(all[1].affects_more)
    assert.is_nil(all[4].affects)
  end)

  it("names the nearest when much is lost, and says that there are more", function()
    local all = chain(400, 400)
    assert.equal(50, #all[1].affects)
    assert.equal("n051", all[1].affects[50])
    assert.is_true(all[1].affects_more)
    assert.same({ "n400" }, all[399].affects)
    assert.is_nil(all[399].affects_more)
  end)

  it("names nobody where everything goes", function()
    local work = { nodes = { a = { depends = {} } }, opts = { destroy = true } }
    actions.begin(work)
    actions.add(work, { address = "a", action = "delete" })
    assert.is_true(blast(work))
    assert.is_nil(work.actions[1].affects)
  end)
end)
