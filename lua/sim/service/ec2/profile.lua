--- Instance profiles on instances. The profiles themselves are IAM's.
local base = require "sim.service.ec2.base"
local filter = require "sim.help.filter"

local profile = {}

local function bad(ctx, field, value, why)
  ctx:fail("InvalidParameterValue", ("Value (%s) for parameter iamInstanceProfile.%s is invalid. %s")
    :format(value, field, why))
end

--- The profile that a name or ARN means, as { Arn, Id }; it has to exist and to be settled.
---@param ctx sim.Context
---@param spec { Name: string?, Arn: string? }
---@return { Arn: string, Id: string }
local function resolve(ctx, spec)
  local field = spec.Arn and "arn" or "name"
  local value = spec.Arn or spec.Name
  if not value then
    ctx:fail("MissingParameter", "The request must contain the parameter iamInstanceProfile.name or .arn")
  end
  local name = spec.Arn and spec.Arn:match("instance%-profile/.-([^/]+)$") or spec.Name
  local iam = ctx:of("iam")
  if not iam.service.simulated then
    return { Arn = spec.Arn or ("arn:%s:iam::%s:instance-profile/%s"):format(ctx.partition, ctx.account, name),
      Id = "AIPA" .. ctx.ids:text(17, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") }
  end
  local profiles = iam:table("InstanceProfile")
  local row = profiles:get(name)
  if not row then bad(ctx, field, value, "Invalid IAM Instance Profile " .. (spec.Arn and "ARN" or "name")) end
  if ctx:unsettled(profiles, name) then
    bad(ctx, field, value, "Invalid IAM Instance Profile " .. (spec.Arn and "ARN" or "name"))
  end
  return { Arn = row.Arn, Id = row.InstanceProfileId }
end

local function all(ctx) return ctx:table("IamInstanceProfileAssociation") end

local function of_instance(ctx, instance_id)
  return all(ctx):one("InstanceId", instance_id)
end

--- Stores the association of an instance with a profile.
local function associate(ctx, instance, known)
  local id = "iip-assoc-0" .. ctx.ids:hex(16)
  instance.IamInstanceProfile = known
  base.save(ctx, "i", instance.InstanceId, instance)
  return all(ctx):put(id, { AssociationId = id, InstanceId = instance.InstanceId, IamInstanceProfile = known,
    State = "associated", Timestamp = ctx.now })
end

--- Forgets the association of a terminated instance.
local function forget(ctx, instance_id)
  local a = of_instance(ctx, instance_id)
  if a then all(ctx):delete(a.AssociationId) end
end

function profile.AssociateIamInstanceProfile(ctx, input)
  local instance = base.find(ctx, "i", input.InstanceId)
  local known = resolve(ctx, input.IamInstanceProfile)
  if of_instance(ctx, instance.InstanceId) then
    ctx:fail("IncorrectState", ("There is an existing association for instance %s"):format(instance.InstanceId))
  end
  return { IamInstanceProfileAssociation = associate(ctx, instance, known) }
end

local function association(ctx, id)
  local a = all(ctx):get(id)
  if not a then
    ctx:fail("InvalidAssociationID.NotFound", ("The association ID '%s' does not exist"):format(id))
  end
  return a
end

function profile.DisassociateIamInstanceProfile(ctx, input)
  local a = association(ctx, input.AssociationId)
  local instance = base.all(ctx, "i"):get(a.InstanceId)
  if instance then
    instance.IamInstanceProfile = nil
    base.save(ctx, "i", instance.InstanceId, instance)
  end
  all(ctx):delete(a.AssociationId)
  a.State = "disassociating"
  return { IamInstanceProfileAssociation = a }
end

function profile.ReplaceIamInstanceProfileAssociation(ctx, input)
  local a = association(ctx, input.AssociationId)
  local known = resolve(ctx, input.IamInstanceProfile)
  all(ctx):delete(a.AssociationId)
  return { IamInstanceProfileAssociation = associate(ctx, base.find(ctx, "i", a.InstanceId), known) }
end

function profile.DescribeIamInstanceProfileAssociations(ctx, input)
  local list = {}
  if input.AssociationIds and input.AssociationIds[1] then
    for i, id in ipairs(input.AssociationIds) do list[i] = association(ctx, id) end
  else
    list = all(ctx):list()
  end
  list = filter.apply(ctx, list, input.Filters, { ["instance-id"] = "InstanceId", state = "State" })
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 100)
  return { IamInstanceProfileAssociations = page, NextToken = token }
end

return setmetatable(profile, { __index = { resolve = resolve, associate = associate, forget = forget } })
