--- Listings: by prefix, rolled up at a delimiter, page by page; version 1, version 2, versions.
local base = require "sim.service.s3.base"
local hash = require "cso.std.hash"
local text = require "sim.protocol.text"

local list = {}

local function encoder(input)
  if input.EncodingType ~= "url" then return function(s) return s end end
  return function(s) return s and text.encode(s):gsub("%%2F", "/") end
end

-- Walks the keys from `after` on. `expand(row)` gives the entries of a key. Returns entries,
-- common prefixes, and the last name when there is more.
local function walk(rows, input, after, expand)
  table.sort(rows, function(a, b) return a.Key < b.Key end)
  local prefix, delimiter, limit = input.Prefix or "", input.Delimiter, math.min(input.MaxKeys or 1000, 1000)
  if delimiter == "" then delimiter = nil end
  local entries, prefixes, seen, n, last = {}, {}, {}, 0, nil
  for _, row in ipairs(rows) do
    local key = row.Key
    if key:sub(1, #prefix) == prefix then
      local at = delimiter and key:find(delimiter, #prefix + 1, true)
      local group = at and key:sub(1, at + #delimiter - 1)
      local name = group or key
      -- A rolled-up group counts as seen when it ended the page before.
      if name > after and not (group and seen[group]) then
        local items = group and { group } or expand(row)
        for _, item in ipairs(items) do
          if n >= limit then return entries, prefixes, last or after end
          n = n + 1
          if group then
            seen[group] = true
            prefixes[#prefixes + 1] = { Prefix = group }
          else
            entries[#entries + 1] = item
          end
        end
        if #items > 0 then last = name end
      end
    end
  end
  return entries, prefixes, nil
end

local function live(row)
  local v = row._versions[1]
  if v.DeleteMarker then return {} end
  return { { Key = row.Key, ETag = v.ETag, Size = v.Size, LastModified = v.LastModified, StorageClass = v.StorageClass
    or "STANDARD",
    ChecksumAlgorithm = v.ChecksumSHA256 and { "SHA256" } or v.ChecksumCRC32 and { "CRC32" } or nil,
      ChecksumType = v.ChecksumType } }
end

local function shown(entries, prefixes, encode)
  for _, e in ipairs(entries) do e.Key = encode(e.Key) end
  for _, p in ipairs(prefixes) do p.Prefix = encode(p.Prefix) end
end

local function common(input, encode)
  return { Name = input.Bucket, Prefix = encode(input.Prefix or ""), Delimiter = encode(input.Delimiter),
    MaxKeys = input.MaxKeys or 1000, EncodingType = input.EncodingType }
end

function list.ListObjectsV2(ctx, input)
  local bucket, encode = base.bucket(ctx, input), encoder(input)
  local after = input.StartAfter or ""
  if input.ContinuationToken then
    local plain = hash.base64_decode(input.ContinuationToken)
    if not plain or plain:sub(1, 2) ~= "k:" then ctx:fail("InvalidArgument", "The continuation token provided is incorrect") end
    after = plain:sub(3)
  end
  local entries, prefixes, more = walk(base.objects(ctx, bucket):list(), input, after, live)
  shown(entries, prefixes, encode)
  local out = common(input, encode)
  out.Contents, out.CommonPrefixes, out.KeyCount, out.IsTruncated = entries, prefixes, #entries + #prefixes, more ~= nil
  out.ContinuationToken, out.StartAfter = input.ContinuationToken, encode(input.StartAfter)
  out.NextContinuationToken = more and hash.base64_encode("k:" .. more)
  if input.FetchOwner then for _, e in ipairs(entries) do e.Owner = base.owner(ctx) end end
  return out
end

function list.ListObjects(ctx, input)
  local bucket, encode = base.bucket(ctx, input), encoder(input)
  local entries, prefixes, more = walk(base.objects(ctx, bucket):list(), input, input.Marker or "", live)
  shown(entries, prefixes, encode)
  local out = common(input, encode)
  for _, e in ipairs(entries) do e.Owner = base.owner(ctx) end
  out.Contents, out.CommonPrefixes, out.IsTruncated, out.Marker = entries, prefixes, more ~= nil, encode(input.Marker or "")
  out.NextMarker = more and input.Delimiter and encode(more) or nil
  return out
end

function list.ListObjectVersions(ctx, input)
  local bucket, encode = base.bucket(ctx, input), encoder(input)
  local function expand(row)
    local items = {}
    for i, v in ipairs(row._versions) do
      items[i] = { Key = row.Key, VersionId = v.VersionId, IsLatest = i == 1, LastModified = v.LastModified, ETag = v.ETag,
        Size = v.Size, StorageClass = not v.DeleteMarker and "STANDARD" or nil, _marker = v.DeleteMarker,
          Owner = base.owner(ctx) }
    end
    return items
  end
  local entries, prefixes, more = walk(base.objects(ctx, bucket):list(), input, input.KeyMarker or "", expand)
  shown(entries, prefixes, encode)
  local out = common(input, encode)
  out.Versions, out.DeleteMarkers, out.CommonPrefixes = {}, {}, prefixes
  for _, e in ipairs(entries) do table.insert(e._marker and out.DeleteMarkers or out.Versions, e) end
  out.IsTruncated, out.KeyMarker, out.VersionIdMarker = more ~= nil, encode(input.KeyMarker or ""), input.VersionIdMarker or ""
  if more then out.NextKeyMarker, out.NextVersionIdMarker = encode(more), "null" end
  return out
end

return list
