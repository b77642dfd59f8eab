--- The smaller words: sleep, timeout, map, parallel, semaphore, queue, signals, processes.
local process = require("cso.task.process")
local task = require("cso.task")

local function run(fn)
  local results = table.pack(task.run(fn))
  if results[1] == nil and results[2] ~= nil then error(results[2], 0) end
  return table.unpack(results, 1, results.n)
end

after_each(function()
  assert.same({ tasks = 0, timers = 0, awaited = 0 }, task.stats())
end)

describe("sleep", function()
  it("wakes the shorter one first, whatever the order of the calls", function()
    local order = {}
    run(function()
      for _, ms in ipairs { 5, 1, 3, 2, 4 } do
        -- Far enough apart that a busy machine can't swap them.
        task.spawn(function() task.sleep(ms / 20) order[#order + 1] = ms end)
      end
    end)
    assert.same({ 1, 2, 3, 4, 5 }, order)
  end)

  it("serves a thousand at once", function()
    local n = 0
    run(function()
      for i = 1, 1000 do task.spawn(function() task.sleep(i % 7 / 1000) n = n + 1 end) end
    end)
    assert.equal(1000, n)
  end)
end)

describe("timeout", function()
  it("gives the values of what ends in time", function()
    assert.same({ 1, 2 }, { run(function()
      return task.timeout(100, function() task.sleep(0) return 1, 2 end)
    end) })
  end)

  it("cancels what does not, with its children, and says what it was", function()
    local cleaned
    local _, e = task.run(function()
      task.timeout(0.05, function()
        task.spawn(function()
          task.defer(function() cleaned = true end)
          task.sleep(100)
        end)
        task.sleep(100)
      end, "the health check")
    end)
    assert.equal("timeout", e.code)
    assert.equal("the health check took longer than 0.05 s", e.message)
    assert.is_true(cleaned)
  end)

  it("passes a failure on", function()
    local _, e = task.run(function()
      task.timeout(100, function() error({ code = "mine" }) end)
    end)
    assert.equal("mine", e.code)
  end)

  it("tells the inner limit from the outer one", function()
    run(function()
      local ok, e = task.try(task.timeout, 0.001, function()
        task.timeout(100, function() task.sleep(200) end, "inner")
      end, "outer")
      assert.is_false(ok)
      assert.matches("outer", e.message, 1, true)
    end)
  end)

  it("passes on a cancellation from outside", function()
    run(function()
      local t = task.spawn(function() task.timeout(100, function() task.sleep(200) end) end)
      task.sleep(0)
      t:cancel()
      local _, e = task.try(task.await, t)
      assert.equal("cancelled", e.code)
    end)
  end)
end)

describe("map", function()
  it("keeps the order of the list and the limit", function()
    local now, most = 0, 0
    local results = run(function()
      return task.map({ 5, 4, 3, 2, 1 }, function(x, i)
        now = now + 1
        most = math.max(most, now)
        task.sleep(x / 2000)
        now = now - 1
        return x * 10 + i
      end, { limit = 2 })
    end)
    assert.same({ 51, 42, 33, 24, 15 }, results)
    assert.equal(2, most)
  end)

  it("does nothing with an empty list", function()
    assert.same({}, run(function() return task.map({}, error) end))
  end)

  it("stops at the first failure", function()
    local started = 0
    local _, e = task.run(function()
      task.map({ 1, 2, 3, 4 }, function(x)
        started = started + 1
        task.sleep(0)
        if x == 1 then error({ code = "one" }) end
        task.sleep(100)
      end, { limit = 2 })
    end)
    assert.equal("one", e.code)
    assert.equal(2, started)
  end)

  it("refuses a limit that lets nothing through", function()
    local _, e = task.run(function() task.map({ 1 }, print, { limit = 0 }) end)
    assert.matches("limit must be", e.message, 1, true)
  end)
end)

describe("parallel", function()
  it("gives the results in order", function()
    assert.same({ "a", "b" }, run(function()
      return task.parallel {
        function() task.sleep(0.002) return "a" end,
        function() return "b" end,
      }
    end))
  end)

  it("refuses what is no function", function()
    local _, e = task.run(function() task.parallel { print, 3 } end)
    assert.matches("item 2 is a number", e.message, 1, true)
  end)
end)

describe("semaphore", function()
  it("lets so many in, in order of arrival", function()
    local order, now, most = {}, 0, 0
    run(function()
      local gate = task.semaphore(2)
      for i = 1, 6 do
        task.spawn(function()
          gate:with(function()
            order[#order + 1] = i
            now = now + 1
            most = math.max(most, now)
            task.sleep(0)
            now = now - 1
          end)
        end)
      end
    end)
    assert.same({ 1, 2, 3, 4, 5, 6 }, order)
    assert.equal(2, most)
  end)

  it("is released by failures and by waiters that give up", function()
    run(function()
      local gate = task.semaphore(1)
      assert.is_false((task.try(gate.with, gate, error, { code = "x" })))
      gate:acquire()
      local t = task.spawn(function() gate:acquire() end)
      task.sleep(0)
      t:cancel()
      pcall(task.await, t)
      gate:release()
      assert.equal("in", gate:with(function() return "in" end))
      assert.error_matches(function() gate:release() end, "more often than acquired")
    end)
  end)

  it("can grow", function()
    run(function()
      local gate, entered = task.semaphore(0), false
      task.spawn(function() gate:with(function() entered = true end) end)
      task.sleep(0)
      assert.is_false(entered)
      gate:resize(1)
      task.sleep(0)
      task.sleep(0)
      assert.is_true(entered)
    end)
  end)
end)

describe("queue", function()
  it("hands values over in order, and ends", function()
    local got = {}
    run(function()
      local q = task.queue()
      task.spawn(function() for v in q.get, q do got[#got + 1] = v end end)
      for i = 1, 3 do
        q:put(i)
        task.sleep(0)
      end
      q:close()
      assert.error_matches(function() q:put(4) end, "closed")
    end)
    assert.same({ 1, 2, 3 }, got)
  end)

  it("makes those who put wait while it is full", function()
    run(function()
      local q, put = task.queue(2), 0
      task.spawn(function() for i = 1, 4 do q:put(i) put = i end end)
      task.sleep(0)
      task.sleep(0)
      assert.equal(2, put)
      local got = {}
      for i = 1, 4 do got[i] = q:get() end
      assert.same({ 1, 2, 3, 4 }, got)
    end)
  end)

  it("loses nothing to a waiter that gave up", function()
    run(function()
      local q = task.queue()
      local t = task.spawn(function() q:get() end)
      task.sleep(0)
      t:cancel()
      pcall(task.await, t)
      q:put("kept")
      assert.equal("kept", q:get())
    end)
  end)
end)

describe("on_signal", function()
  it("calls the handler until it is closed", function()
    local uv = require("luv")
    run(function()
      local f = task.future()
      local close = task.on_signal("SIGUSR1", function(name) f:complete(name) end)
      uv.kill(uv.os_getpid(), "sigusr1")
      task.timeout(10, function() assert.equal("SIGUSR1", task.await(f)) end)
      close()
      close()
    end)
  end)

  it("passes on what a handler raises", function()
    local uv = require("luv")
    local _, e = task.run(function()
      local close = task.on_signal("SIGUSR2", function() error({ code = "in handler" }) end)
      task.defer(close)
      uv.kill(uv.os_getpid(), "sigusr2")
      task.sleep(10)
    end)
    assert.equal("in handler", e.code)
  end)

  it("does not keep a busy program from being interrupted in the end", function()
    local name = os.tmpname()
    local file = assert(io.open(name, "w"))
    file:write([[
      local signal = require("posix.signal")
      require("cso.task").run(function()
        require("cso.task").on_signal("SIGINT", print)
        local me = require("host.proc").pid()
        signal.kill(me, signal.SIGINT)
        signal.kill(me, signal.SIGINT)
        io.stderr:write("still here\n")
        signal.kill(me, signal.SIGINT)
        print("not reached")
      end)]])
    file:close()
    local r = run(function()
      return process.run(require("host.fs").exe_dir() .. "/csorun-lua", { args = { name } })
    end)
    os.remove(name)
    assert.equal(130, r.code)
    assert.equal("", r.out)
    assert.matches("still here\n\ncsorun: interrupted while busy", r.err, 1, true)
  end)

  it("refuses unknown names", function()
    assert.error_matches(function() task.on_signal("SIGNOPE", print) end, "no signal")
  end)
end)

describe("process.run", function()
  it("feeds and collects", function()
    local r = run(function()
      return process.run("sh", {
        args = { "-c", "cat; echo $X >&2; exit 3" }, input = ("x"):rep(200000), env = { X = "y" },
      })
    end)
    assert.equal(3, r.code)
    assert.equal(200000, #r.out)
    assert.equal("y\n", r.err)
  end)

  it("says why a program can't be run", function()
    run(function()
      local r, e = process.run("/no/such/program")
      assert.is_nil(r)
      assert.matches("/no/such/program: ENOENT", e.message, 1, true)
    end)
  end)

  it("keeps no more than asked", function()
    run(function()
      local r = process.run("sh", { args = { "-c", "yes | head -c 100000" }, max = 10 })
      assert.equal(10, #r.out)
      assert.is_true(r.truncated)
    end)
  end)

  it("ends the child when the wait is cancelled", function()
    run(function()
      assert.is_false((task.try(task.timeout, 0.05, function()
        process.run("sleep", { args = { "100" } })
      end)))
    end)
    local loop = require("host.loop")
    for _ = 1, 200 do -- closed handles go in the loop's own time
      if loop.handles() == 0 then break end
      loop.wait(10)
    end
    assert.equal(0, loop.handles())
  end)
end)
