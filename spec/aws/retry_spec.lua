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

  it("have the numbers of revision 2.1 on request", function()
    local failed = {}
    for i = 1, 12 do failed[i] = { status = 500 } end
    local steps = retry.simulate({ attempts = 12, revised = true, random = 1 }, failed)
    local delays = {}
    for i, s in ipairs(steps) do delays[i] = s.delay or s.why end
    assert.same({ 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20, 20, "attempts" }, delays)
    steps = retry.simulate({ revised = true, random = 1 }, { { status = 500 }, { success = true } })
    assert.same({ 486, 500 }, { steps[1].quota, steps[2].quota })
    steps = retry.simulate({ revised = true, random = 1 }, { { status = 400, code = "Throttling" }, { status = 500 } })
    assert.same({ 1, 495 }, { steps[1].delay, steps[1].quota })
    steps = retry.simulate({ revised = true, random = 1 }, { { class = "network", code = "timeout" } })
    assert.equal(486, steps[1].quota)
    steps = retry.simulate({ revised = true, service = "dynamodb", random = 1 },
      { { status = 500 }, { status = 500 }, { status = 500 }, { status = 500 } })
    assert.same({ 0.025, 0.05, 0.1, "attempts" }, { steps[1].delay, steps[2].delay, steps[3].delay, steps[4].why })
  end)

  it("take revision 2.1 from the environment", function()
    local config = require("cso.aws.config").load { env = { AWS_NEW_RETRIES_2026 = "true" }, read = function() end }
    local p = assert(retry.new(config, { random = function() return 1 end, clock = function() return 0 end,
      service = "dynamodb" }))
    assert.equal(4, p.attempts)
    assert.equal(0.025, retry.simulate(p, { { status = 500 } })[1].delay)
  end)

  it("let those who ask in a loop wait before they are told", function()
    local p = policy { revised = true, quota = 0 }
    local delay, why, pause = p:again(p:begin(), retry.classify { status = 500 })
    assert.is_nil(delay)
    assert.same({ "quota", 0.05 }, { why, pause })
    assert.is_true(retry.polls("sqs", "ReceiveMessage"))
    assert.is_false(retry.polls("sqs", "SendMessage"))
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
