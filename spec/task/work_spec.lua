--- Work on other threads.
local gzip = require("host.gzip")
local task = require("cso.task")
local work = require("cso.task.work")

describe("work", function()
  it("makes keys while timers go on", function()
    local ticks = 0
    local keys = assert(task.run(function()
      local done = false
      task.spawn(function()
        while not done do
          task.sleep(0.002)
          ticks = ticks + 1
        end
      end)
      local keys = task.parallel {
        function() return work.rsa_key(2048) end,
        function() return work.rsa_key(2048) end,
      }
      done = true
      return keys
    end))
    assert.matches("^%-%-%-%-%-BEGIN PRIVATE KEY", keys[1])
    assert.not_equal(keys[1], keys[2])
    assert.is_true(ticks > 0)
  end)

  it("packs", function()
    local data = ("text "):rep(10000)
    assert.equal(data, gzip.inflate(assert(task.run(work.gzip, data)), #data))
  end)

  it("refuses keys that are too small", function()
    local _, e = task.run(work.rsa_key, 1024)
    assert.matches("2048 to 8192", e.message, 1, true)
  end)

  it("may be given up", function()
    task.run(function()
      assert.is_false((task.try(task.timeout, 0.001, function() work.rsa_key(4096) end)))
    end)
    assert.same({ tasks = 0, timers = 0, awaited = 0 }, task.stats())
  end)
end)
