--- Bucket policies and access control lists.
local base = require "sim.service.s3.base"
local json = require "cso.std.json"

local policy = {}

local function each(v)
  if type(v) ~= "table" then return { v } end
  return v
end

local function malformed(ctx, text) ctx:fail("MalformedPolicy", text, 400) end

local function is_public(statement)
  if statement.Effect ~= "Allow" or statement.Condition then return false end
  local who = statement.Principal
  if who == "*" then return true end
  for _, v in ipairs(type(who) == "table" and each(who.AWS) or {}) do if v == "*" then return true end end
  return false
end

local function statements(tree) return #tree.Statement > 0 and tree.Statement or { tree.Statement } end

local function check(ctx, row, text)
  local tree = json.decode(text)
  if type(tree) ~= "table" then malformed(ctx, "Policies must be valid JSON and the first byte must be '{'") end
  if type(tree.Statement) ~= "table" then malformed(ctx, "Missing required field Statement") end
  local arn, open = ("arn:%s:s3:::%s"):format(ctx.partition, row.Name), false
  for _, s in ipairs(statements(tree)) do
    if s.Effect ~= "Allow" and s.Effect ~= "Deny" then malformed(ctx, "Invalid effect: " .. tostring(s.Effect)) end
    if s.Principal == nil and s.NotPrincipal == nil then malformed(ctx, "Missing required field Principal") end
    if s.Action == nil and s.NotAction == nil then malformed(ctx, "Missing required field Action") end
    if s.Resource == nil and s.NotResource == nil then malformed(ctx, "Missing required field Resource") end
    for _, resource in ipairs(each(s.Resource or s.NotResource)) do
      if resource ~= arn and resource:sub(1, #arn + 1) ~= arn .. "/" and resource ~= "*" and resource ~= arn .. "*" then
        malformed(ctx, "Policy has invalid resource")
      end
    end
    open = open or is_public(s)
  end
  if open and row._public and row._public.BlockPublicPolicy then
    ctx:fail("AccessDenied", ("User: %s is not authorized to perform: s3:PutBucketPolicy on resource: \"%s\" because public "
      .. "policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."):format(
      ctx.who.arn or ctx.account, arn), 403)
  end
end

function policy.PutBucketPolicy(ctx, input)
  local row = base.bucket(ctx, input)
  check(ctx, row, input.Policy or "")
  row._policy = input.Policy
  base.save(ctx, row)
  return {}
end

function policy.GetBucketPolicy(ctx, input)
  local row = base.bucket(ctx, input)
  if not row._policy then
    ctx:fail("NoSuchBucketPolicy", "The bucket policy does not exist", 404, { BucketName = row.Name })
  end
  return { Policy = row._policy }
end

function policy.DeleteBucketPolicy(ctx, input)
  local row = base.bucket(ctx, input)
  row._policy = nil
  base.save(ctx, row)
  return {}
end

function policy.GetBucketPolicyStatus(ctx, input)
  local row, open = base.bucket(ctx, input), false
  if not row._policy then
    ctx:fail("NoSuchBucketPolicy", "The bucket policy does not exist", 404, { BucketName = row.Name })
  end
  for _, s in ipairs(statements(json.decode(row._policy))) do open = open or is_public(s) end
  return { PolicyStatus = { IsPublic = open } }
end

-- Canned lists as grants. The owner has everything; two groups stand for everybody.
local groups = { ["public-read"] = { { "AllUsers", "READ" } }, ["public-read-write"] = { { "AllUsers", "READ" },
  { "AllUsers", "WRITE" } },
  ["authenticated-read"] = { { "AuthenticatedUsers", "READ" } },
  ["log-delivery-write"] = { { "s3/LogDelivery", "WRITE" }, { "s3/LogDelivery", "READ_ACP" } } }

local function access(ctx, canned)
  local owner = base.owner(ctx)
  local grants = { { Grantee = { ID = owner.ID, DisplayName = owner.DisplayName, Type = "CanonicalUser" },
    Permission = "FULL_CONTROL" } }
  for _, g in ipairs(groups[canned or "private"] or {}) do
    local uri = g[1]:find("/", 1, true) and "http://acs.amazonaws.com/groups/" .. g[1]
      or "http://acs.amazonaws.com/groups/global/" .. g[1]
    grants[#grants + 1] = { Grantee = { URI = uri, Type = "Group" }, Permission = g[2] }
  end
  return { Owner = owner, Grants = grants }
end

function policy.GetBucketAcl(ctx, input) return access(ctx, base.bucket(ctx, input)._acl) end

function policy.PutBucketAcl(ctx, input)
  local row = base.bucket(ctx, input)
  local rule = row._ownership and row._ownership.Rules[1].ObjectOwnership
  if rule == "BucketOwnerEnforced" and input.ACL ~= "private" and input.ACL ~= "bucket-owner-full-control" then
    ctx:fail("AccessControlListNotSupported", "The bucket does not allow ACLs")
  end
  if groups[input.ACL] and input.ACL:match("^public") and row._public and row._public.BlockPublicAcls then
    ctx:fail("AccessDenied", "Access Denied", 403)
  end
  row._acl = input.ACL
  base.save(ctx, row)
  return {}
end

function policy.GetObjectAcl(ctx, input)
  base.version(ctx, base.bucket(ctx, input), input.Key, input.VersionId)
  return access(ctx)
end

return policy
