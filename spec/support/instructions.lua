--- Counts what work costs in instructions of Lua's machine, which no other load on the computer changes;
--- tasks that it starts are counted with it.
local EVERY = 100

--- Runs fn.
---@param fn fun(): any
---@return integer instructions, any result   what fn returned
return function(fn)
  local n = 0
  local function tick() n = n + EVERY end
  local create = coroutine.create
  rawset(coroutine, "create", function(body)
    local co = create(body)
    debug.sethook(co, tick, "", EVERY)
    return co
  end)
  local co = coroutine.create(fn)
  local ok, result = coroutine.resume(co)
  rawset(coroutine, "create", create)
  debug.sethook(co)
  if not ok then error(result, 0) end
  assert(coroutine.status(co) == "dead", "it wanted to wait outside of a task")
  return n, result
end
