--- What single services want beside their models. Data and small functions, by service.
local deep = require "cso.std.deep"
local glacier = require "cso.aws.customize.glacier"
local headers = require "cso.aws.protocol.headers"
local objects = require "cso.aws.customize.objects"
local scalar = require "cso.aws.protocol.scalar"
local xml = require "cso.std.xml"

local customize = {}

-- "/hostedzone/Z1" is how Route 53 writes an id, "Z1" how it wants to read it.
local route53_ids = { ResourceId = true, DelegationSetId = true, ChangeId = true }

local function route53(S, op, params)
  for name, ref in next, op.input and S:shape(op.input.shape).members or {} do
    if route53_ids[ref.shape] and type(params[name]) == "string" then
      params[name] = params[name]:match("[^/]*$")
    end
  end
end

--- What nobody has to say: the account whose keys are used is Glacier's "-".
---@param S table
---@param op table
---@param params any  not checked yet
---@return any params
function customize.defaults(S, op, params)
  if S.name ~= "glacier" or not op.input or type(params) ~= "table" then return params end
  if params.accountId ~= nil and params.accountId ~= "" then return params end
  local copy = {}
  for k, v in next, params do copy[k] = v end
  copy.accountId = "-"
  return copy
end

local before = { route53 = route53, s3 = objects.params }

--- Adjusts checked params; the caller's table stays as it is.
---@param S table
---@param op table
---@param params table
---@param presign any set when the request becomes a URL
---@param settings table  the client's
---@return table params
---@return table? err class "usage"
function customize.params(S, op, params, presign, settings)
  local change = before[S.name]
  if not change then return params end
  local copy = {}
  for k, v in next, params do copy[k] = v end
  local fault = change(S, op, copy, presign, settings)
  return copy, fault
end

local extra = {
  apigateway = function() return "Accept", "application/json" end,
}

local function add_header(request, name, value)
  for _, h in ipairs(request.headers) do
    if h[1]:lower() == name:lower() then return end
  end
  request.headers[#request.headers + 1] = { name, value }
end

-- What is asked for may be long: a form has room for it.
local function query_to_form(request)
  local list = {}
  for i, pair in ipairs(request.query) do list[i] = scalar.encode(pair[1]) .. "=" .. scalar.encode(pair[2]) end
  request.method, request.query, request.body = "POST", {}, table.concat(list, "&")
  add_header(request, "Content-Type", "application/x-www-form-urlencoded")
end

-- Whoever has a URL of Polly's opens it: what is to be spoken stands in it.
local function body_to_query(S, op, request, params)
  local input = S:shape(op.input.shape)
  for _, name in ipairs(deep.keys(params)) do
    headers.put_query(request.query, S, input.members[name], name, params[name])
  end
  request.method, request.body = "GET", ""
  for i = #request.headers, 1, -1 do
    if request.headers[i][1]:lower() == "content-type" then table.remove(request.headers, i) end
  end
end

local whole = {
  glacier = glacier.request,
  polly = function(S, op, request, presigned)
    if presigned and op.name == "SynthesizeSpeech" then body_to_query(S, op, request, presigned) end
  end,
  cloudsearchdomain = function(_, op, request)
    if op.name == "Search" and request.method == "GET" then query_to_form(request) end
  end,
}

--- Adjusts a built request.
---@param S table
---@param op table
---@param request table
---@param presigned table? the params, when the request becomes a URL
---@return table? err what a file that is to be sent can't be read for
function customize.request(S, op, request, presigned)
  local change = whole[S.name]
  local fault = change and change(S, op, request, presigned)
  if fault then return fault end
  local add = extra[S.name]
  if add then add_header(request, add(S)) end
  if op.endpointoperation then add_header(request, "x-amz-api-version", S:metadata().apiVersion) end
end

--- Where a call goes when its own params say so: predictions have a host for each model.
---@param S table
---@param op table
---@param params table
---@return string? url
function customize.address(S, op, params)
  if S.name ~= "machinelearning" or op.name ~= "Predict" then return nil end
  local url = params.PredictEndpoint
  if type(url) ~= "string" or url == "" then return nil end
  return url:find("://", 1, true) and url or "https://" .. url
end

--- Adjusts the settings that an operation's endpoint is found with.
---@param S table
---@param op table
---@param settings table
---@return table
function customize.settings(S, op, settings)
  -- Asking where a bucket is must not itself depend on where it is.
  if S.name == "s3" and op.name == "GetBucketLocation" then
    return setmetatable({ s3_addressing = "path" }, { __index = settings })
  end
  return settings
end

local late_errors = { CopyObject = true, UploadPartCopy = true, CompleteMultipartUpload = true }

--- True when an operation's answer begins long before it ends: S3 sends blanks meanwhile.
---@param S table
---@param op table
---@return boolean
function customize.late(S, op) return S.name == "s3" and late_errors[op.name] or false end

--- True when an answer of status 200 is a failure all the same: S3 sends the status of long
--- copies before it knows how they end.
---@param S table
---@param op table
---@param response table
---@return boolean
function customize.failed(S, op, response)
  if not customize.late(S, op) then return false end
  local body = response.body or ""
  return body:match("^%s*$") ~= nil or body:match("<%?xml[^>]*>%s*<Error>") ~= nil
    or body:match("^%s*<Error>") ~= nil
end

local after = {
  s3 = {
    -- The one answer whose value is the root element itself.
    GetBucketLocation = function(output, response)
      local root = xml.decode(response.body or "")
      if root and root.text and root.text:match("%S") then
        output.LocationConstraint = root.text
      end
    end,
  },
}
for name, change in next, objects.outputs do after.s3[name] = change end

--- Adjusts parsed output.
---@param S table
---@param op table
---@param output table
---@param response table
---@param params table? of the call, adjusted
function customize.output(S, op, output, response, params)
  local changes = after[S.name]
  local change = changes and changes[op.name]
  if change then change(output, response, params or {}) end
end

return customize
