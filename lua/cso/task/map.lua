--- Many calls at once, results in order.
local sched = require("cso.task.sched")
local scope = require("cso.task.scope")
local failure = require("cso.task.failure")

local many = {}

--- Calls fn(item, index) for each item at once, or at most `limit` at a time; the first result of
--- each call, in the list's order. The first failure cancels the rest and is raised.
---@param list any[]
---@param fn fun(item: any, index: integer): any
---@param options { limit: integer? }?
---@return any[] results
function many.map(list, fn, options)
  local limit = options and options.limit or #list
  if math.type(limit) ~= "integer" or (limit < 1 and #list > 0) then
    error("map: limit must be a positive integer", 2)
  end
  local t = sched.check()
  local results, next_index, count = {}, 0, #list
  local function worker()
    while next_index < count do
      next_index = next_index + 1
      local i = next_index
      results[i] = fn(list[i], i)
    end
  end
  local s = scope.new(t, t.scope)
  local ok, f = scope.run(s, function()
    for _ = 1, math.min(limit, count) do s:spawn(worker) end
  end)
  if not ok then failure.pass(f) end
  return results
end

local function call(fn)
  return fn()
end

--- Calls every function at once; the first result of each, in the list's order.
---@param functions function[]
---@return any[] results
function many.parallel(functions)
  for i, fn in ipairs(functions) do
    if type(fn) ~= "function" then
      error(("parallel: item %d is a %s, not a function"):format(i, type(fn)), 2)
    end
  end
  return many.map(functions, call)
end

return many
