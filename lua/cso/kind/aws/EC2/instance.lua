--- What an EC2 instance needs beyond names that match: RunInstances nests differently than
--- CloudFormation, and half of an instance's properties have each their own attribute call.
local hash = require "cso.std.hash"
local value = require "cso.std.value"

local instance = {}

local function profile_param(v)
  return v and (v:match("^arn:") and { Arn = v } or { Name = v }) or nil
end

--- RunInstances' nested places for flat properties.
function instance.run_params(params, r)
  local d = value.reveal(r.desired)
  params.MinCount, params.MaxCount = 1, 1
  params.IamInstanceProfile = profile_param(d.IamInstanceProfile)
  if d.Monitoring ~= nil then params.Monitoring = { Enabled = d.Monitoring } end
  if d.LaunchTemplate then
    params.LaunchTemplate = { LaunchTemplateId = d.LaunchTemplate.LaunchTemplateId,
      LaunchTemplateName = d.LaunchTemplate.LaunchTemplateName, Version = d.LaunchTemplate.Version }
  end
  local placement = { AvailabilityZone = d.AvailabilityZone, Tenancy = d.Tenancy, Affinity = d.Affinity, HostId = d.HostId,
    GroupName = d.PlacementGroupName }
  if next(placement) then params.Placement = placement end
  for _, interface in ipairs(params.NetworkInterfaces or {}) do
    local from = d.NetworkInterfaces[_]
    interface.Groups = from.GroupSet
    interface.DeviceIndex = math.tointeger(tonumber(from.DeviceIndex))
  end
  if d.PropagateTagsToVolumeOnCreation then
    local tags = params.TagSpecifications[1].Tags
    params.TagSpecifications[2] = { ResourceType = "volume", Tags = tags }
  end
end

local function attribute(r, name)
  local out = r:call("DescribeInstanceAttribute", { InstanceId = r.id, Attribute = name })
  for _, v in pairs(out) do
    if type(v) == "table" and v.Value ~= nil then return v.Value end
  end
end

--- Attributes that the description lacks are asked for only when they are declared.
local asked = { UserData = "userData", DisableApiTermination = "disableApiTermination",
  InstanceInitiatedShutdownBehavior = "instanceInitiatedShutdownBehavior" }

local function block_devices(raw, r)
  local ids, out = {}, {}
  for _, b in ipairs(raw.BlockDeviceMappings or {}) do
    if b.Ebs then ids[#ids + 1] = b.Ebs.VolumeId end
  end
  if #ids == 0 then return out end
  local volumes = {}
  for _, v in ipairs(r:call("DescribeVolumes", { VolumeIds = ids }).Volumes) do volumes[v.VolumeId] = v end
  for i, b in ipairs(raw.BlockDeviceMappings) do
    local v = b.Ebs and volumes[b.Ebs.VolumeId] or {}
    out[i] = { DeviceName = b.DeviceName, Ebs = { VolumeSize = v.Size, VolumeType = v.VolumeType, Iops = v.Iops,
      Encrypted = v.Encrypted, KmsKeyId = v.KmsKeyId, SnapshotId = v.SnapshotId, Throughput = v.Throughput,
      DeleteOnTermination = b.Ebs and b.Ebs.DeleteOnTermination, VolumeId = b.Ebs and b.Ebs.VolumeId } }
  end
  return out
end

--- The description of an instance as CloudFormation's properties.
function instance.model(model, raw, r)
  local groups = {}
  for i, g in ipairs(raw.SecurityGroups or {}) do groups[i] = g.GroupId end
  model.SecurityGroupIds = groups
  model.SecurityGroups, model.NetworkInterfaces = nil, r.desired.NetworkInterfaces
  model.IamInstanceProfile = raw.IamInstanceProfile and raw.IamInstanceProfile.Arn:match("([^/]+)$") or nil
  if r.desired.IamInstanceProfile and r.desired.IamInstanceProfile:match("^arn:") then
    model.IamInstanceProfile = raw.IamInstanceProfile and raw.IamInstanceProfile.Arn
  end
  model.Monitoring = raw.Monitoring and (raw.Monitoring.State == "enabled" or raw.Monitoring.State == "pending") or false
  local placement = raw.Placement or {}
  model.AvailabilityZone, model.Tenancy, model.HostId = placement.AvailabilityZone, placement.Tenancy, placement.HostId
  model.PlacementGroupName = placement.GroupName ~= "" and placement.GroupName or nil
  model.PrivateIp, model.PrivateIpAddress = raw.PrivateIpAddress, raw.PrivateIpAddress
  model.PublicIp = raw.PublicIpAddress
  model.LaunchTemplate = r.desired.LaunchTemplate
  if raw.MetadataOptions then
    local m = raw.MetadataOptions
    model.MetadataOptions = { HttpTokens = m.HttpTokens, HttpEndpoint = m.HttpEndpoint, HttpProtocolIpv6 = m.HttpProtocolIpv6,
      HttpPutResponseHopLimit = m.HttpPutResponseHopLimit, InstanceMetadataTags = m.InstanceMetadataTags }
  end
  for property, name in pairs(asked) do
    if r.desired[property] ~= nil then model[property] = attribute(r, name) end
  end
  model.BlockDeviceMappings = r.desired.BlockDeviceMappings and block_devices(raw, r) or nil
  if r.desired.CreditSpecification then
    local out = r:try("DescribeInstanceCreditSpecifications", { InstanceIds = { r.id } })
    local spec = out and out.InstanceCreditSpecifications[1]
    model.CreditSpecification = { CPUCredits = spec and spec.CpuCredits }
  end
  if r.desired.Volumes then
    local list = {}
    for _, want in ipairs(r.desired.Volumes) do
      for _, b in ipairs(raw.BlockDeviceMappings or {}) do
        if b.DeviceName == want.Device and b.Ebs then list[#list + 1] = { Device = b.DeviceName, VolumeId = b.Ebs.VolumeId } end
      end
    end
    model.Volumes = list
  end
  model.State = raw.State and { Name = raw.State.Name, Code = tostring(raw.State.Code) }
  return model
end

local function state(r)
  local out = r:call("DescribeInstances", { InstanceIds = { r.id } })
  return out.Reservations[1].Instances[1].State.Name
end

local function start(r)
  r:call("StartInstances", { InstanceIds = { r.id } })
  r:poll("waiting for running", function() return state(r) == "running" end, 30)
end

--- An attribute that EC2 changes only while the instance is stopped: stop, change, start again. It is started
--- when the change is refused, too: it stood still for nothing.
---@param property string
function instance.stopped(property)
  return function(r, v)
    local was = state(r)
    if was ~= "stopped" then
      r:call("StopInstances", { InstanceIds = { r.id } })
      r:poll("waiting for stopped", function() return state(r) == "stopped" end, 30)
    end
    if property == "UserData" then v = hash.base64_decode(v) or v end
    local done, e = r:try("ModifyInstanceAttribute", { InstanceId = r.id, [property] = { Value = v } })
    if was ~= "stopped" and (done or e.class == "service") then start(r) end
    if not done then error(e, 0) end
  end
end

--- What an interrupted change had stopped runs again. Once that change had started it, its state is others' affair.
---@param r cso.Handle
---@param begun { operation: string, outcome: string? }[]
function instance.resume(r, begun)
  local ours = false
  for _, call in ipairs(begun) do
    if call.operation == "StopInstances" then ours = true end
    if call.operation == "StartInstances" and call.outcome == "done" then ours = false end
  end
  if not ours then return end
  r:poll("waiting for what was begun", function() return state(r) ~= "stopping" end, 30)
  if state(r) == "stopped" then start(r) end
end

function instance.metadata(params, r)
  for k, v in pairs(r.desired.MetadataOptions or {}) do params[k] = v end
  params.MetadataOptions = nil
end

function instance.profile(r, want)
  local out = r:call("DescribeIamInstanceProfileAssociations", { Filters = { { Name = "instance-id", Values = { r.id } } } })
  local there = out.IamInstanceProfileAssociations[1]
  if not want then
    if there then r:call("DisassociateIamInstanceProfile", { AssociationId = there.AssociationId }) end
  elseif there then
    r:call("ReplaceIamInstanceProfileAssociation", { AssociationId = there.AssociationId,
      IamInstanceProfile = profile_param(want) })
  else
    r:call("AssociateIamInstanceProfile", { InstanceId = r.id, IamInstanceProfile = profile_param(want) })
  end
end

function instance.credits(r, want)
  r:call("ModifyInstanceCreditSpecification", { InstanceCreditSpecifications = {
    { InstanceId = r.id, CpuCredits = want and want.CPUCredits or "standard" } } })
end

function instance.attach_volumes(r, want, have)
  r:poll("waiting for running", function() return state(r) == "running" end, 30)
  for _, v in ipairs(want or {}) do
    local _, e = r:try("AttachVolume", { InstanceId = r.id, VolumeId = v.VolumeId, Device = v.Device }, { repeatable = true })
    if e and e.code ~= "VolumeInUse" then error(e, 0) end
  end
  local keep = {}
  for _, v in ipairs(want or {}) do keep[v.VolumeId] = true end
  for _, v in ipairs(have or {}) do
    if not keep[v.VolumeId] then
      local _, e = r:try("DetachVolume", { InstanceId = r.id, VolumeId = v.VolumeId })
      if e and e.code ~= "IncorrectState" and not e.code:match("NotFound") then error(e, 0) end
    end
  end
end

--- Sizes, types and rates of volumes change in place; other things of a mapping do not.
function instance.block_devices(r, want, have)
  local by_name = {}
  for _, b in ipairs(have or {}) do by_name[b.DeviceName] = b.Ebs end
  for _, b in ipairs(want or {}) do
    local now, ebs = by_name[b.DeviceName], b.Ebs
    if now and now.VolumeId and ebs then
      local p = { VolumeId = now.VolumeId }
      if ebs.VolumeSize and tonumber(ebs.VolumeSize) ~= now.VolumeSize then p.Size = math.tointeger(tonumber(ebs.VolumeSize)) end
      if ebs.VolumeType and ebs.VolumeType ~= now.VolumeType then p.VolumeType = ebs.VolumeType end
      if ebs.Iops and tonumber(ebs.Iops) ~= now.Iops then p.Iops = math.tointeger(tonumber(ebs.Iops)) end
      if ebs.Throughput and tonumber(ebs.Throughput) ~= now.Throughput then
        p.Throughput = math.tointeger(tonumber(ebs.Throughput))
      end
      if p.Size or p.VolumeType or p.Iops or p.Throughput then r:call("ModifyVolume", p) end
      if ebs.DeleteOnTermination ~= nil and ebs.DeleteOnTermination ~= now.DeleteOnTermination then
        r:call("ModifyInstanceAttribute", { InstanceId = r.id, BlockDeviceMappings = { { DeviceName = b.DeviceName,
          Ebs = { DeleteOnTermination = ebs.DeleteOnTermination } } } })
      end
    end
  end
end

--- User data is base64 on both sides, but line breaks inside the base64 mean nothing.
function instance.same_user_data(want, have)
  if want == nil or have == nil then return want == have end
  want, have = value.reveal(want), value.reveal(have)
  return want:gsub("%s", "") == have:gsub("%s", "")
end

local function same_scalar(a, b)
  if tostring(a) == tostring(b) then return true end
  return type(a) ~= "boolean" and type(b) ~= "boolean" and tonumber(a) ~= nil and tonumber(a) == tonumber(b)
end

local changeable = { VolumeSize = true, VolumeType = true, Iops = true, Throughput = true, DeleteOnTermination = true }

--- Why a change of mappings needs a new instance: volumes cannot be added, re-encrypted or made
--- from another snapshot by way of the instance.
---@return string?
function instance.replaces_devices(want, have)
  local by_name = {}
  for _, b in ipairs(have or {}) do by_name[b.DeviceName] = b.Ebs or {} end
  for _, b in ipairs(want or {}) do
    local now = by_name[b.DeviceName]
    if not now then return ("can't add %s in place"):format(b.DeviceName) end
    for key, v in pairs(b.Ebs or {}) do
      if not changeable[key] and now[key] ~= nil and not same_scalar(now[key], v) then
        return ("can't change %s of %s in place"):format(key, b.DeviceName)
      end
    end
  end
end

--- Why a change of mappings is never made: volumes only grow.
---@param after table[]?
---@param before table[]?
---@return string?
function instance.shrinks(after, before)
  local by_name = {}
  for _, b in ipairs(before or {}) do by_name[b.DeviceName] = b.Ebs or {} end
  for _, b in ipairs(after or {}) do
    local size, now = tonumber((b.Ebs or {}).VolumeSize), tonumber((by_name[b.DeviceName] or {}).VolumeSize)
    if size and now and size < now then
      return ("the volume %s can't shrink from %d to %d GiB"):format(b.DeviceName, now, size)
    end
  end
end

--- Every declared mapping is there with what it declares; the image's other mappings don't matter.
function instance.same_block_devices(want, have)
  local by_name = {}
  for _, b in ipairs(have or {}) do by_name[b.DeviceName] = b.Ebs or {} end
  for _, b in ipairs(want or {}) do
    local now = by_name[b.DeviceName]
    if not now then return false end
    for key, v in pairs(b.Ebs or {}) do
      if now[key] ~= nil and not same_scalar(now[key], v) then return false end
    end
  end
  return true
end

return instance
