--- Failures on their way through tasks: tracebacks, and which errors are cancellations.
local err = require("cso.std.err")

local failure = {}

-- Beside the errors, not in them: an error value may be a shared constant or somebody else's.
local traces = setmetatable({}, { __mode = "k" })
local cancelled_scope = setmetatable({}, { __mode = "k" })

--- Any error value as a table.
---@param e any
---@return table
function failure.as_table(e)
  return type(e) == "table" and e or err.wrap(e)
end

--- Message handler for xpcall: makes the error a table and notes where it was raised.
---@param e any
---@return table
function failure.note(e)
  local f = failure.as_table(e)
  if cancelled_scope[f] then return f end
  local trace = traces[f]
  if not trace then
    traces[f] = { debug.traceback("", 2):sub(2), open = false }
  elseif trace.open then
    trace.open = false
    trace[#trace + 1] = debug.traceback("", 2):sub(2)
  end
  return f
end

--- Raises in the current task the failure of what it awaited.
---@param f table
function failure.pass(f)
  local trace = traces[f]
  if trace then trace.open = true end
  error(f, 0)
end

--- Stack of the place where the error was raised, then of each task that awaited it.
---@param f any
---@return string?
function failure.traceback(f)
  local trace = traces[f]
  return trace and table.concat(trace, "\nawaited by:\n")
end

--- A new cancellation error that belongs to the scope.
---@param scope table
---@param reason any
---@return cso.Err
function failure.cancellation(scope, reason)
  local fields = { code = "cancelled", class = "interrupted", cause = type(reason) == "table" and reason or nil,
    message = "cancelled" .. (type(reason) == "string" and ": " .. reason or "") }
  -- Every run cancels something when it ends, and looking for a thousand secrets takes as many forms of them.
  local e = type(reason) == "string" and err.new(fields) or err.own(fields)
  cancelled_scope[e] = scope
  return e
end

--- The scope whose cancellation the error is, or nil.
---@param f any
---@return table?
function failure.scope_of(f)
  return cancelled_scope[f]
end

--- Keeps a second failure with the first.
---@param first table
---@param second table
function failure.add(first, second)
  if first == second then return end
  first.also = first.also or {}
  first.also[#first.also + 1] = second
end

return failure
