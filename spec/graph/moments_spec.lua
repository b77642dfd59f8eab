local graph = require "cso.graph"
local moments = require "cso.graph.moments"

local function resource(address, action, fields)
  local node = { address = address, action = action, form = "resource", type = "T", depends = {}, options = {},
    kind = { spec = {} } }
  for k, v in pairs(fields or {}) do node[k] = v end
  return node
end

local function plan_of(list)
  local plan = { actions = {}, nodes = {} }
  for _, node in ipairs(list) do
    plan.nodes[node.address] = node
    plan.actions[#plan.actions + 1] = { address = node.address, action = node.action }
  end
  return plan
end

--- The order in which the moments happen when each takes no time.
local function order_of(list)
  local edges, info = moments.build(plan_of(list))
  local g = assert(graph.build(edges))
  local position = {}
  for i, name in ipairs(g.order) do position[name] = i end
  return position, edges, info
end

local function record(depends) return { depends = depends or {}, id = "old" } end

describe("moments", function()
  it("let users start as soon as a thing exists", function()
    local _, edges = order_of { resource("vpc", "create"), resource("subnet", "create", { depends = { "vpc" } }) }
    assert.same({ "do:vpc" }, edges["do:subnet"])
  end)

  it("make users wait for ready where the kind says so, and where the user said after", function()
    local slow = resource("nat", "create", { kind = { spec = { use = "ready" } } })
    local _, edges = order_of { slow, resource("route", "create", { depends = { "nat" } }),
      resource("vpc", "create"), resource("x", "create", { depends = { "vpc" }, options = { after = { "vpc" } } }) }
    assert.same({ "ready:nat" }, edges["do:route"])
    assert.same({ "ready:vpc" }, edges["do:x"])
  end)

  it("make steps wait for ready", function()
    local step = { address = "s", action = "run", form = "step", depends = { "vpc" }, options = {} }
    local _, edges = order_of { resource("vpc", "create"), step }
    assert.same({ "ready:vpc" }, edges["do:s"])
  end)

  it("delete users before what they use", function()
    local at = order_of { resource("vpc", "delete", { record = record() }),
      resource("subnet", "delete", { record = record { "vpc" } }) }
    assert.is_true(at["del:subnet"] < at["del:vpc"])
  end)

  it("delete first, then make anew, users around both", function()
    local at = order_of { resource("a", "replace", { record = record() }),
      resource("b", "replace", { record = record { "a" }, depends = { "a" } }) }
    assert.is_true(at["del:b"] < at["del:a"])
    assert.is_true(at["del:a"] < at["do:a"])
    assert.is_true(at["do:a"] < at["do:b"])
  end)

  it("make beside, move the users, then delete", function()
    local at = order_of { resource("a", "replace", { record = record(), replace_order = "create_first" }),
      resource("b", "update", { record = record { "a" }, depends = { "a" } }) }
    assert.is_true(at["do:a"] < at["do:b"])
    assert.is_true(at["do:b"] < at["del:a"])
    assert.is_true(at["ready:a"] < at["del:a"])
  end)

  it("move a user away before what it used is deleted", function()
    local at = order_of { resource("old", "delete", { record = record() }), resource("new", "create"),
      resource("user", "update", { record = record { "old" }, depends = { "new" } }) }
    assert.is_true(at["do:user"] < at["del:old"])
  end)
end)
