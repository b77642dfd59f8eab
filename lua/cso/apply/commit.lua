--- Writes of many tasks as one transaction. What becomes ready in the same moment is written down
--- together and waits for the disk once: a thousand intents cost what one costs. Nobody goes on
--- before their own write is on disk.
local err = require "cso.std.err"
local task = require "cso.task"

local commit = {}

local function settle(one, ok, e)
  one.ok, one.failure = ok, e
  if one.future then one.future:complete(true) end
end

-- When one of many can't be written, the others must not suffer for it; a disk that takes nothing
-- takes none of them.
local function write(store, batch)
  local ok, e = pcall(store.together, store, function()
    for _, one in ipairs(batch) do one.result = one.fn() end
  end)
  local disk = err.is(e) and e.class ~= "internal"
  if not ok and #batch > 1 and not disk then
    for _, one in ipairs(batch) do write(store, { one }) end
    return
  end
  for _, one in ipairs(batch) do settle(one, ok, e) end
end

--- Makes the writer of a run.
---@param store cso.Store
---@return fun(fn: fun(): any): any write   runs fn inside of a transaction; returns what it returned
---  once that is on disk, raises when it can't be written
function commit.new(store)
  local waiting
  return function(fn)
    local one = { fn = fn }
    if waiting then
      one.future = task.future()
      waiting[#waiting + 1] = one
      task.await(one.future)
    else
      local batch = { one }
      waiting = batch
      -- The first one waits for the others of this moment. It leads, so it must not be cancelled before.
      task.shield(function() task.sleep(0) end)
      waiting = nil
      write(store, batch)
    end
    if not one.ok then error(one.failure, 0) end
    return one.result
  end
end

return commit
