-- Records that get another address, and what follows them.
local state = require "cso.state"
local value = require "cso.std.value"

describe("cso.state: moving", function()
  local store, run

  local function record(address, fields)
    local r = { address = address, type = "AWS::EC2::VPC", id = "id-" .. address, declared = {}, attributes = {},
      target = {}, depends = {}, status = "ready" }
    for k, v in pairs(fields or {}) do r[k] = v end
    return r
  end

  before_each(function()
    store = state.memory(function() return 1000 end)
    store:put(record "a")
    store:put(record("user", { depends = { "a", "z" },
      declared = { Word = value.secret(nil, { digest = "d", origin = { address = "a", path = "Value" } }) } }))
    store:put(record "other")
    run = store:begin_run { command = "state mv", who = "ann" }
  end)

  after_each(function() store:close() end)

  it("takes dependants and the origin of secrets along, and is in the journal", function()
    assert.is_true(store:move("a", "m/b", run))
    assert.is_nil(store:get "a")
    assert.equal("m/b", store:get("m/b").address)
    assert.equal("id-a", store:get("m/b").id)
    local user = store:get "user"
    assert.same({ "m/b", "z" }, user.depends)
    assert.equal("m/b", value.secret_info(user.declared.Word).origin.address)
    local call = store:calls_of(run)[1]
    assert.equal("move", call.action)
    assert.equal("done", call.outcome)
    assert.equal("a", call.detail)
  end)

  it("takes along what an interrupted run was making", function()
    store:expect { address = "a", run = run, token = "t", intent = { type = "T", desired = {}, target = {},
      depends = {}, native = true } }
    assert.is_true(store:move("a", "b", run))
    assert.is_nil(store:expected().a)
    assert.equal("t", store:expected().b.token)
  end)

  it("refuses an address that is taken, and then changes nothing", function()
    local moved, e = store:move("a", "other", run)
    assert.is_nil(moved)
    assert.equal("address_taken", e.code)
    assert.equal("id-other", store:get("other").id)
    assert.equal("id-a", store:get("a").id)
    assert.is_false(store:move("nothing", "b", run))
  end)

  it("imagines moves, one after the other, without making them", function()
    local imagined = assert(store:imagine { { from = "a", to = "b" }, { from = "b", to = "c" }, { from = "x", to = "y" } })
    local addresses = {}
    for i, r in ipairs(imagined.resources) do addresses[i] = r.address end
    assert.same({ "c", "other", "user" }, addresses)
    assert.equal(2, #imagined.moved)
    assert.equal("id-a", store:get("a").id)
    local none, e = store:imagine { { from = "a", to = "other" } }
    assert.is_nil(none and none.resources)
    assert.equal("address_taken", e.code)
    assert.equal("id-a", store:get("a").id)
  end)
end)
