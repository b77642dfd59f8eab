local outlast = require "cso.apply.outlast"

describe("outlasting", function()
  local slept, run

  before_each(function()
    local now = 0
    slept = 0
    run = { now = function() return now end, stop = {}, sleep = function(s) now, slept = now + s, slept + 1 end }
  end)

  local function failing(times, e)
    local calls = 0
    return function()
      calls = calls + 1
      if calls <= times then return nil, e end
      return { calls = calls }
    end
  end

  it("goes on when a service throttles, or the retries are spent", function()
    assert.same({ calls = 6 }, (outlast(run, failing(5, { throttled = true }))))
    assert.same({ calls = 3 }, (outlast(run, failing(2, { gave_up = "quota", transient = true }))))
  end)

  it("gives other failures back, and what may have been carried out", function()
    for _, e in ipairs { { code = "InvalidSubnet" }, { throttled = true, ambiguous = true },
      { gave_up = "attempts", transient = true } } do
      local out, got = outlast(run, failing(1, e))
      assert.is_nil(out)
      assert.equal(e, got)
    end
    assert.equal(0, slept)
  end)

  it("ends some time, and at once when the user asks", function()
    local out, e = outlast(run, failing(1000, { throttled = true }))
    assert.is_nil(out)
    assert.is_true(e.throttled)
    assert.is_true(slept > 20 and slept < 200)
    run.stop.requested, slept = true, 0
    assert.is_nil((outlast(run, failing(1000, { throttled = true }))))
    assert.equal(0, slept)
  end)
end)
