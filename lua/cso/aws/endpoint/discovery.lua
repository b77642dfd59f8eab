--- Services that tell where to call: asked once, remembered for as long as they say.
local err = require "cso.std.err"
local library = require "cso.aws.endpoint.library"

local discovery = {}

--- The operation that tells, for an operation that cannot do without, or may be told.
---@param S table
---@param op table
---@param enabled boolean?  the user's word: true asks where it may be, nil where it must be
---@return string?
---@return cso.Err? err class "config": it must be asked for, and the user forbids it
function discovery.needed(S, op, enabled)
  local trait = op.endpointdiscovery
  if type(trait) ~= "table" or not (trait.required or enabled) then return nil end
  if enabled == false then
    return nil, err.new { code = "EndpointDiscoveryRequired", class = "config", service = S.name, operation = op.name,
      message = ("%s.%s is only known at an address that the service has to be asked for"):format(S.name, op.name),
      hint = "see AWS_ENDPOINT_DISCOVERY_ENABLED and endpoint_discovery_enabled" }
  end
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
  local asks, forbidden = discovery.needed(client.model, op, client.settings.discovery)
  if not asks then return nil, forbidden end
  local known = client.discovered
  if known and known.ends > client.clock() then return known.url end
  local output, e = client:call(asks, {})
  if not output and op.endpointdiscovery.required then return nil, e end
  -- Where it only may be asked for, the usual address is as good.
  if not output then return nil end
  local first = output.Endpoints and output.Endpoints[1]
  if not first then return nil end
  local address = tostring(first.Address):gsub("^https://", "")
  if not library.is_own(client.partitions, client.settings.region, address) then
    return nil, err.new { code = "StrangeEndpoint", class = "service", service = client.model.name,
      operation = op.name,
      message = ("%s.%s: the service names %q as its address, which is none of its own: nothing is sent there")
        :format(client.model.name, op.name, tostring(first.Address)) }
  end
  local url = "https://" .. address
  client.discovered = { url = url, ends = client.clock() + (first.CachePeriodInMinutes or 1) * 60 }
  return url
end

--- Forgets the address when an answer says that it is no longer right; true: ask, and try again.
---@param client table
---@param e cso.Err
---@return boolean
function discovery.forget(client, e)
  if not client.discovered or not (e.status == 421 or e.code == "InvalidEndpointException") then return false end
  client.discovered = nil
  return true
end

return discovery
