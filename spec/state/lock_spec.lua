-- Whose lock it is when its file says nothing, or says it.
local err = require "cso.std.err"
local proc = require "cso.std.proc"
local state = require "cso.state"

local RUN = { command = "apply", who = "somebody@here", pid = 1 }

describe("the lock of a state", function()
  local dir, a, b

  before_each(function()
    local pipe = assert(io.popen "mktemp -d")
    dir = pipe:read "l"
    pipe:close()
    a = assert(state.open { path = dir .. "/s.db", create = true, now = os.time })
    b = assert(state.open { path = dir .. "/s.db", stack = "s", create = true, now = os.time })
  end)
  after_each(function()
    a:close()
    b:close()
    os.execute(("rm -rf '%s'"):format(dir))
  end)

  -- As a run leaves it that is killed: the system lets go of the lock, the row stays. `change` edits what it wrote.
  local function killed(change)
    local held = assert(a:lock(RUN))
    local row = assert(a.db:one "SELECT info FROM holder").info
    held.close()
    if change then row = change(row) end
    assert(a.db:run("INSERT INTO holder VALUES (1, ?)", row))
  end

  it("is free when its own file is, whatever is known of the process", function()
    for _, change in ipairs { "none", '"birth":"[^"]*"', '"space":"[^"]*"' } do
      killed(function(row) return (row:gsub(change, '"gone":1')) end)
      assert.is_false(b:is_locked())
      local held = assert(b:lock(RUN))
      assert.is_true(a:is_locked())
      held.close()
    end
  end)

  it("is not taken from a process that nobody can look at, whose lock's file was removed", function()
    -- Process 1 runs everywhere; its birth was never written down, as where there is no process table.
    killed(function(row) return (row:gsub('"birth":"[^"]*"', '"gone":1')) end)
    assert(os.remove(dir .. "/s.db.lock"))
    assert.is_nil(b:is_locked())
    for _ = 1, 2 do
      local held, e = b:lock(RUN)
      assert.is_nil(held)
      assert(err.is(e))
      assert.equal("locked", e.class)
      assert.match("may be locked: apply by somebody@here", e.message, 1, true)
      assert.match("does not tell whether that process runs", e.message, 1, true)
      assert.match("csorun unlock " .. b:holder().id, e.hint, 1, true)
    end
    b:forget_holder()
    assert(b:lock(RUN)).close()
  end)

  it("is taken where the process is surely gone, though the file was removed", function()
    killed(function(row) return (row:gsub('"pid":%d+', '"pid":2147483647')) end)
    assert(os.remove(dir .. "/s.db.lock"))
    assert.is_false(b:is_locked())
    assert(b:lock(RUN)).close()
  end)

  it("is another container's where the numbers of processes are others", function()
    killed(function(row)
      return (row:gsub('"pid":%d+', '"pid":' .. proc.pid()):gsub('"space":"[^"]*"', '"space":"pid:[1]"'))
    end)
    assert(os.remove(dir .. "/s.db.lock"))
    assert.is_nil(b:is_locked())
    assert.is_nil((b:lock(RUN)))
  end)
end)
