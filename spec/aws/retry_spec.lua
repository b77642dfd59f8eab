local retry = require "cso.aws.retry"

local function policy(opts)
  opts = opts or {}
  opts.random = function() return 1 end
  opts.clock = opts.clock or function() return 0 end
  return assert(retry.new(nil, opts))
end

describe("retries", function()
  it("double their delay up to the cap and stop after the attempts", function()
    local steps = retry.simulate(policy { attempts = 8 }, {
      { status = 500 }, { status = 502 }, { status = 503 }, { code = "Throttling", status = 400 },
      { status = 500 }, { status = 500 }, { status = 500 }, { status = 500 },
    })
    local delays = {}
    for i, s in ipairs(steps) do delays[i] = s.delay or s.why end
    assert.same({ 1, 2, 4, 8, 16, 20, 20, "attempts" }, delays)
  end)

  it("do not follow a plain refusal", function()
    assert.same("not retryable", retry.simulate(policy(), { { code = "AccessDenied", status = 403 } })[1].why)
  end)

  it("pay from a quota and get the price back", function()
    local p = policy()
    p.quota = 10
    local steps = retry.simulate(p, { { status = 500 }, { success = true }, { success = true } })
    assert.same({ 5, 10, 11 }, { steps[1].quota, steps[2].quota, steps[3].quota })
    p.quota = 4
    assert.equal("quota", retry.simulate(p, { { status = 500 } })[1].why)
    p.quota = 9
    assert.equal("quota", retry.simulate(p, { { class = "network", code = "timeout" } })[1].why)
  end)

  it("listen to x-amz-retry-after within bounds", function()
    local steps = retry.simulate(policy(), { { status = 500, retry_after = 60 } })
    assert.equal(6, steps[1].delay)
  end)

  it("take their settings from the environment", function()
    local config = assert(require("cso.aws.config").load {
      env = { AWS_MAX_ATTEMPTS = "7", AWS_RETRY_MODE = "adaptive" }, read = function() end,
    })
    local p = assert(retry.new(config, { random = math.random, clock = function() return 0 end }))
    assert.equal(7, p.attempts)
    local none, e = retry.new(config, { mode = "eager", random = math.random, clock = os.time })
    assert.is_nil(none)
    assert.equal("config", e.class)
  end)

  it("slow down in adaptive mode after a throttle", function()
    local now = 0
    local p = policy { mode = "adaptive", clock = function() return now end }
    local call = p:begin()
    assert.equal(0, p:before())
    for _ = 1, 20 do
      now = now + 0.1
      p:success(call)
    end
    p:again(call, retry.classify { code = "Throttling", status = 400 })
    p:before()
    assert.is_true(p:before() > 0)
    assert.is_true(p.rate < 10)
  end)

  it("know what changes things", function()
    assert.is_false(retry.mutates "DescribeVpcs")
    assert.is_false(retry.mutates("InvokeSomething", "GET"))
    assert.is_false(retry.mutates "BatchGetItem")
    assert.is_true(retry.mutates "CreateVpc")
    assert.is_true(retry.mutates "RunInstances")
    assert.is_true(retry.repeatable("PutObject", "PUT"))
    assert.is_false(retry.repeatable("CreateBackupPlan", "PUT"))
  end)
end)
