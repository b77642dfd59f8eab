--- Tasks and scopes: ownership, failure, cancellation, cleanup.
local task = require("cso.task")

-- Runs fn in a task and raises what it failed with.
local function run(fn)
  local results = table.pack(task.run(fn))
  if results[1] == nil and results[2] ~= nil then error(results[2], 0) end
  return table.unpack(results, 1, results.n)
end

local function nothing_is_left()
  assert.same({ tasks = 0, timers = 0, awaited = 0 }, task.stats())
end

describe("task.run", function()
  after_each(nothing_is_left)

  it("gives the results", function()
    assert.same({ 1, nil, 3, n = 3 }, table.pack(task.run(function(a) return a, nil, 3 end, 1)))
  end)

  it("gives nil and the error, with a traceback", function()
    local value, e = task.run(function() error("broken pipe dream") end)
    assert.is_nil(value)
    assert.matches("broken pipe dream", e.message, 1, true)
    assert.equal("internal", e.class)
    assert.matches("task_spec.lua", task.traceback(e), 1, true)
  end)

  it("keeps error tables as they are", function()
    local mine = { code = "mine" }
    local _, e = task.run(function() error(mine) end)
    assert.equal(mine, e)
  end)

  it("can't run inside itself, and can run again afterwards", function()
    local _, e = task.run(function() task.run(function() end) end)
    assert.matches("task.run inside task.run", e.message, 1, true)
    assert.equal(5, task.run(function() return 5 end))
  end)

  it("says where tasks wait when nothing can wake them", function()
    local _, e = task.run(function() task.await(task.future()) end)
    assert.equal("deadlock", e.code)
    assert.matches("task_spec.lua:%d+", e.message)
  end)

  it("runs cleanups after a deadlock in a child", function()
    local cleaned = false
    local _, e = task.run(function()
      task.spawn(function()
        task.defer(function() cleaned = true end)
        task.await(task.future())
      end)
    end)
    assert.equal("deadlock", e.code)
    assert.is_true(cleaned)
  end)
end)

describe("await", function()
  after_each(nothing_is_left)

  it("gives a task's results, also after it has ended", function()
    run(function()
      local t = task.spawn(function(x) task.sleep(0) return x, x + 1 end, 4)
      assert.same({ 4, 5 }, { task.await(t) })
      assert.same({ 4, 5 }, { task.await(t) })
    end)
  end)

  it("wakes in the order in which things happened", function()
    local order = {}
    run(function()
      local f = task.future()
      for i = 1, 3 do task.spawn(function() task.await(f) order[#order + 1] = i end) end
      task.sleep(0)
      f:complete()
      order[#order + 1] = "completed"
    end)
    assert.same({ "completed", 1, 2, 3 }, order)
  end)

  it("raises the very error of the future", function()
    local mine = { code = "mine" }
    local _, e = task.run(function()
      local f = task.future()
      f:fail(mine)
      assert.is_false(f:complete(1))
      task.await(f)
    end)
    assert.equal(mine, e)
  end)

  it("is refused where nothing can be suspended", function()
    assert.error_matches(function() task.await(task.future()) end, "outside of a task")
    run(function()
      local function wait() task.sleep(0) end
      local ok, e = pcall(string.gsub, "x", "x", wait)
      assert.is_false(ok)
      assert.matches("string.gsub", e, 1, true)
      ok, e = pcall(table.sort, { 2, 1 }, wait)
      assert.is_false(ok)
      assert.matches("can't be suspended", e, 1, true)
      ok, e = pcall(coroutine.wrap(wait))
      assert.is_false(ok)
      assert.matches("another coroutine", e, 1, true)
    end)
  end)

  it("runs one task after the other in the same coroutine, however each ends", function()
    task.run(function()
      local seen, count = {}, 0
      local ways = {
        function() return 1 end,
        function() error("no") end,
        function() task.sleep(0) end,
        function() task.current():cancel("enough") task.sleep(1) end,
        function() coroutine.yield("a stranger's") end,
        function() task.scope(function(s) s:spawn(function() task.sleep(0) end) end) end,
      }
      for i = 1, 60 do
        task.try(task.scope, function(s)
          s:spawn(function()
            local co = coroutine.running()
            if not seen[co] then seen[co], count = true, count + 1 end
            return ways[i % #ways + 1]()
          end)
        end)
      end
      assert.is_true(count < 4)
      assert.equal("right", task.await(task.spawn(function() task.sleep(0) return "right" end)))
    end)
  end)

  it("leaves other coroutines alone", function()
    run(function()
      local seen = {}
      for i in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) do
        task.sleep(0)
        seen[i] = i
      end
      assert.same({ 1, 2, 3 }, seen)
    end)
  end)

  it("turns a foreign yield into an error at its place", function()
    local cleaned
    local _, e = task.run(function()
      task.scope(function(s)
        s:defer(function() cleaned = true end)
        coroutine.yield("hello")
        cleaned = "not reached"
      end)
    end)
    assert.matches("task_spec.lua:%d+: coroutine.yield in a task", e.message)
    assert.is_true(cleaned)
  end)

  it("shows the stacks of both sides of a boundary", function()
    local function inner_place() error({ code = "deep" }) end
    local function outer_place(t) task.await(t) return 1 end
    local _, e = task.run(function()
      local t
      t = task.spawn(function() task.sleep(0) inner_place() end)
      return (outer_place(t))
    end)
    local trace = task.traceback(e)
    assert.matches("inner_place", trace, 1, true)
  end)
end)

describe("scope", function()
  after_each(nothing_is_left)

  it("waits for its tasks", function()
    local done = 0
    run(function()
      local x = task.scope(function(s)
        for _ = 1, 3 do s:spawn(function() task.sleep(0.001) done = done + 1 end) end
        return "x"
      end)
      assert.equal(3, done)
      assert.equal("x", x)
    end)
  end)

  it("cancels body and siblings at the first failure, and raises it", function()
    local seen = {}
    local _, e = task.run(function()
      task.scope(function(s)
        s:spawn(function()
          task.defer(function() seen[#seen + 1] = "sibling cleaned" end)
          task.sleep(100)
        end)
        s:spawn(function() task.sleep(0) error({ code = "first" }) end)
        local ok, failure = pcall(task.sleep, 100)
        seen[#seen + 1] = not ok and failure.code
        error(failure, 0)
      end)
    end)
    assert.equal("first", e.code)
    table.sort(seen)
    assert.same({ "cancelled", "sibling cleaned" }, seen)
  end)

  it("reports a failure that nobody awaits", function()
    local _, e = task.run(function()
      task.spawn(function() error({ code = "lost?" }) end)
    end)
    assert.equal("lost?", e.code)
  end)

  it("keeps a failure inside when the scope is caught", function()
    run(function()
      local ok, e = task.try(task.scope, function(s)
        s:spawn(function() error({ code = "inside" }) end)
        task.sleep(100)
      end)
      assert.is_false(ok)
      assert.equal("inside", e.code)
      task.sleep(0) -- nothing of it is left on the outside
    end)
  end)

  it("ends quietly when it cancels itself", function()
    run(function()
      local f = task.future()
      local results = table.pack(task.scope(function(s)
        s:spawn(function() task.sleep(100) end)
        s:spawn(function() f:complete("won") s:cancel() end)
        task.sleep(100)
      end))
      assert.equal(0, results.n)
      assert.equal("won", task.await(f))
    end)
  end)

  it("gives the body's values when it ended before its own cancel was felt", function()
    run(function()
      assert.equal(7, task.scope(function(s)
        s:spawn(function() task.sleep(100) end)
        s:cancel()
        return 7
      end))
    end)
  end)

  it("refuses tasks once it has ended", function()
    run(function()
      local kept
      task.scope(function(s) kept = s end)
      assert.error_matches(function() kept:spawn(function() end) end, "scope has ended")
    end)
  end)
end)

describe("cancel", function()
  after_each(nothing_is_left)

  it("interrupts a wait and is felt by every later one", function()
    local codes = {}
    run(function()
      local t = task.spawn(function()
        for _ = 1, 3 do
          local _, e = pcall(task.sleep, 100)
          codes[#codes + 1] = e.code
        end
      end)
      task.sleep(0)
      t:cancel("enough")
      task.await(t)
    end)
    assert.same({ "cancelled", "cancelled", "cancelled" }, codes)
  end)

  it("reaches the children of the task", function()
    local ended
    run(function()
      local t = task.spawn(function()
        task.spawn(function()
          task.defer(function() ended = true end)
          task.sleep(100)
        end)
        task.sleep(100)
      end)
      task.sleep(0)
      task.sleep(0) -- now the child waits too
      t:cancel()
      local ok, e = task.try(task.await, t)
      assert.is_false(ok)
      assert.equal("cancelled", e.code)
      assert.is_true(t.cancelled)
    end)
    assert.is_true(ended)
  end)

  it("ends siblings in the order in which they were spawned", function()
    local order = {}
    run(function()
      task.scope(function(s)
        for i = 1, 20 do
          s:spawn(function()
            task.defer(function() order[#order + 1] = i end)
            task.sleep(100)
          end)
        end
        task.sleep(0)
        s:cancel()
      end)
    end)
    for i = 1, 20 do assert.equal(i, order[i]) end
  end)

  it("keeps a task that has not started from starting", function()
    local started = false
    run(function()
      task.spawn(function() started = true end):cancel()
    end)
    assert.is_false(started)
  end)

  it("does not disturb the siblings of the cancelled task", function()
    run(function()
      local t = task.spawn(function() task.sleep(100) end)
      local other = task.spawn(function() task.sleep(0.002) return "fine" end)
      t:cancel()
      assert.equal("fine", task.await(other))
    end)
  end)

  it("does not throw away an answer that has arrived", function()
    run(function()
      local f, got = task.future(), nil
      local t = task.spawn(function() got = task.await(f) end)
      task.sleep(0)
      f:complete("answer")
      t:cancel()
      pcall(task.await, t)
      assert.equal("answer", got)
    end)
  end)

  it("is not caught by try from inside, but is from outside", function()
    run(function()
      local passed
      local t = task.spawn(function()
        task.try(task.sleep, 100)
        passed = true
      end)
      task.sleep(0)
      t:cancel()
      assert.is_false((task.try(task.await, t)))
      assert.is_nil(passed)
    end)
  end)

  it("lets go of what was waited for", function()
    run(function()
      local f, gone = task.future(), 0
      f.abandon = function() gone = gone + 1 end
      local t = task.spawn(function() task.await(f) end)
      task.sleep(0)
      t:cancel()
      pcall(task.await, t)
      assert.equal(1, gone)
    end)
  end)
end)

describe("cleanup", function()
  after_each(nothing_is_left)

  it("runs last to first, after the children, and may await", function()
    local order = {}
    run(function()
      task.await(task.spawn(function()
        task.defer(function() order[#order + 1] = "first registered" end)
        task.defer(function() task.sleep(0.001) order[#order + 1] = "second registered" end)
        task.spawn(function() task.sleep(0.002) order[#order + 1] = "child" end)
      end))
    end)
    assert.same({ "child", "second registered", "first registered" }, order)
  end)

  it("may await while the task is cancelled", function()
    local cleaned
    run(function()
      local t = task.spawn(function()
        task.defer(function() task.sleep(0.001) cleaned = true end)
        task.sleep(100)
      end)
      task.sleep(0)
      t:cancel()
    end)
    assert.is_true(cleaned)
  end)

  it("fails the task when it fails, and runs the others all the same", function()
    local ran
    local _, e = task.run(function()
      task.defer(function() ran = true end)
      task.defer(function() error({ code = "cleanup" }) end)
    end)
    assert.equal("cleanup", e.code)
    assert.is_true(ran)
  end)

  it("does not hide the first failure", function()
    local _, e = task.run(function()
      task.defer(function() error({ code = "cleanup" }) end)
      error({ code = "first" })
    end)
    assert.equal("first", e.code)
    assert.equal("cleanup", e.also[1].code)
  end)
end)

describe("shield", function()
  after_each(nothing_is_left)

  it("keeps cancellation off until it ends", function()
    local steps = {}
    run(function()
      local t = task.spawn(function()
        task.shield(function()
          task.sleep(0.001)
          steps[#steps + 1] = "kept"
          task.await(task.spawn(function() task.sleep(0) steps[#steps + 1] = "child" end))
        end)
        steps[#steps + 1] = "after"
        task.sleep(0)
        steps[#steps + 1] = "not reached"
      end)
      task.sleep(0)
      t:cancel()
    end)
    assert.same({ "kept", "child", "after" }, steps)
  end)

  it("does not keep its own limits off", function()
    run(function()
      local ok, e = task.try(task.shield, function()
        task.timeout(0.001, function() task.sleep(100) end)
      end)
      assert.is_false(ok)
      assert.equal("timeout", e.code)
    end)
  end)
end)
