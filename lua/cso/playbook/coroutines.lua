--- Lua's coroutine library for playbooks: the same, and the watch over endless loops follows into them.
local inside = require("cso.std.limits").inside

local coroutines = setmetatable({}, { __index = coroutine })

local function leave(before, ...)
  inside(before)
  return ...
end

---@param co thread
---@return boolean ok, any ...
function coroutines.resume(co, ...)
  return leave(inside(co), coroutine.resume(co, ...))
end

local function raise(ok, ...)
  if ok then return ... end
  local message = ...
  error(message, 0)
end

---@param fn function
---@return fun(...): any ...
function coroutines.wrap(fn)
  local co = coroutine.create(fn)
  return function(...)
    local before = inside(co)
    local results = table.pack(leave(before, coroutine.resume(co, ...)))
    if not results[1] then coroutine.close(co) end
    return raise(table.unpack(results, 1, results.n))
  end
end

return coroutines
