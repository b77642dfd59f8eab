-- The whole deployment of production on a bad day: a sample of what ./dev matrix faults and throttled try.
-- CSORUN_MATRIX=all takes every kind of fault.
local deep = require "cso.std.deep"
local faults = require "spec.scenario.matrix.faults"
local preload = require "spec.scenario.matrix.preload"
local snapshot = require "spec.scenario.matrix.snapshot"
local uv = require "luv"

local BOOK = { uv.cwd() .. "/playbooks/prod-ha.lua" }
local KINDS = os.getenv "CSORUN_MATRIX" == "all" and deep.keys(faults.kinds) or { "everything", "first", "truncate" }

describe("the deployment of production #processes", function()
  local clean, into
  setup(function()
    into = snapshot.folder()
    clean = faults.clean(BOOK, into .. "/applied")
  end)
  teardown(function()
    snapshot.drop(into)
    preload.drop()
  end)

  for _, kind in ipairs(KINDS) do
    for phase in deep.sorted_pairs(faults.phases) do
      it(("gets through when many calls fail: %s, %s"):format(phase, kind), function()
        local failure, ratio = faults.run(BOOK, clean, { phase = phase, kind = kind, rate = 0.2, seed = 1 })
        assert.is_nil(failure, failure)
        assert.is_true(ratio >= 1 and ratio <= 3)
      end)
    end
  end

  it("knocks less and less while it is throttled, and gets through", function()
    local failure, calls, till = faults.throttled(BOOK, clean, 6)
    assert.is_nil(failure, failure)
    assert.is_true(calls[till] < calls[1] / 2, table.concat(calls, " "))
    local total = 0
    for _, n in ipairs(calls) do total = total + n end
    assert.is_true(total < 3 * clean.apply.requests)
  end)
end)
