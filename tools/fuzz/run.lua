--- Loads a target and gives what the fuzzer calls with each input: the target's own function within
--- bounds. What leaves it as an error is a find.
local root, name = ...
package.path = root .. "/?.lua;" .. package.path

local err = require "cso.std.err"
local limits = require "cso.std.limits"

local MOST = 128 << 20 -- bytes that an input of a few KiB may ask for

local FULL = 96 << 10 -- KiB of Lua from which on what earlier inputs left is collected at once

-- What targets share.
local shared = {}

--- Fails unless what came back is a value, or nil and an error as the product reports them.
function shared.outcome(value, e, ...)
  if value == nil and e ~= nil then
    assert(err.is(e) or type(e) == "table" and type(e.message) == "string", "no error: " .. tostring(e))
    assert(not err.is(e) or e.class ~= "internal", tostring(e))
  end
  return value, e, ...
end

--- Calls what raises errors; only those of the product are none.
function shared.raises(fn, ...)
  local results = table.pack(pcall(fn, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  local e = results[2]
  if e == "not enough memory" then error(e, 0) end
  if not err.is(e) then error("raised no error of ours: " .. tostring(e), 0) end
  assert(e.class ~= "internal", tostring(e))
  return nil, e
end

--- Cuts an input into n parts at its first n - 1 line ends; missing ones are empty.
function shared.parts(text, n)
  local out, at = {}, 1
  for i = 1, n - 1 do
    local stop = text:find("\n", at, true)
    out[i] = text:sub(at, stop and stop - 1 or #text)
    at = stop and stop + 1 or #text + 1
  end
  out[n] = text:sub(at)
  return out
end

--- A file that holds a text, for what reads files.
function shared.file(text)
  local path = ("%s/csorun-fuzz-%d"):format(os.getenv("TMPDIR") or "/tmp", require("host.proc").pid())
  local f = assert(io.open(path, "wb"))
  f:write(text)
  f:close()
  return path
end

local check = assert(loadfile(("%s/tools/fuzz/target/%s.lua"):format(root, name)))()(shared)

local function traced(e) return debug.traceback(tostring(e), 2) end

return function(text)
  local spent, good, trace = limits.spend(MOST, xpcall, check, traced, text)
  if not spent then error(good, 0) end
  if not good then error(trace, 0) end
  if collectgarbage("count") > FULL then collectgarbage() end
end
