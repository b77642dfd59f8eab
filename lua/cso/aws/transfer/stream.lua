--- An object is handed over from its beginning to its end: ranges of one version of it, some fetched
--- ahead, which bounds the memory.
local parts = require "cso.aws.transfer.parts"
local range = require "cso.aws.transfer.range"
local task = require "cso.task"

--- Reads an object; within a task.
---@param client table  of s3
---@param o { bucket: string, key: string, write: fun(bytes: string), part_size: integer?, parallel: integer?, progress: fun(bytes: integer)? }  write raises what goes wrong
---@return table? head  what HeadObject said
---@return cso.Err? err
return function(client, o)
  local head, e = range.head(client, o)
  if not head then return nil, e end
  local list, name = parts.of(head.ContentLength, o.part_size), range.kind(head)
  local ahead = o.parallel or parts.PARALLEL
  local ok, failure = task.try(task.scope, function()
    local coming = {}
    local function begin(i)
      if list[i] then coming[i] = task.spawn(range.fetch, client, o, head, list[i]) end
    end
    for i = 1, ahead do begin(i) end
    for i, part in ipairs(list) do
      local data = task.await(coming[i])
      coming[i] = nil
      part.crc = range.sum(name, data)
      o.write(data)
      if o.progress then o.progress(#data) end
      begin(i + ahead)
    end
    range.check(o, head, list)
  end)
  if not ok then return nil, failure end
  return head
end
