--- Services that tell where to call: asked once, remembered for as long as they say.
local err = require "cso.std.err"
local library = require "cso.aws.endpoint.library"

local discovery = {}

--- The operation that tells, when an operation cannot do without.
---@param S table
---@param op table
---@return string?
function discovery.needed(S, op)
  local trait = op.endpointdiscovery
  if type(trait) ~= "table" or not trait.required then return nil end
  for _, name in ipairs(S:operations()) do
    if S:operation(name).endpointoperation then return name end
  end
end

--- The address for an operation's call; an address that was set by hand wins.
---@param client table
---@param op table
---@return string? url nil when the rules' own is right
---@return cso.Err? err
function discovery.find(client, op)
  if client.settings.endpoint then return nil end
  local asks = discovery.needed(client.model, op)
  if not asks then return nil end
  local known = client.discovered
  if known and known.ends > client.clock() then return known.url end
  local output, e = client:call(asks, {})
  if not output then return nil, e end
  local first = output.Endpoints and output.Endpoints[1]
  if not first then return nil end
  if not library.is_own(client.partitions, client.settings.region, first.Address) then
    return nil, err.new { code = "StrangeEndpoint", class = "service", service = client.model.name,
      operation = op.name,
      message = ("%s.%s: the service names %q as its address, which is none of its own: nothing is sent there")
        :format(client.model.name, op.name, tostring(first.Address)) }
  end
  local url = "https://" .. first.Address
  client.discovered = { url = url, ends = client.clock() + (first.CachePeriodInMinutes or 1) * 60 }
  return url
end

return discovery
