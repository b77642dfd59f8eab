--- Who gets the host's completions: one-shot futures by id, and sources that complete repeatedly.
local future = require("cso.task.future")

local reactor = {}

-- Stands for a source that was closed: what was already on the way is dropped.
local function ignore() end

local waiting, sources, early, ignored = {}, {}, {}, {}

--- A future for the completion of a host id.
---@param id integer
---@param abandon fun()?  called when the wait is given up: tells the host to stop
---@return cso.task.Future
function reactor.on(id, abandon)
  local f = future.new()
  if early[id] then
    f:complete(early[id])
    early[id] = nil
    return f
  end
  waiting[id] = f
  f.abandon = function()
    if waiting[id] ~= f then return end
    waiting[id] = nil
    ignored[id] = true
    if abandon then abandon() end
  end
  return f
end

--- Gives every completion of an id to fn, in the driver: fn must not await.
---@param id integer
---@param fn fun(completion: table)
---@return fun() close
function reactor.source(id, fn)
  sources[id] = fn
  return function() sources[id] = ignore end
end

--- Hands out a list of completions.
---@param list table[]
function reactor.dispatch(list)
  for i = 1, #list do
    local completion = list[i]
    local id = completion.id
    if waiting[id] then
      local f = waiting[id]
      waiting[id] = nil
      f:complete(completion)
    elseif sources[id] then
      sources[id](completion)
    elseif ignored[id] then
      ignored[id] = nil
    else
      early[id] = completion -- nobody has asked for it yet
    end
  end
end

--- Number of ids that are awaited.
---@return integer
function reactor.count()
  local n = 0
  for _ in pairs(waiting) do n = n + 1 end
  return n
end

return reactor
