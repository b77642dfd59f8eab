local proc = require "cso.std.proc"

describe("a process", function()
  it("is known by more than its number", function()
    local birth = proc.birth(proc.pid())
    assert.match("^[%x-]+:%d+$", birth)
    assert.equal(birth, proc.birth(proc.pid()))
    assert.not_equal(birth, proc.birth(1))
    assert.is_nil(proc.birth(0x7fffffff))
    assert.is_nil(proc.birth("1"))
  end)
end)
