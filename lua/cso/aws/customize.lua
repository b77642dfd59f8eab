--- What single services want beside their models. Data and small functions, by service.
local hash = require "cso.std.hash"
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

local function glacier(_, op, params)
  if op.input and params.accountId == nil then params.accountId = "-" end
end

-- The key travels in base64 with its digest beside it.
local function customer_key(params, key, digest)
  if type(params[key]) == "string" and params[digest] == nil then
    params[digest] = hash.base64_encode(hash.md5(params[key]))
    params[key] = hash.base64_encode(params[key])
  end
end

local function s3(S, op, params, presign, settings)
  customer_key(params, "SSECustomerKey", "SSECustomerKeyMD5")
  customer_key(params, "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5")
  local mode = op.httpChecksum and op.httpChecksum.requestValidationModeMember
  -- Whoever uses a presigned URL sends no headers of ours.
  if mode and not presign and not settings.checksum_unread and params[mode] == nil and S:shape(op.input.shape).members[mode] then
    params[mode] = "ENABLED"
  end
end

local before = { route53 = route53, glacier = glacier, s3 = s3 }

--- Adjusts checked params; the caller's table stays as it is.
---@param S table
---@param op table
---@param params table
---@param presign any set when the request becomes a URL
---@param settings table  the client's
---@return table params
function customize.params(S, op, params, presign, settings)
  local change = before[S.name]
  if not change then return params end
  local copy = {}
  for k, v in next, params do copy[k] = v end
  change(S, op, copy, presign, settings)
  return copy
end

local extra = {
  glacier = function(S) return "x-amz-glacier-version", S:metadata().apiVersion end,
  apigateway = function() return "Accept", "application/json" end,
}

local function add_header(request, name, value)
  for _, h in ipairs(request.headers) do
    if h[1]:lower() == name:lower() then return end
  end
  request.headers[#request.headers + 1] = { name, value }
end

--- Adjusts a built request.
---@param S table
---@param op table
---@param request table
function customize.request(S, op, request)
  local add = extra[S.name]
  if add then add_header(request, add(S)) end
  if op.endpointoperation then add_header(request, "x-amz-api-version", S:metadata().apiVersion) end
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

--- Adjusts parsed output.
---@param S table
---@param op table
---@param output table
---@param response table
function customize.output(S, op, output, response)
  local changes = after[S.name]
  local change = changes and changes[op.name]
  if change then change(output, response) end
end

return customize
