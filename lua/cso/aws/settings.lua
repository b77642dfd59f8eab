--- What the environment and the profile say about the endpoints and habits of a client.
local auth = require "cso.aws.auth"
local config = require "cso.aws.config"
local err = require "cso.std.err"

local function wrong(name, v, choices)
  return nil, err.new { code = "InvalidSetting", class = "config",
    message = ("%s must be %s, is %s"):format(name, choices, v) }
end

-- A word that is neither yes nor no must not quietly mean no: it may be all that keeps calls on FIPS.
local function switch(loaded, variable, key)
  local v = loaded:get(variable, key)
  if v and v:lower() ~= "true" and v:lower() ~= "false" and v ~= "1" and v ~= "0" then
    return wrong(("%s (%s)"):format(variable, key), v, "true or false")
  end
  return loaded:flag(variable, key)
end

-- A setting that is one of some words; nil where nobody said.
local function word(said, name, ...)
  local v = said and said:lower()
  if v == nil then return nil end
  local words = { ... }
  for _, known in ipairs(words) do
    if v == known then return v end
  end
  return wrong(name, said, table.concat(words, ", ", 1, #words - 1) .. " or " .. words[#words])
end

local CALCULATION = { when_supported = true, when_required = true }

-- S3 has a switch of its own, in its own block, that outranks the one for all.
local function dual_stack(loaded, service)
  local own = (service == "s3" or service == "s3control") and loaded:nested("s3", "use_dualstack_endpoint")
  if own then return own:lower() == "true" end
  return switch(loaded, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
end

local function when_required(loaded, variable, key)
  local said = loaded:get(variable, key)
  if said and not CALCULATION[said:lower()] then
    return wrong(("%s (%s)"):format(variable, key), said, "when_supported or when_required")
  end
  return said ~= nil and said:lower() == "when_required"
end

local MODES = { preferred = true, required = true, disabled = true }

-- Whether services are asked for their addresses: always, never, or (nil) where it can't be done without.
local function discovery(loaded)
  local said = loaded:get("AWS_ENDPOINT_DISCOVERY_ENABLED", "endpoint_discovery_enabled")
    or loaded:variable "AWS_ENABLE_ENDPOINT_DISCOVERY"
  local v = said and said:lower()
  if v == nil or v == "auto" then return nil end
  if v == "true" or v == "false" then return v == "true" end
  return wrong("AWS_ENDPOINT_DISCOVERY_ENABLED (endpoint_discovery_enabled)", said, "true, false or auto")
end

--- The settings of one client: the switches that all services share, and the profile's s3 block.
---@param loaded table? cso.aws.Config
---@param opts { region: string?, endpoint: string?, service: string?, settings: table? }
---@return table? settings
---@return cso.Err? err class "config"
return function(loaded, opts)
  local region, fips = config.plain_region(opts.region)
  local s = { region = region, endpoint = opts.endpoint }
  if loaded then
    local e
    s.fips, e = switch(loaded, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
    if e then return nil, e end
    s.dual_stack, e = dual_stack(loaded, opts.service)
    if e then return nil, e end
    local mode = loaded:get("AWS_ACCOUNT_ID_ENDPOINT_MODE", "account_id_endpoint_mode")
    s.account_id_mode = mode and mode:lower()
    if mode and not MODES[s.account_id_mode] then
      return wrong("AWS_ACCOUNT_ID_ENDPOINT_MODE (account_id_endpoint_mode)", mode,
        "preferred, required or disabled")
    end
    local global
    global, e = word(loaded:get("AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "s3_us_east_1_regional_endpoint")
      or loaded:nested("s3", "us_east_1_regional_endpoint"), "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT "
      .. "(s3.us_east_1_regional_endpoint)", "legacy", "regional")
    if e then return nil, e end
    s.s3_global = global == "legacy"
    global, e = word(loaded:get("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints"),
      "AWS_STS_REGIONAL_ENDPOINTS (sts_regional_endpoints)", "legacy", "regional")
    if e then return nil, e end
    s.sts_global = global == "legacy"
    s.s3_addressing, e = word(loaded:nested("s3", "addressing_style"), "s3.addressing_style", "auto", "virtual", "path")
    if e then return nil, e end
    s.s3_accelerate = loaded:nested("s3", "use_accelerate_endpoint") == "true"
    local arn_region = loaded:get("AWS_S3_USE_ARN_REGION") or loaded:nested("s3", "use_arn_region")
      or loaded:get(nil, "s3_use_arn_region")
    if arn_region then s.s3_use_arn_region = arn_region:lower() == "true" end
    s.s3_no_mrap = loaded:flag("AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS",
      "s3_disable_multiregion_access_points")
    if s.s3_no_mrap == nil then
      s.s3_no_mrap = loaded:nested("s3", "s3_disable_multiregion_access_points") == "true"
    end
    local payload = loaded:nested("s3", "payload_signing_enabled")
    if payload then s.s3_sign_payload = payload:lower() == "true" end
    s.no_host_prefix, e = switch(loaded, "AWS_DISABLE_HOST_PREFIX_INJECTION", "disable_host_prefix_injection")
    if e then return nil, e end
    s.discovery, e = discovery(loaded)
    if e then return nil, e end
    s.s3_no_express_session = loaded:flag("AWS_S3_DISABLE_EXPRESS_SESSION_AUTH",
      "s3_disable_express_session_auth")
    s.checksum_when_required, e = when_required(loaded, "AWS_REQUEST_CHECKSUM_CALCULATION",
      "request_checksum_calculation")
    if e then return nil, e end
    s.checksum_unread, e = when_required(loaded, "AWS_RESPONSE_CHECKSUM_VALIDATION",
      "response_checksum_validation")
    if e then return nil, e end
    s.auth_preference = auth.preference(loaded:get("AWS_AUTH_SCHEME_PREFERENCE",
      "auth_scheme_preference"))
    s.region_set = loaded:get("AWS_SIGV4A_SIGNING_REGION_SET", "sigv4a_signing_region_set")
    if s.region_set then s.region_set = s.region_set:gsub("%s", "") end
  end
  s.fips = s.fips or fips or nil
  for k, v in next, opts.settings or {} do s[k] = v end
  return s
end
