--- Buckets themselves: made, found, emptied first, deleted.
local base = require "sim.service.s3.base"
local credential = require "sim.help.credential"

local bucket = {}

-- A directory bucket bears its zone in its name.
local function is_directory(name) return name:match("^[%l%d][%l%d%-]*%-%-[%l%d]+%-az%d%-%-x%-s3$") ~= nil end

local function check_name(ctx, name)
  if is_directory(name) and #name <= 63 then return end
  local ok = #name >= 3 and #name <= 63 and name:match("^[%l%d][%l%d.-]*[%l%d]$") and not name:find("..", 1, true)
    and not name:match("^%d+%.%d+%.%d+%.%d+$") and not name:match("^xn%-%-") and not name:match("^sthree%-")
    and not name:match("%-s3alias$") and not name:match("%-%-ol%-s3$") and not name:match("%-%-x%-s3$")
  if not ok then
    ctx:fail("InvalidBucketName", "The specified bucket is not valid.", 400, { BucketName = name })
  end
end

local function check_place(ctx, constraint)
  if ctx.region == "us-east-1" then
    if constraint then
      if constraint == "us-east-1" then
        ctx:fail("InvalidLocationConstraint", "The specified location-constraint is not valid")
      end
      ctx:fail("IllegalLocationConstraintException", ("The %s location constraint is incompatible for the region specific "
        .. "endpoint this request was sent to."):format(constraint))
    end
  elseif constraint ~= ctx.region then
    ctx:fail("IllegalLocationConstraintException", ("The %s location constraint is incompatible for the region specific "
      .. "endpoint this request was sent to."):format(constraint or "unspecified"))
  end
end

function bucket.CreateBucket(ctx, input)
  check_name(ctx, input.Bucket)
  local wanted = input.CreateBucketConfiguration or {}
  local directory = is_directory(input.Bucket)
  if directory ~= ((wanted.Bucket or {}).Type == "Directory") then
    ctx:fail("InvalidBucketName", "The specified bucket is not valid.", 400, { BucketName = input.Bucket })
  end
  if not directory then check_place(ctx, wanted.LocationConstraint) end
  local ownership = input.ObjectOwnership or "BucketOwnerEnforced"
  if ownership == "BucketOwnerEnforced" and input.ACL and input.ACL ~= "private" then
    ctx:fail("InvalidBucketAclWithObjectOwnership",
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
  end
  local twin = ctx:shared("Bucket"):get(input.Bucket)
  if twin and twin._account ~= ctx.account then
    ctx:fail("BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of "
      .. "the system. Please select a different name and try again.", 409, { BucketName = input.Bucket })
  elseif twin and not (ctx.region == "us-east-1" and twin.BucketRegion == "us-east-1") then
    ctx:fail("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.",
      409, { BucketName = input.Bucket })
  elseif not twin then
    base.save(ctx, { Name = input.Bucket, CreationDate = ctx.now, BucketRegion = ctx.region, _account = ctx.account,
      _versioning = input.ObjectLockEnabledForBucket and "Enabled" or nil, _tags = wanted.Tags,
      _lock = input.ObjectLockEnabledForBucket and { ObjectLockEnabled = "Enabled" } or nil,
      _ownership = { Rules = { { ObjectOwnership = ownership } } },
      _public = { BlockPublicAcls = true, IgnorePublicAcls = true, BlockPublicPolicy = true, RestrictPublicBuckets = true } })
  end
  return { Location = ctx.region == "us-east-1" and "/" .. input.Bucket
    or ("http://%s.s3.amazonaws.com/"):format(input.Bucket), BucketArn = "arn:" .. ctx.partition .. ":s3:::" .. input.Bucket }
end

--- Keys that are good for a directory bucket, for five minutes.
function bucket.CreateSession(ctx, input)
  local row = base.bucket(ctx, input)
  if not is_directory(row.Name) then
    ctx:fail("InvalidRequest", "CreateSession is for directory buckets.")
  end
  local who = ctx.who
  return { Credentials = credential.temporary(ctx, ctx.account, who.arn, who.user_id, 300, row.Name) }
end

function bucket.HeadBucket(ctx, input)
  local row = base.bucket(ctx, input)
  return { BucketRegion = row.BucketRegion, BucketArn = "arn:" .. ctx.partition .. ":s3:::" .. row.Name,
    AccessPointAlias = false }
end

function bucket.GetBucketLocation(ctx, input)
  local row = base.bucket(ctx, input)
  return { LocationConstraint = row.BucketRegion ~= "us-east-1" and row.BucketRegion or nil }
end

function bucket.ListBuckets(ctx, input)
  local list = ctx:shared("Bucket"):list(function(row)
    return row._account == ctx.account and not is_directory(row.Name)
      and (not input.BucketRegion or row.BucketRegion == input.BucketRegion)
      and (not input.Prefix or row.Name:sub(1, #input.Prefix) == input.Prefix)
  end)
  table.sort(list, function(a, b) return a.Name < b.Name end)
  local page, token = ctx:page(list, input.ContinuationToken, input.MaxBuckets, nil, "InvalidArgument")
  return { Buckets = page, Owner = base.owner(ctx), ContinuationToken = token, Prefix = input.Prefix }
end

function bucket.DeleteBucket(ctx, input)
  local row = base.bucket(ctx, input)
  if base.objects(ctx, row).count > 0 then
    ctx:fail("BucketNotEmpty", row._versioning
      and "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
      or "The bucket you tried to delete is not empty", 409, { BucketName = row.Name })
  end
  local uploads = base.uploads(ctx, row)
  for _, upload in ipairs(uploads:list()) do uploads:delete(upload.UploadId) end
  ctx:shared("Bucket"):delete(row.Name)
  return {}
end

return bucket
