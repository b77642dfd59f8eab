local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local kind = require "cso.kind.declare"
local value = require "cso.std.value"

local text = { kind = "string" }

local function content(r)
  if r.desired.Source then
    local data, e = fs.read(r.desired.Source)
    if not data then r:fail("file", ("%s: %s"):format(r.desired.Source, e.message)) end
    return data
  end
  return value.reveal(r.desired.Content) or ""
end

local function put(r)
  local d = r.desired
  local out = r:call("PutObject", { Bucket = d.Bucket, Key = d.Key, Body = content(r), ContentType = d.ContentType })
  -- Without salt, what is made of a short secret tells it.
  local told = value.is_sensitive(d.Content) and value.secret or function(v) return v end
  r.attributes.ETag, r.attributes.VersionId = told(out.ETag), out.VersionId
  r.attributes.ContentHash = told(hash.sha256_hex(content(r)))
end

--- In a bucket with versions a deletion only hides the object, and the bucket would stay full:
--- every version under the key goes. Without the right to list versions the object is hidden only.
local function versions(r, bucket, key)
  local list, at = {}, { Bucket = bucket, Prefix = key }
  repeat
    local out = r:try("ListObjectVersions", at)
    if not out then return list end
    for _, member in ipairs { "Versions", "DeleteMarkers" } do
      for _, v in ipairs(out[member] or {}) do
        if v.Key == key then list[#list + 1] = v.VersionId end
      end
    end
    at.KeyMarker, at.VersionIdMarker = out.NextKeyMarker, out.NextVersionIdMarker
  until not out.IsTruncated
  return list
end

return kind "cso.s3.Object" {
  service = "s3", id = "Id",
  describe = {
    name = "cso.s3.Object", id = { "Id" }, definitions = {},
    properties = {
      Bucket = { type = text, required = true, replace = "always",
        refs = { { type = "AWS::S3::Bucket", attribute = "BucketName" } } },
      Key = { type = text, required = true, replace = "always" },
      Content = { type = text }, Source = { type = text }, ContentType = { type = text },
      ContentHash = { type = text },
    },
    attributes = { ETag = { type = text }, VersionId = { type = text }, Id = { type = text } },
  },
  handles = { "Bucket", "Key", "Content", "Source", "ContentType", "ContentHash" },
  write_only = { "Content", "Source" },
  --- A file's own change must show, and what others wrote: the digest is a property that csorun declares by itself.
  prepare = function(tree)
    if tree.Source then
      local data = fs.read(tree.Source)
      tree.ContentHash = data and hash.sha256_hex(data) or nil
    elseif tree.ContentHash == nil and not value.is_sensitive(tree.Content) then
      tree.ContentHash = type(tree.Content) == "string" and hash.sha256_hex(tree.Content)
        or value.is_unknown(tree.Content) and tree.Content or nil
    end
    return tree
  end,
  create = function(r)
    r.id = r.desired.Bucket .. "/" .. r.desired.Key
    local ok, e = pcall(put, r)
    if not ok then
      r.id = nil
      error(e, 0)
    end
    r.attributes.Id = r.id
  end,
  read = function(r)
    local bucket, key = r.id:match("^(.-)/(.+)$")
    local out, e = r:try("HeadObject", { Bucket = bucket, Key = key })
    if not out then
      if e.status == 404 or e.code:match("NoSuch") or e.code == "NotFound" then return nil end
      error(e, 0)
    end
    -- Another ETag than the one we got means that somebody else wrote the object since.
    local known = r.attributes.ETag
    local ours = known == nil or value.same_secret(known, out.ETag)
    return { Id = r.id, Bucket = bucket, Key = key, VersionId = out.VersionId,
      ETag = value.is_secret(known) and (ours and known or value.secret(out.ETag)) or out.ETag,
      ContentType = out.ContentType, ContentHash = ours and r.attributes.ContentHash or "changed outside of csorun" }
  end,
  update = put,
  natural = function(r) return r.desired.Bucket .. "/" .. r.desired.Key end,
  delete = function(r)
    local bucket, key = r.id:match("^(.-)/(.+)$")
    local function delete(version)
      local _, e = r:try("DeleteObject", { Bucket = bucket, Key = key, VersionId = version })
      if e and not e.code:match("NoSuch") then error(e, 0) end
    end
    local list = versions(r, bucket, key)
    for _, version in ipairs(list) do delete(version) end
    if #list == 0 then delete() end
  end,
  seconds = { create = 1, delete = 1 },
}
