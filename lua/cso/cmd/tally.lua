--- Counts the calls that go to the API while something is applied: how often each operation was
--- asked for, repeated, refused, and how long that took.
local tally = {}

---@param bus cso.Bus
---@return fun(): table<string, { n: integer, retries: integer, failed: integer, ms: number }> counts
---@return fun() stop
function tally.start(bus)
  local counts = {}
  local stop = bus.listen(function(name, data)
    if name ~= "api_call" then return end
    local key = ("%s.%s"):format(data.service, data.operation)
    local one = counts[key] or { n = 0, retries = 0, failed = 0, ms = 0 }
    counts[key] = one
    if (data.attempt or 1) > 1 then one.retries = one.retries + 1 else one.n = one.n + 1 end
    if data.err then one.failed = one.failed + 1 end
    one.ms = one.ms + (data.ms or 0)
  end)
  return function() return counts end, stop
end

return tally
