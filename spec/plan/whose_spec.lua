-- Keys of another account: what they do not find is not gone.
local drift = require "cso.plan.drift"
local plan = require "cso.plan"
local state = require "cso.state"
local task = require "cso.task"

local NOBODY = { code = "AccessDenied", message = "no", class = "credentials" }

local function session(account)
  return {
    identity = function() if account then return { Account = account } end return nil, NOBODY end,
    client = function()
      return { call = function(_, operation)
        assert.match("^Describe", operation)
        return { Vpcs = {} }
      end }
    end,
  }
end

describe("what keys of another account do not find", function()
  local store

  local function record(target)
    store:put { address = "EC2.VPC.v",
      type = "AWS::EC2::VPC", id = "vpc-1", target = target or {}, depends = {}, status = "ready",
      native = true, declared = { CidrBlock = "10.0.0.0/16" }, attributes = {} }
  end

  local function planned(account)
    local made, e
    task.run(function()
      made, e = plan.make { state = store, session = session(account), stack = "s", destroy = true, sleep = task.sleep,
        now = task.now }
    end)
    return made, e
  end

  before_each(function()
    store = state.memory(os.time)
    record()
    store:begin_run { who = "me", command = "apply", facts = { caller = "arn:aws:sts::111111111111:assumed-role/ci/x" } }
    store:begin_run { who = "me", command = "refresh" }
  end)
  after_each(function() store:close() end)

  it("is not believed to be gone", function()
    local made, e = planned "222222222222"
    assert.is_nil(made)
    assert.equal("other_account", e.code)
    assert.match("222222222222.*111111111111.*EC2%.VPC%.v", e.message)
    assert.match("use keys of 111111111111", e.hint)
    local found
    task.run(function()
      found, e = drift.find { state = store, session = session "222222222222", stack = "s", sleep = task.sleep, now = task.now }
    end)
    assert.is_nil(found)
    assert.equal("other_account", e.code)
  end)

  it("is gone when the keys are the same account's, and when nobody tells whose they are", function()
    for _, account in ipairs { "111111111111", false } do
      local made, e = planned(account)
      assert(made, e and e.message)
      assert.equal("forget", made.actions[1].action)
    end
  end)

  it("is where its own profile says", function()
    record { profile = "tenant" }
    assert.is_table((planned "222222222222"))
  end)
end)
