local budget = require "cso.apply.budget"
local err = require "cso.std.err"
local task = require "cso.task"

local THROTTLED = err.new { code = "Throttling", class = "service", message = "slow down", throttled = true }

local function run(fn)
  local ok, e = task.run(function()
    fn()
    return true
  end)
  if not ok then error(e, 0) end
end

local function fine() return {} end

describe("a budget", function()
  it("is each lane's own", function()
    run(function()
      local b = budget.new()
      b.run("a", function() return nil, THROTTLED end)
      assert.is_true(b.limit "a" < b.limit "b")
    end)
  end)

  it("is halved once for what was throttled together", function()
    run(function()
      local b = budget.new(nil, 8)
      local gate = task.future()
      task.scope(function(s)
        for _ = 1, 8 do
          s:spawn(function()
            b.run("a", function(told)
              task.await(gate)
              told(THROTTLED)
              return {}
            end)
          end)
        end
        task.sleep(0)
        gate:complete(true)
      end)
      assert.equal(4, b.limit "a")
    end)
  end)

  it("falls to one call at a time where nothing goes through, and recovers", function()
    run(function()
      local b = budget.new(nil, 16)
      for _ = 1, 10 do b.run("a", function() return nil, THROTTLED end) end
      assert.equal(1, b.limit "a")
      local n = 0
      while b.limit "a" < 8 do
        b.run("a", fine)
        n = n + 1
      end
      assert.is_true(n < 40, n .. " calls until it was half of what it was")
    end)
  end)

  it("hears of attempts that were throttled although the call came through", function()
    run(function()
      local b = budget.new(nil, 16)
      b.run("a", function(told)
        told(THROTTLED)
        return {}
      end)
      assert.equal(8, b.limit "a")
    end)
  end)

  it("never lets more through than it allows, the most urgent first, and says how long each waited", function()
    run(function()
      local now, most, active, order, waits = 0, 0, 0, {}, {}
      local b = budget.new(function() return now end, 1)
      task.scope(function(s)
        for i = 1, 6 do
          s:spawn(function()
            local _, _, waited = b.run("a", function()
              active = active + 1
              most = math.max(most, active)
              order[#order + 1] = i
              task.sleep(0)
              now = now + 1
              active = active - 1
              return nil, err.new { code = "x", class = "service", message = "no" }
            end, i)
            waits[i] = waited
          end)
        end
      end)
      assert.equal(1, most)
      assert.same({ 1, 6, 5, 4, 3, 2 }, order)
      assert.same({ 0, 5, 4, 3, 2, 1 }, waits)
    end)
  end)

  it("gives the place of one who no longer waits to the next", function()
    run(function()
      local b = budget.new(nil, 1)
      local gate, done = task.future(), 0
      task.scope(function(s)
        s:spawn(function() b.run("a", function() task.await(gate) return {} end) end)
        task.sleep(0)
        local tired = s:spawn(function() b.run("a", fine, 9) end)
        s:spawn(function()
          b.run("a", fine)
          done = done + 1
        end)
        task.sleep(0)
        tired:cancel()
        task.sleep(0)
        gate:complete(true)
      end)
      assert.equal(1, done)
      b.run("a", fine) -- and nobody holds it
    end)
  end)

  it("is given back by what raises", function()
    run(function()
      local b = budget.new(nil, 1)
      for _ = 1, 3 do assert.is_false((task.try(b.run, "a", function() error("no", 0) end))) end
      b.run("a", fine)
    end)
  end)
end)
