--- What S3 wants beside its model: keys of customers, names that XML can't carry, sources of copies.
local err = require "cso.std.err"
local hash = require "cso.std.hash"
local scalar = require "cso.aws.protocol.scalar"

local objects = {}

-- Marks params whose answer comes encoded because we asked for that.
local AUTO = {}

-- The key travels in base64 with its digest beside it.
local function customer_key(params, key, digest)
  if type(params[key]) == "string" and params[digest] == nil then
    params[digest] = hash.base64_encode(hash.md5(params[key]))
    params[key] = hash.base64_encode(params[key])
  end
end

-- A source is percent-encoded. One that can only be plain is encoded here; one that may be encoded
-- already is taken at its word.
local function source(text)
  local path, version = text:match("^(.-)(%?versionId=.*)$")
  path = path or text
  local plain = path:find("[^%w%-._~/%%:]") or path:gsub("%%%x%x", ""):find("%", 1, true)
  return plain and scalar.encode_path(path) .. (version or "") or text
end

-- It becomes headers, and S3 takes nothing else there.
local function metadata_fault(S, op, metadata)
  for name, value in next, metadata do
    if (name .. tostring(value)):find("[^\32-\126\t]") then
      return err.new { code = "ValidationError", class = "usage", service = S.name, operation = op.name,
        message = ("%s.Metadata.%s: only printable ASCII characters can be sent"):format(op.name, name),
        hint = "encode it, for example in base64" }
    end
  end
end

-- An empty or strange name would make another address: DELETE /key instead of /bucket/key.
local function bucket_fault(S, op, name)
  if #name <= 255 and name:find("^[%w.%-_]+$") or name:find("^arn:") then return nil end
  return err.new { code = "ValidationError", class = "usage", service = S.name, operation = op.name,
    message = ("%s.Bucket: %q is not the name of a bucket"):format(op.name, name) }
end

--- Adjusts a copy of checked params.
---@param S table
---@param op table
---@param params table
---@param presign any
---@param settings table
---@return cso.Err? err class "usage"
function objects.params(S, op, params, presign, settings)
  local bad = type(params.Bucket) == "string" and bucket_fault(S, op, params.Bucket)
  if bad then return bad end
  customer_key(params, "SSECustomerKey", "SSECustomerKeyMD5")
  customer_key(params, "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5")
  local mode = op.httpChecksum and op.httpChecksum.requestValidationModeMember
  -- Whoever uses a presigned URL sends no headers of ours.
  if mode and not presign and not settings.checksum_unread and params[mode] == nil
    and S:shape(op.input.shape).members[mode] then
    params[mode] = "ENABLED"
  end
  if type(params.CopySource) == "string" then params.CopySource = source(params.CopySource) end
  -- Keys may hold what XML can't: asked for in percent-encoding, and read back below.
  if objects.lists[op.name] and params.EncodingType == nil then
    params.EncodingType, params[AUTO] = "url", true
  end
  if type(params.Metadata) == "table" then return metadata_fault(S, op, params.Metadata) end
end

local function decode(text)
  return (text:gsub("%+", " "):gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end))
end

--- Listings, and what of their answers is encoded: members, and those of the items of lists.
objects.lists = {
  ListObjects = { { "Delimiter", "Prefix", "Marker", "NextMarker" }, { Contents = "Key", CommonPrefixes = "Prefix" } },
  ListObjectsV2 = { { "Delimiter", "Prefix", "StartAfter" }, { Contents = "Key", CommonPrefixes = "Prefix" } },
  ListObjectVersions = { { "Delimiter", "Prefix", "KeyMarker", "NextKeyMarker" },
    { Versions = "Key", DeleteMarkers = "Key", CommonPrefixes = "Prefix" } },
}

local function plain_names(names, items)
  return function(output, _, params)
    if output.EncodingType ~= "url" or not params[AUTO] then return end
    for _, name in ipairs(names) do
      if output[name] then output[name] = decode(output[name]) end
    end
    for list, name in next, items do
      for _, item in ipairs(output[list] or {}) do
        if item[name] then item[name] = decode(item[name]) end
      end
    end
  end
end

--- Changes of parsed output by operation: fun(output, response, params).
---@type table<string, fun(output: table, response: table, params: table)>
objects.outputs = {}
-- Some write what is no time; the text is there in any case.
local function expires(output, response) output.ExpiresString = response.headers.expires end

for name, what in next, objects.lists do objects.outputs[name] = plain_names(what[1], what[2]) end
objects.outputs.GetObject, objects.outputs.HeadObject = expires, expires

return objects
