local outlast = require "cso.kind.outlast"

describe("outlasting", function()
  local slept, run, told, patient

  before_each(function()
    local now = 0
    slept, told = 0, {}
    run = { now = function() return now end, stop = {}, sleep = function(s) now, slept = now + s, slept + 1 end,
      emit = function(name, data) told[#told + 1] = name .. " " .. data.service .. "." .. data.operation end }
    patient = outlast.new(run, outlast.CHANGING)
  end)

  local function failing(times, e)
    local calls = 0
    return function()
      calls = calls + 1
      if calls <= times then return nil, e end
      return { calls = calls }
    end
  end

  local function call(fn) return patient:call("ec2", "DescribeVpcs", fn) end

  local GONE = { class = "network", code = "connect", transient = true, sent = false }

  it("goes on when a service throttles, or the retries are spent, and says so once", function()
    assert.same({ calls = 6 }, (call(failing(5, { throttled = true }))))
    assert.same({ "outage ec2.DescribeVpcs" }, told)
    assert.same({ calls = 3 }, (call(failing(2, { gave_up = "quota", transient = true }))))
    assert.equal(2, #told)
  end)

  it("waits for a network that was there before, and for no other", function()
    assert.equal(GONE, select(2, call(failing(1, GONE))))
    assert.equal(0, slept)
    assert.truthy(call(failing(0)))
    assert.same({ calls = 8 }, (call(failing(7, GONE))))
    local out, e = call(failing(1000, GONE))
    assert.is_nil(out)
    assert.equal(GONE, e)
    assert.is_true(run.now() < 2 * 3 * 60)
  end)

  it("takes a refusal for an answer", function()
    assert.is_nil((call(failing(1, { code = "UnauthorizedOperation", status = 403, class = "service" }))))
    assert.same({ calls = 2 }, (call(failing(1, GONE))))
  end)

  it("gives other failures back, and what may have been carried out", function()
    assert.truthy(call(failing(0)))
    for _, e in ipairs { { code = "InvalidSubnet" }, { throttled = true, ambiguous = true },
      { gave_up = "attempts", transient = true }, { class = "network", code = "too_large" },
      { class = "network", code = "reset", transient = true, ambiguous = true } } do
      local out, got = call(failing(1, e))
      assert.is_nil(out)
      assert.equal(e, got)
    end
    assert.equal(0, slept)
  end)

  it("ends some time, sooner for those who only read, and at once when the user asks", function()
    local out, e = call(failing(1000, { throttled = true }))
    assert.is_nil(out)
    assert.is_true(e.throttled)
    assert.is_true(slept > 20 and slept < 200)
    local long, before = slept, run.now()
    patient = outlast.new(run, outlast.READING)
    call(failing(1000, { throttled = true }))
    assert.is_true(slept - long < long / 2 and run.now() - before < 4 * 60)
    run.stop.requested, slept = true, 0
    assert.is_nil((call(failing(1000, { throttled = true }))))
    assert.equal(0, slept)
  end)
end)
