--- Time that passes only when everybody waits for it: a run of an hour takes as long as its work does,
--- and how busy this machine is shows in no figure.
local task = require "cso.task"

local virtual = {}

-- So many turns of the loop nobody did anything: then everybody waits.
local QUIET = 12

---@class spec.Virtual
---@field now fun(): number              seconds since its start
---@field clock fun(): number            the same as epoch seconds
---@field sleep fun(seconds: number)
---@field busy fun(fn: fun(): ...): ...  time stands still while fn waits for the outside
---@field run fun(fn: fun(): any): any   lets time pass while fn runs

--- Makes a clock.
---@return spec.Virtual
function virtual.new()
  local now, epoch, busy, quiet, sleepers = 0, os.time(), 0, 0, {}
  local self = { now = function() return now end, clock = function() return epoch + now end }

  function self.sleep(seconds)
    quiet = 0
    if seconds <= 0 then return task.sleep(0) end
    local one = { at = now + seconds, future = task.future() }
    sleepers[one] = true
    task.defer(function() sleepers[one] = nil end)
    task.await(one.future)
    sleepers[one] = nil
  end

  function self.busy(fn)
    busy, quiet = busy + 1, 0
    local out = table.pack(pcall(fn))
    busy, quiet = busy - 1, 0
    if not out[1] then error(out[2], 0) end
    return table.unpack(out, 2, out.n)
  end

  local function earliest()
    local at
    for one in pairs(sleepers) do
      if not at or one.at < at then at = one.at end
    end
    return at
  end

  local function tick()
    quiet = busy == 0 and quiet + 1 or 0
    local at = quiet >= QUIET and earliest()
    if not at then return end
    now, quiet = at, 0
    for one in pairs(sleepers) do
      if one.at <= at then
        sleepers[one] = nil
        one.future:complete(true)
      end
    end
  end

  function self.run(fn)
    return task.scope(function(s)
      local hand = s:spawn(function()
        while true do
          task.sleep(0)
          tick()
        end
      end)
      local out = fn()
      hand:cancel()
      return out
    end)
  end
  return self
end

return virtual
