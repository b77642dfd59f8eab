-- Few files may be open: that is told before anything is done, and a limit that may be raised is.
local shell = require "spec.cmd.shell_line"

describe("the host", function()
  it("says so when too few files may be open", function()
    local text, status = shell "ulimit -n 10; $B/csorun --version"
    assert.equal(3, status)
    assert.match("10 files may be open at once, and 32 are needed %(ulimit %-n%)", text)
  end)

  it("raises a limit that is lower than it need be", function()
    local text, status = shell([[ulimit -S -n 10
      $B/csorun-lua -e "local f = {} for i = 1, 40 do f[i] = assert(io.open \"/dev/null\") end print(#f)"]])
    assert.equal(0, status, text)
    assert.match("^40", text)
  end)
end)
