-- What is not needed in memory any more goes, and comes back when it is used.
local shell = require "spec.cmd.shell_line"

local PROGRAM = [[
local hash, limits = require "cso.std.hash", require "cso.std.limits"
local function of_files()
  local kib
  for line in io.lines "/proc/self/status" do kib = kib or tonumber(line:match "^RssFile:%s*(%d+)") end
  return kib
end
local before, digest = of_files(), hash.sha256_hex "a"
limits.slim()
local after = of_files()
assert(hash.sha256_hex "a" == digest and tostring(2 ^ 0.5):sub(1, 5) == "1.414")
print(before, after)
]]

describe("the host", function()
  it("lets go of code and goes on", function()
    local file = os.tmpname()
    local out = assert(io.open(file, "w"))
    out:write(PROGRAM)
    out:close()
    local text, status = shell("$B/csorun-lua " .. file)
    os.remove(file)
    assert.equal(0, status, text)
    local before, after = text:match("(%d+)%s+(%d+)")
    -- A sanitizer wants to know of all memory: there nothing goes.
    if not os.getenv "ASAN_OPTIONS" then assert(tonumber(after) < tonumber(before) * 0.8, text) end
  end)
end)
