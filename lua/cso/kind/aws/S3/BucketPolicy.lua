local kind = require "cso.kind.declare"
local shape = require "cso.kind.shape"
local json = require "cso.std.json"

local function put(r)
  local policy = r.desired.PolicyDocument
  r:call("PutBucketPolicy", { Bucket = r.desired.Bucket, Policy = shape.document(policy) })
  r.id = r.desired.Bucket
end

return kind "AWS::S3::BucketPolicy" {
  service = "s3", id = "Bucket", handles = { "Bucket", "PolicyDocument" },
  create = put,
  read = function(r)
    local out, e = r:try("GetBucketPolicy", { Bucket = r.id })
    if not out then
      if e.code:match("^NoSuch") then return nil end
      error(e, 0)
    end
    return { Bucket = r.id, PolicyDocument = json.decode(out.Policy) }
  end,
  natural = function(r) return r.desired.Bucket end,
  puts = true,
  update = put,
  fixed = { "Bucket" },
  delete = function(r)
    local _, e = r:try("DeleteBucketPolicy", { Bucket = r.id })
    if e and not e.code:match("^NoSuch") then error(e, 0) end
  end,
  seconds = { create = 1, delete = 1 },
}
