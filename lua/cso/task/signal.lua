--- Signals, delivered between tasks.
local err = require("cso.std.err")
local reactor = require("cso.task.reactor")
local signal = require("host.signal")

--- Calls fn(name) at each signal until the returned closer is called. fn runs in the driver: it
--- must not await; it may cancel tasks and complete futures.
---@param name string "SIGINT", "SIGTERM", "SIGWINCH" …
---@param fn fun(name: string)
---@return fun() close safe to call twice
return function(name, fn)
  local box, failure = signal.open(name)
  if not box then err.raise(err.wrap(failure, "internal")) end
  local forget = reactor.source(box:id(), function(completion) fn(completion.signal) end)
  return function()
    forget()
    box:close()
  end
end
