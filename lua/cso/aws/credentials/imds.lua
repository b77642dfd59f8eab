--- Keys from the instance's metadata service, version 2 first.
local keys = require "cso.aws.credentials.keys"
local read_answer = require "cso.aws.credentials.answer"

local source = "instance metadata"
local path = "/latest/meta-data/iam/security-credentials/"

local addresses = { ipv4 = "http://169.254.169.254", ipv6 = "http://[fd00:ec2::254]" }

local function base_of(config)
  local endpoint = config:get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")
  if endpoint then
    if endpoint:match("^https?://[^%s/?#]+[^%s?#]*$") then return (endpoint:gsub("/+$", "")) end
    return nil, keys.fail(source, ("%q is not the address of a metadata service"):format(endpoint),
      "see AWS_EC2_METADATA_SERVICE_ENDPOINT and ec2_metadata_service_endpoint")
  end
  local mode = config:get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "ec2_metadata_service_endpoint_mode")
  if not mode and config:flag("AWS_IMDS_USE_IPV6", "imds_use_ipv6") then mode = "IPv6" end
  local base = addresses[(mode or "IPv4"):lower()]
  if base then return base end
  return nil, keys.fail(source, ("%s is not an endpoint mode: IPv4 and IPv6 are"):format(mode),
    "see AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE and ec2_metadata_service_endpoint_mode")
end

-- A service that answers, but not now, is asked again; where nothing answers at all this is no
-- instance, and every attempt would be waited for in vain unless somebody set the number.
local function patient(ctx, send)
  local set = tonumber(ctx.config:get("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts"))
  local attempts = math.max(1, set or 3)
  return function(...)
    local response, fault
    for attempt = 1, attempts do
      response, fault = send(...)
      local again = response and (response.status >= 500 or response.status == 429) or not response and set
      if not again then break end
      if attempt < attempts then ctx.sleep(ctx.random() * 2 ^ (attempt - 1)) end
    end
    return response, fault
  end
end

local function token_of(ctx, request)
  local response, fault = request("PUT", "/latest/api/token",
    { { "x-aws-ec2-metadata-token-ttl-seconds", "21600" } })
  if response and response.status == 200 then
    if response.body:match("^[\33-\126]+$") then return response.body end
    return nil, keys.fail(source, "the token in the answer is missing or has characters that none has")
  end
  if response and response.status == 400 then
    return nil, keys.fail(source, "the token request was refused with status 400")
  end
  local fall_back = not response and fault.code == "timeout"
    or response and (response.status == 403 or response.status == 404 or response.status == 405)
  if not fall_back then
    return nil, nil, response and ("the token request ended with status %d"):format(response.status) or "nothing answers"
  end
  if ctx.config:flag("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled") then
    return nil, nil, "version 2 does not answer and version 1 is switched off"
  end
  return ""
end

--- @param ctx table { config, http, clock, random }
--- @return table? keys
--- @return string? why
--- @return cso.Err? err
local function load(ctx)
  local config = ctx.config
  if config:flag("AWS_EC2_METADATA_DISABLED") then
    return nil, "AWS_EC2_METADATA_DISABLED is set"
  end
  local base, unfit = base_of(config)
  if not base then return nil, nil, unfit end
  local timeout = tonumber(config:get("AWS_METADATA_SERVICE_TIMEOUT",
    "metadata_service_timeout")) or 1
  -- Never through a proxy: it would learn the keys.
  local request = patient(ctx, function(method, where, headers)
    return ctx.http { method = method, url = base .. where, headers = headers,
      connect_timeout = timeout, timeout = timeout, max_body = keys.LARGEST, proxy = "" }
  end)
  local token, e, why = token_of(ctx, request)
  if not token then return nil, why, e end
  local headers = token ~= "" and { { "x-aws-ec2-metadata-token", token } } or {}
  local response = request("GET", path, headers)
  if not response or response.status ~= 200 or response.body == "" then
    return nil, "the instance has no role"
  end
  local role = response.body:match("^[^\r\n]*")
  if not role:match("^[%w+=,.@_-]+$") or role:match("^%.+$") then
    return nil, nil, keys.fail(source, "the name of the role in the answer is none")
  end
  response = request("GET", path .. role, headers)
  if not response or response.status ~= 200 then
    return nil, nil, keys.fail(source, "the keys of role " .. role .. " cannot be read")
  end
  local found, bad = read_answer(response.body, source)
  if not found then return nil, nil, bad end
  -- A service that cannot renew keys right now hands out old ones; they are used a while longer.
  local now = ctx.clock()
  if found.expires and found.expires <= now then
    found.expires = now + 15 * 60 + 120 + ctx.random() * 480
  end
  return found
end

return { name = source, load = load }
