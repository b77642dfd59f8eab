--- Where a call goes and how it is signed: binds a rule set's parameters to the model, the
--- settings and the call's own params, then runs the rules. Pure.
local auth = require "cso.aws.auth"
local err = require "cso.std.err"
local jmespath = require "cso.std.jmespath"
local library = require "cso.aws.endpoint.library"
local rules = require "cso.aws.endpoint.rules"
local shape = require "cso.aws.protocol.shape"

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

local function before_address(bucket, url)
  if not bucket or not url or not bucket:find(".", 1, true) or bucket:find(":", 1, true) then return false end
  local parts = library.parseURL(url)
  return parts ~= nil and parts.isIp
end

built_in["AWS::S3::ForcePathStyle"] = function(s)
  if s.s3_addressing == "path" then return true end
  if s.s3_addressing == "virtual" or not s.endpoint then return false end
  -- Names under localhost do not resolve everywhere; rules see to IP addresses by themselves.
  return host_of(s.endpoint) == "localhost"
end

-- The names that a rule set's rules look at, in {ref=} and in "{Name…}" of templates.
local function looked_at(tree, found)
  if type(tree) == "string" then
    for name in tree:gmatch("{([%w_]+)") do found[name] = true end
  elseif type(tree) == "table" then
    if tree.ref then found[tree.ref] = true end
    for _, part in next, tree do looked_at(part, found) end
  end
  return found
end

-- What an operation's own params give to the rules: { parameter name, fun(params) }, sorted.
local function sources_of(S, op)
  local cache = shape.cache(S, "endpoint sources")
  local list = cache[op.name]
  if list then return list end
  list = {}
  local set = S:rules()
  local function add(name, from)
    if set and set.parameters[name] then list[#list + 1] = { name, from } end
  end
  for name, context in next, op.operationContextParams or {} do
    add(name, function(params) return (jmespath.search(context.path, params)) end)
  end
  for name, ref in next, op.input and S:shape(op.input.shape).members or {} do
    if ref.contextParam then add(ref.contextParam.name, function(params) return params[name] end) end
  end
  table.sort(list, function(one, other) return one[1] < other[1] end)
  -- Of an object's key and the like the rules only know that there are such parameters.
  if list[1] and not cache.used then cache.used = looked_at(set.rules, {}) end
  for _, source in ipairs(list) do source.used = cache.used[source[1]] end
  cache[op.name] = list
  return list
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
  for _, source in ipairs(sources_of(S, op)) do
    local v = source[2](params)
    if v ~= nil then out[source[1]] = v end
  end
  for name, context in next, op.staticContextParams or {} do out[name] = context.value end
  -- Over plain HTTP the rules put a bucket with dots in its name before any host, an address too: a name that leads
  -- nowhere. An ARN has no path style.
  if out.ForcePathStyle == false and settings.s3_addressing ~= "virtual" and before_address(out.Bucket, settings.endpoint) then
    out.ForcePathStyle = true
  end
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

-- All that the answer can depend on among settings of one client; nil where a list takes part.
local function key_of(S, op, params, settings)
  local sources = sources_of(S, op)
  local key = ("%s\0%s\0%s"):format(op.name, settings.region or "", settings.account_id or "")
  for i = 1, #sources do
    if sources[i].used then
      local v = sources[i][2](params)
      if type(v) == "table" then return nil end
      local text = tostring(v)
      key = ("%s\0%s %d %s"):format(key, type(v), #text, text)
    end
  end
  return key
end

--- Resolves the endpoint of one call.
---@param S table
---@param op table
---@param params table
---@param settings table
---@param partitions table
---@param cache cso.std.Bounded? kept by the caller for settings that differ in region and account only
---@return table? endpoint { url, headers, signing_name, signing_region, double_encode,
---   way: "v4"|"v4a"|"v4-s3express"|nil as the rules want it, region_set: string? for v4a }
---@return cso.Err? err
function endpoint.resolve(S, op, params, settings, partitions, cache)
  local key = cache and key_of(S, op, params, settings)
  local known = key and cache:get(key)
  if known then return known end
  local region = settings.region
  -- It becomes a part of host names, which not all rules look at twice.
  if region ~= nil and not library.isValidHostLabel(region, false) then
    return nil, err.new { code = "InvalidRegion", class = "config", service = S.name, operation = op.name,
      message = ("%s.%s: %q is no name of a region"):format(S.name, op.name, tostring(region)),
      hint = "see --region, AWS_REGION and the profile's region" }
  end
  local set = S:rules()
  local found, why
  if set then
    found, why = rules.resolve(set, endpoint.parameters(S, op, params, settings), partitions)
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
  -- With an endpoint of the user's own the rules want a session of a bucket for making it, too.
  if way == "v4-s3express" and (op.staticContextParams or {}).UseS3ExpressControlEndpoint then
    way = "v4"
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
  if key then cache:put(key, out) end
  return out
end

return endpoint
