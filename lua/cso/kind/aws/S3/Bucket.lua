local configurations = require "cso.kind.aws.S3.configurations"
local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"

local function region_of(r)
  return r.target.region or r.session:region()
end

local function set_tags(r, _, wanted)
  local map = tags.owned(wanted, r.own)
  r:call("PutBucketTagging", { Bucket = r.id, Tagging = { TagSet = tags.to_api(r:model(), "TagSet", map) } })
end

local function read_tags(r)
  local out, e = r:try("GetBucketTagging", { Bucket = r.id }, { whole = { "NoSuchBucket" } })
  if out then return out.TagSet end
  if e.code == "NoSuchTagSet" or e.code == "NoSuchTagSetError" then return {} end
  error(e, 0)
end

local function addresses(name, region)
  local plain = region == "us-east-1"
  return {
    Arn = "arn:aws:s3:::" .. name, DomainName = name .. ".s3.amazonaws.com",
    RegionalDomainName = ("%s.s3.%s.amazonaws.com"):format(name, region),
    DualStackDomainName = ("%s.s3.dualstack.%s.amazonaws.com"):format(name, region),
    WebsiteURL = plain and ("http://%s.s3-website-us-east-1.amazonaws.com"):format(name)
      or ("http://%s.s3-website.%s.amazonaws.com"):format(name, region),
  }
end

local function create(r)
  local d, region = r.desired, region_of(r)
  -- Owned from its first moment on: a bucket whose creation's answer was lost is known by its tags.
  local map = tags.to_api(r:model(), "TagSet", tags.owned(d.Tags or {}, r.own))
  local _, e = r:try("CreateBucket", { Bucket = d.BucketName, ObjectLockEnabledForBucket = d.ObjectLockEnabled,
    CreateBucketConfiguration = { LocationConstraint = region ~= "us-east-1" and region or nil, Tags = map } },
    { creates = true })
  r.id = d.BucketName
  if e then
    -- Ours by account, but only an interrupted run of this very stack may go on with it.
    local mine = e.code == "BucketAlreadyOwnedByYou" and (r.pending or
      require("cso.kind.find").owned(r, tags.to_map(read_tags(r), true)))
    if not mine then
      r.id = nil
      error(e, 0)
    end
  end
  set_tags(r, {}, d.Tags or {})
  for _, property in ipairs(configurations.order) do
    if d[property] ~= nil then configurations.put(r, property, d[property]) end
  end
  r.attributes = addresses(r.id, region)
end

local function read(r)
  local out, e = r:try("HeadBucket", { Bucket = r.id })
  if not out then
    if e.status == 404 or e.code == "NoSuchBucket" or e.code == "NotFound" then return nil end
    error(e, 0)
  end
  local model = addresses(r.id, region_of(r))
  model.BucketName = r.id
  local list = read_tags(r)
  model.Tags, r.owner_tags = tags.to_map(list), tags.to_map(list, true)
  model.ObjectLockEnabled = r.desired.ObjectLockEnabled
  for _, property in ipairs(configurations.order) do
    if r.desired[property] ~= nil or r.wanted and r.wanted[property] ~= nil then
      model[property] = configurations.get(r, property)
    end
  end
  return model
end

local handles = { "BucketName", "ObjectLockEnabled", "Tags" }
for _, property in ipairs(configurations.order) do handles[#handles + 1] = property end

return kind "AWS::S3::Bucket" {
  service = "s3", id = "BucketName", name = { "BucketName", max = 63, lower = true }, handles = handles,
  create = create,
  read = read,
  update = function(r, set)
    for _, property in ipairs(configurations.order) do
      if set[property] then configurations.put(r, property, r.desired[property]) end
    end
    if set.Tags then set_tags(r, {}, r.desired.Tags or {}) end
  end,
  same = configurations.same,
  removes = { "BucketEncryption", "CorsConfiguration", "LifecycleConfiguration", "LoggingConfiguration",
    "WebsiteConfiguration" },
  defaults = configurations.defaults,
  delete = function(r)
    local _, e = r:try("DeleteBucket", { Bucket = r.id })
    if not e or e.code == "NoSuchBucket" or e.status == 404 then return end
    if e.code == "BucketNotEmpty" then
      e.hint = "csorun never deletes your objects: empty the bucket, or declare it with retain = true"
    end
    error(e, 0)
  end,
  seconds = { create = 2, delete = 1 },
}
