--- What was made a moment ago is not known everywhere at once (eventual consistency): a call that
--- names it may hear "there is no such thing". Such a call is made again for a while; any other
--- "not found" is the truth.
local deep = require "cso.std.deep"
local read = require "cso.kind.read"

local fresh = {}

--- Seconds for which a new thing may be unknown to parts of its service.
fresh.WINDOW = 120

-- What goes is mostly gone indeed when the service says so: less patience.
local GOING = 4

-- A text so short may stand in a message by chance.
local SHORTEST = 6

--- What the parameters name: things that were made within the window, and all other texts.
local function names(made, since, v, new, old)
  if type(v) == "string" then
    local list = made[v] and made[v] > since and new or old
    list[#list + 1] = v
  elseif type(v) == "table" then
    for _, item in next, v do names(made, since, item, new, old) end
  end
end

local function named_in(message, texts)
  for _, text in ipairs(texts) do
    if #text >= SHORTEST and message:find(text, 1, true) then return true end
  end
  return false
end

-- Whether what is not there may be one of the new things. A message that names something else of the
-- parameters, and none of those, is about that.
local function may_lag(run, r, params, e)
  local new, old, message = {}, {}, e.message or ""
  names(run.born, run.now() - (r.action == "delete" and GOING or fresh.WINDOW), params, new, old)
  return #new > 0 and (named_in(message, new) or not named_in(message, old))
end

--- Calls, and calls again while the service does not know what the call names and we just made.
---@param run table            `born`: id -> when it was made
---@param r cso.Handle        of the thing for which it is called
---@param operation string
---@param params table
---@param call fun(): table?, cso.Err?
---@param whole string[]?      the only codes that tell of what is named; others tell of a part of it, and
---                            that a part was never set is no reason to wait
---@return table?, cso.Err?
function fresh.patiently(run, r, operation, params, call, whole)
  local pause = 0.5
  while true do
    local out, e = call()
    if out or operation:match("^Delete") or not read.is_gone(e) or whole and not deep.contains(whole, e.code)
      or not may_lag(run, r, params, e) then
      return out, e
    end
    run.sleep(pause)
    pause = math.min(pause * 2, 8)
  end
end

return fresh
