-- drift and history over a state in memory and an account that answers as told.
local drift = require "cso.plan.drift"
local state = require "cso.state"
local task = require "cso.task"

local function account(vpcs)
  local answers = {
    DescribeVpcs = function() return { Vpcs = vpcs } end,
    DescribeVpcAttribute = function(p)
      local name = p.Attribute:gsub("^%l", string.upper)
      return { [name] = { Value = name == "EnableDnsSupport" } }
    end,
    DescribeSecurityGroups = function() return { SecurityGroups = {} } end,
    DescribeNetworkAcls = function() return { NetworkAcls = {} } end,
  }
  return { client = function()
    return { call = function(_, operation, params) return answers[operation](params) end }
  end }
end

local function find(store, session)
  local found
  task.run(function()
    found = assert(drift.find { state = store, session = session, stack = "s", sleep = function() end, now = task.now })
  end)
  return found
end

describe("drift", function()
  local store
  before_each(function()
    store = state.memory(os.time)
    for _, id in ipairs { "vpc-1", "vpc-2" } do
      store:put { address = "EC2.VPC." .. id, type = "AWS::EC2::VPC", id = id, target = {}, depends = {}, status = "ready",
        native = true, declared = { CidrBlock = "10.0.0.0/16", EnableDnsSupport = true, Tags = { a = "1" } }, attributes = {} }
    end
  end)
  after_each(function() store:close() end)

  it("finds what was changed and what is gone", function()
    local found = find(store, account { { VpcId = "vpc-1", CidrBlock = "10.0.0.0/16", Tags = { { Key = "a", Value = "2" } } } })
    assert.equal(2, #found)
    assert.same({ { path = "Tags", before = { a = "1" }, after = { a = "2" }, sensitive = false } }, found[1].changes)
    assert.is_false(found[1].gone)
    assert.is_true(found[2].gone)
  end)

  it("finds nothing where all is as applied, whatever AWS added", function()
    local tags = { { Key = "a", Value = "1" }, { Key = "aws:cloudformation:x", Value = "y" }, { Key = "cso:stack", Value = "s" } }
    local found = find(store, account { { VpcId = "vpc-1", CidrBlock = "10.0.0.0/16", Tags = tags, State = "available" },
      { VpcId = "vpc-2", CidrBlock = "10.0.0.0/16", Tags = tags } })
    assert.same({}, found)
  end)
end)

describe("history", function()
  it("keeps runs and their calls", function()
    local store = state.memory(function() return 1700000000 end)
    local run = store:begin_run { command = "apply", who = "me" }
    local seq = store:intend { run = run, address = "a", action = "create", service = "ec2", operation = "CreateVpc" }
    local open = store:intend { run = run, address = "b", action = "create", service = "ec2", operation = "CreateVpc" }
    store:settle(seq, "done")
    store:call_made(seq, "vpc-1")
    store:call_made(seq, "vpc-2") -- what it made is said once
    store:end_run(run, { counts = { create = 1 }, failed = 0, skipped = 0, interrupted = false })
    assert.matches("^20231114T221320Z%-%x+$", run)
    local calls = store:calls_of(run)
    assert.same({ seq, open }, { calls[1].seq, calls[2].seq })
    assert.same({ "done", "vpc-1" }, { calls[1].outcome, calls[1].detail })
    assert.is_nil(calls[2].outcome)
    assert.equal(run, store:runs()[1].id)
    store:close()
  end)
end)
