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

  it("runs, has ended, or nobody can tell", function()
    local own, space = proc.pid(), proc.space()
    assert.match("^pid:%[%d+%]$", space)
    assert.is_true(proc.runs(own, proc.birth(own), space))
    assert.is_false(proc.runs(own, "another:1", space))
    assert.is_false(proc.runs(0x7fffffff, "another:1", space))
    assert.is_false(proc.runs(0x7fffffff, nil, nil))
    assert.is_false(proc.runs(nil))
    -- Its birth was not to be had when it was written down, or it is another container's.
    assert.is_nil(proc.runs(own, nil, space))
    assert.is_nil(proc.runs(own, proc.birth(own), "pid:[1]"))
    assert.is_nil(proc.runs(0x7fffffff, nil, "pid:[1]"))
  end)

  it("is nothing any more when it has ended, even while nobody asks for its end", function()
    -- It ends when its parent is one that asks for nobody's end: a shell might, even between two commands.
    local pipe = assert(io.popen [[
( until read -r name < /proc/$$/comm; [ "$name" = sleep ]; do :; done ) &
echo $! $$
exec sleep 60]])
    local pid, parent = pipe:read("n", "n")
    local function state()
      local file = io.open(("/proc/%d/stat"):format(pid), "rb")
      local text = file and file:read "a" or ""
      if file then file:close() end
      return text:match "^.*%) (%a)"
    end
    repeat local now = state() until now == "Z" or now == nil
    assert.equal("Z", state())
    assert.is_nil(proc.birth(pid))
    require("luv").kill(parent, "sigkill")
    pipe:close()
  end)
end)
