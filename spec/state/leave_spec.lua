-- Secrets of a record that goes to another state, whose salt is another.
local leave = require "cso.cmd.state.leave"
local state = require "cso.state"
local value = require "cso.std.value"

describe("cso.state: leaving", function()
  local dir

  before_each(function()
    local pipe = assert(io.popen "mktemp -d")
    dir = pipe:read("l")
    pipe:close()
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  local function open(name)
    return assert(state.open { path = ("%s/%s.db"):format(dir, name), create = true, now = function() return 1000 end })
  end

  local function record(address, fields)
    local r = { address = address, type = "AWS::EC2::VPC", id = "id-" .. address, declared = {}, attributes = {},
      target = {}, depends = {}, status = "ready" }
    for k, v in pairs(fields or {}) do r[k] = v end
    return r
  end

  local function move(a, b, addresses)
    local going = { id = "m-" .. addresses[1], stack = "b", place = b.path, addresses = addresses }
    local luggage = a:part(going)
    b:arrive(going, luggage, b:begin_run { command = "state mv", who = "x" }, "a")
    return going
  end

  it("lets secrets be recognised there, also when they are written again", function()
    local a, b = open "a", open "b"
    a:put(record("db", { declared = { Password = value.secret "open sesame" } }))
    move(a, b, { "db" })
    for _ = 1, 2 do
      local there = b:get "db"
      assert.is_true(value.same_secret(there.declared.Password, value.secret "open sesame"))
      assert.is_false(value.same_secret(there.declared.Password, value.secret "close sesame"))
      b:put(there)
    end
    a:close()
    b:close()
  end)

  it("counts nowhere twice while it is under way", function()
    local a, b = open "a", open "b"
    a:put(record "x")
    a:put(record "y")
    local going = move(a, b, { "x" })
    assert.equal(1, #a:resources())
    assert.same(going, a:leaving())
    local ctx = { who = function() return "x" end }
    b:close()
    assert.is_true(leave.settle(ctx, a))
    assert.is_nil(a:leaving())
    assert.is_nil(a:get "x")
    assert.equal("y", a:resources()[1].address)
    a:close()
  end)

  it("is not guessed at when the other state can't be read", function()
    local a, b = open "a", open "b"
    a:put(record "x")
    move(a, b, { "x" })
    b:close()
    local file = assert(io.open(dir .. "/b.db", "w"))
    file:write("not a state")
    file:close()
    local ok, e = leave.settle({ who = function() return "x" end }, a)
    assert.is_nil(ok)
    assert.equal("corrupt_state", e.code)
    assert.match("move of x to stack b is not finished", e.hint)
    assert.is_table(a:leaving())
    a:close()
  end)

  it("leaves nothing behind that needs what goes", function()
    local a = open "a"
    a:put(record "vpc")
    a:put(record("subnet", { depends = { "vpc" } }))
    a:put(record("keeper", { keeps = { subnet = "id" } }))
    assert.match("subnet depends on vpc", a:bound({ "vpc" }).message)
    assert.match("a secret ties keeper to subnet", a:bound({ "keeper" }).message)
    assert.is_nil(a:bound { "vpc", "subnet" })
    a:close()
  end)
end)
