--- Managed policies and their versions.
local base = require "sim.service.iam.base"
local managed = require "sim.data.managed_policies"

local policy = {}

local entities = { Role = "PolicyRoles", User = "PolicyUsers", Group = "PolicyGroups" }

local function holders(ctx, arn)
  local out, count = {}, 0
  for kind, member in pairs(entities) do
    out[member] = {}
    for _, row in ipairs(base.under(ctx, kind)) do
      for _, attached in ipairs(row._attached or {}) do
        if attached == arn then
          table.insert(out[member], { [kind .. "Name"] = row[kind .. "Name"], [kind .. "Id"] = row[kind .. "Id"] })
          count = count + 1
        end
      end
    end
  end
  return out, count
end

local function own(ctx, arn)
  local row = ctx:table("Policy"):get(arn)
  if row then return row end
  if managed.get(ctx.partition, arn) then
    ctx:fail("AccessDenied", "Policies of AWS can't be changed.", 403)
  end
  ctx:fail("NoSuchEntity", ("Policy %s was not found."):format(arn))
end

local function view(ctx, row)
  local out = {}
  for k, v in pairs(row) do out[k] = v end
  local _, count = holders(ctx, row.Arn)
  out.AttachmentCount, out.PermissionsBoundaryUsageCount, out.IsAttachable = count, 0, true
  return out
end

function policy.CreatePolicy(ctx, input)
  local path = input.Path or "/"
  local arn = ctx:arn("policy" .. path .. input.PolicyName)
  for _, row in ipairs(ctx:table("Policy"):list()) do
    if row.PolicyName:lower() == input.PolicyName:lower() then
      ctx:fail("EntityAlreadyExists",
        ("A policy called %s already exists. Duplicate names are not allowed."):format(input.PolicyName))
    end
  end
  local text = base.document(ctx, input.PolicyDocument, false)
  if #text:gsub("%s", "") > 6144 then
    ctx:fail("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
  end
  local row = { PolicyName = input.PolicyName, PolicyId = ctx.ids:iam("ANPA"), Arn = arn, Path = path,
    Description = input.Description, DefaultVersionId = "v1", CreateDate = ctx.now, UpdateDate = ctx.now,
    _versions = { { VersionId = "v1", Document = text, CreateDate = ctx.now } }, _next = 2 }
  base.add_tags(ctx, row, input.Tags)
  ctx:table("Policy"):put(arn, row)
  return { Policy = view(ctx, row) }
end

function policy.GetPolicy(ctx, input)
  local row = ctx:table("Policy"):get(input.PolicyArn) or managed.get(ctx.partition, input.PolicyArn)
  if not row then ctx:fail("NoSuchEntity", ("Policy %s was not found."):format(input.PolicyArn)) end
  return { Policy = view(ctx, row) }
end

function policy.ListPolicies(ctx, input)
  local list = {}
  if input.Scope ~= "AWS" then
    for _, row in ipairs(ctx:table("Policy"):list()) do list[#list + 1] = row end
  end
  if input.Scope ~= "Local" then
    for _, row in ipairs(managed.all(ctx.partition)) do list[#list + 1] = row end
  end
  local found = {}
  for _, row in ipairs(list) do
    local seen = view(ctx, row)
    local prefix = input.PathPrefix or "/"
    if row.Path:sub(1, #prefix) == prefix and (not input.OnlyAttached or seen.AttachmentCount > 0) then
      seen.Tags = nil
      found[#found + 1] = seen
    end
  end
  table.sort(found, function(a, b) return a.Arn < b.Arn end)
  return base.page(ctx, input, found, "Policies")
end

local function version_of(ctx, row, id)
  for i, v in ipairs(row._versions) do
    if v.VersionId == id then return v, i end
  end
  ctx:fail("NoSuchEntity", ("Policy %s version %s does not exist or is not attachable."):format(row.Arn, id))
end

local function version_view(row, v, with_text)
  return { VersionId = v.VersionId, CreateDate = v.CreateDate, IsDefaultVersion = v.VersionId == row.DefaultVersionId,
    Document = with_text and base.encoded(v.Document) or nil }
end

function policy.GetPolicyVersion(ctx, input)
  local row = base.policy(ctx, input.PolicyArn)
  return { PolicyVersion = version_view(row, version_of(ctx, row, input.VersionId), true) }
end

function policy.ListPolicyVersions(ctx, input)
  local row, list = base.policy(ctx, input.PolicyArn), {}
  for i = #row._versions, 1, -1 do list[#list + 1] = version_view(row, row._versions[i]) end
  return base.page(ctx, input, list, "Versions")
end

function policy.CreatePolicyVersion(ctx, input)
  local row = own(ctx, input.PolicyArn)
  local text = base.document(ctx, input.PolicyDocument, false)
  if #row._versions >= 5 then
    ctx:fail("LimitExceeded",
      "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
  end
  local v = { VersionId = "v" .. row._next, Document = text, CreateDate = ctx.now }
  row._next = row._next + 1
  table.insert(row._versions, v)
  if input.SetAsDefault then row.DefaultVersionId, row.UpdateDate = v.VersionId, ctx.now end
  ctx:table("Policy"):put(row.Arn, row)
  return { PolicyVersion = version_view(row, v) }
end

function policy.SetDefaultPolicyVersion(ctx, input)
  local row = own(ctx, input.PolicyArn)
  row.DefaultVersionId = version_of(ctx, row, input.VersionId).VersionId
  ctx:table("Policy"):put(row.Arn, row)
  return {}
end

function policy.DeletePolicyVersion(ctx, input)
  local row = own(ctx, input.PolicyArn)
  local v, i = version_of(ctx, row, input.VersionId)
  if v.VersionId == row.DefaultVersionId then
    ctx:fail("DeleteConflict", "Cannot delete the default version of a policy.")
  end
  table.remove(row._versions, i)
  ctx:table("Policy"):put(row.Arn, row)
  return {}
end

function policy.DeletePolicy(ctx, input)
  local row = own(ctx, input.PolicyArn)
  local _, count = holders(ctx, row.Arn)
  if count > 0 then ctx:fail("DeleteConflict", "Cannot delete a policy attached to entities.") end
  if #row._versions > 1 then
    ctx:fail("DeleteConflict",
      "This policy has more than one version. Before you delete a policy, you must delete "
        .. "the policy's versions. The default version is deleted with the policy.")
  end
  ctx:table("Policy"):delete(row.Arn)
  return {}
end

function policy.ListEntitiesForPolicy(ctx, input)
  base.policy(ctx, input.PolicyArn)
  local out = holders(ctx, input.PolicyArn)
  if input.EntityFilter then
    for kind, member in pairs(entities) do
      if input.EntityFilter ~= kind then out[member] = {} end
    end
  end
  out.IsTruncated = false
  return out
end

function policy.TagPolicy(ctx, input)
  local row = own(ctx, input.PolicyArn)
  base.add_tags(ctx, row, input.Tags)
  ctx:table("Policy"):put(row.Arn, row)
  return {}
end

function policy.UntagPolicy(ctx, input)
  local row = own(ctx, input.PolicyArn)
  base.remove_tags(row, input.TagKeys)
  ctx:table("Policy"):put(row.Arn, row)
  return {}
end

function policy.ListPolicyTags(ctx, input)
  return base.page(ctx, input, base.policy(ctx, input.PolicyArn).Tags or {}, "Tags")
end

return policy
