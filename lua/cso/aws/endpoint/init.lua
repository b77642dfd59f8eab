--- Where a call goes and how it is signed: binds a rule set's parameters to the model, the
--- settings and the call's own params, then runs the rules. Pure.
local auth = require "cso.aws.auth"
local err = require "cso.std.err"
local jmespath = require "cso.std.jmespath"
local library = require "cso.aws.endpoint.library"
local rules = require "cso.aws.endpoint.rules"

local endpoint = {}

--- What the built-in parameters of rule sets mean here.
---@type table<string, fun(s: table, S: table): any>
local built_in = {
  ["AWS::Region"] = function(s) return s.region end,
  ["AWS::UseFIPS"] = function(s) return s.fips or false end,
  ["AWS::UseDualStack"] = function(s) return s.dual_stack or false end,
  ["SDK::Endpoint"] = function(s) return s.endpoint end,
  ["AWS::Auth::AccountId"] = function(s)
    if s.account_id_mode ~= "disabled" then return s.account_id end
  end,
  ["AWS::Auth::AccountIdEndpointMode"] = function(s) return s.account_id_mode or "preferred" end,
  ["AWS::STS::UseGlobalEndpoint"] = function(s) return s.sts_global or false end,
  ["AWS::S3::UseGlobalEndpoint"] = function(s) return s.s3_global or false end,
  ["AWS::S3::Accelerate"] = function(s) return s.s3_accelerate or false end,
  ["AWS::S3::UseArnRegion"] = function(s) return s.s3_use_arn_region ~= false end,
  ["AWS::S3::DisableMultiRegionAccessPoints"] = function(s) return s.s3_no_mrap or false end,
  ["AWS::S3::DisableS3ExpressSessionAuth"] = function(s) return s.s3_no_express_session or false end,
  ["AWS::S3Control::UseArnRegion"] = function(s) return s.s3_use_arn_region ~= false end,
}

local function host_of(url)
  return (url:match("^%a+://([^/:]+)") or "")
end

built_in["AWS::S3::ForcePathStyle"] = function(s)
  if s.s3_addressing == "path" then return true end
  if s.s3_addressing == "virtual" or not s.endpoint then return false end
  -- Names under localhost do not resolve everywhere; rules see to IP addresses by themselves.
  return host_of(s.endpoint) == "localhost"
end

local function from_members(S, op, params, out)
  if not op.input then return end
  for name, ref in next, S:shape(op.input.shape).members or {} do
    local context = ref.contextParam
    if context and params[name] ~= nil then out[context.name] = params[name] end
  end
end

--- The rule set's parameters for one call.
---@param S table
---@param op table
---@param params table
---@param settings table region, fips, dual_stack, endpoint, s3_*, account_id, client_context, …
---@return table
function endpoint.parameters(S, op, params, settings)
  local set = S:rules()
  local out = {}
  for name, spec in next, set and set.parameters or {} do
    local bind = spec.builtIn and built_in[spec.builtIn]
    if bind then out[name] = bind(settings, S) end
  end
  -- The one switch of S3 that its rules name without saying which built-in it is.
  if settings.s3_no_express_session then out.DisableS3ExpressSessionAuth = true end
  for name, v in next, settings.client_context or {} do out[name] = v end
  for name, context in next, op.operationContextParams or {} do
    local v = jmespath.search(context.path, params)
    if v ~= nil then out[name] = v end
  end
  from_members(S, op, params, out)
  for name, context in next, op.staticContextParams or {} do out[name] = context.value end
  for name in next, out do
    if not (set and set.parameters[name]) then out[name] = nil end
  end
  return out
end

local function without_rules(S, settings, partitions)
  local meta = S:metadata()
  local partition = library.partition(partitions)(settings.region)
  if settings.endpoint then return { url = settings.endpoint, properties = {}, headers = {} } end
  local suffix = settings.dual_stack and partition.dualStackDnsSuffix or partition.dnsSuffix
  return {
    url = ("https://%s%s.%s.%s"):format(meta.endpointPrefix, settings.fips and "-fips" or "",
      settings.region, suffix),
    properties = {}, headers = {},
  }
end

local function key_of(params)
  local parts = {}
  for k, v in next, params do
    if type(v) == "table" then return nil end
    parts[#parts + 1] = k .. "=" .. tostring(v)
  end
  table.sort(parts)
  return table.concat(parts, "\0")
end

--- Resolves the endpoint of one call.
---@param S table
---@param op table
---@param params table
---@param settings table
---@param partitions table
---@param cache table? kept by the caller, by parameters
---@return table? endpoint { url, headers, signing_name, signing_region, double_encode,
---   way: "v4"|"v4a"|"v4-s3express"|nil as the rules want it, region_set: string? for v4a }
---@return cso.Err? err
function endpoint.resolve(S, op, params, settings, partitions, cache)
  local set = S:rules()
  local bound = endpoint.parameters(S, op, params, settings)
  local key = cache and set and key_of(bound)
  if key and cache[key] then return cache[key] end
  local found, why
  if set then
    found, why = rules.resolve(set, bound, partitions)
  else
    found = without_rules(S, settings, partitions)
  end
  if not found then
    why.service, why.operation = S.name, op.name
    why.message = ("%s.%s: %s"):format(S.name, op.name, why.message)
    return nil, why
  end
  local scheme, way = auth.scheme(found.properties.authSchemes, settings.auth_preference)
  if not scheme then
    return nil, err.new { code = "UnsupportedSignature", class = "config", service = S.name,
      operation = op.name,
      message = ("%s.%s must be signed with %s, which is not supported"):format(
        S.name, op.name, way) }
  end
  local meta = S:metadata()
  local double = scheme.disableDoubleEncoding
  if double == nil then double = S.name == "s3" end
  local out = {
    url = found.url,
    headers = found.headers,
    signing_name = scheme.signingName or meta.signingName or meta.endpointPrefix,
    signing_region = scheme.signingRegion or settings.region,
    double_encode = not double,
    way = way ~= "" and way or nil,
    region_set = settings.region_set
      or scheme.signingRegionSet and table.concat(scheme.signingRegionSet, ","),
  }
  if key then cache[key] = out end
  return out
end

return endpoint
