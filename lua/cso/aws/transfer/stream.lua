--- An object is handed over from its beginning to its end: ranges of one version of it, some fetched
--- ahead, which bounds the memory.
local parts = require "cso.aws.transfer.parts"
local range = require "cso.aws.transfer.range"
local task = require "cso.task"

local MIB = 1024 * 1024
local HELD = 16 * MIB     -- of what has been fetched and not been written yet
local LARGEST = 16 * MIB  -- a part that is held as a whole

--- Reads an object; within a task.
---@param client table  of s3
---@param o { bucket: string, key: string, write: fun(bytes: string), part_size: integer?, parallel: integer?, progress: fun(bytes: integer)? }  write raises what goes wrong
---@return table? head  what HeadObject said
---@return cso.Err? err
return function(client, o)
  local head, e = range.head(client, o)
  if not head then return nil, e end
  local plan = range.plan(client, o, head, LARGEST)
  local list = plan.list
  -- As many ahead as there is room for.
  local ahead = math.max(1, math.min(o.parallel or parts.PARALLEL, HELD // (list[1] and list[1].length or 1)))
  local ok, failure = task.try(task.scope, function()
    local coming = {}
    local function begin(i)
      if list[i] then coming[i] = task.spawn(range.fetch, client, o, head, list[i]) end
    end
    for i = 1, ahead do begin(i) end
    for i, part in ipairs(list) do
      do
        local data = task.await(coming[i])
        coming[i] = nil
        part.sum = range.sum(plan.name, data)
        o.write(data)
        if o.progress then o.progress(#data) end
      end
      -- What was written is as large as all else together: it is not left for the collector to find.
      collectgarbage()
      begin(i + ahead)
    end
    range.check(o, plan)
  end)
  if not ok then return nil, failure end
  return head
end
