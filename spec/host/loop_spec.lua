local loop = require "host.loop"
local uv = require "luv"

describe("host.loop wait", function()
  -- libuv runs what is due and then sleeps, in one turn: something that is open, and would never wake it,
  -- must not keep what has just happened from us.
  it("returns when a timer that is due already has called, though something else is open", function()
    local idle = uv.new_tcp()
    idle:bind("127.0.0.1", 0)
    idle:listen(1, function() end)
    local called
    local timer, late = uv.new_timer(), uv.new_timer()
    uv.update_time() -- the loop's clock stood still while other specs ran, perhaps for longer than that
    late:start(20000, 0, function() called = "late" end)
    timer:start(0, 0, function() called = called or "at once" end)
    loop.wait()
    for _, handle in ipairs { idle, timer, late } do handle:close() end
    loop.wait(0)
    assert.equal("at once", called)
  end)
end)
