--- Launching: from RunInstances' input (or another service's wish) to instance rows, with their
--- interfaces and volumes.
local base = require "sim.service.ec2.base"
local deep = require "cso.std.deep"
local disk = require "sim.service.ec2.disk"
local images = require "sim.data.images"
local interface = require "sim.service.ec2.interface"
local profile = require "sim.service.ec2.profile"
local template = require "sim.service.ec2.template"

local launch = {}

local function image_of(ctx, id)
  if not id then ctx:fail("MissingParameter", "The request must contain the parameter ImageId") end
  local path = id:match("^resolve:ssm:(.+)$")
  if path then id = images.parameters(ctx.region)[path] or path end
  local image = base.image(ctx, id)
  if image then return image end
  if not base.well_formed("ami", id) then
    ctx:fail("InvalidAMIID.Malformed", ('Invalid id: "%s" (expecting "ami-...")'):format(id))
  end
  ctx:fail("InvalidAMIID.NotFound", ("The image id '[%s]' does not exist"):format(id))
end

local function check_user_data(ctx, data)
  if not data then return end
  if data:find("[^%w+/=%s]") or #data:gsub("%s", "") % 4 ~= 0 then
    ctx:fail("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
  end
  if #data:gsub("[%s=]", "") * 3 // 4 > 16384 then
    ctx:fail("InvalidParameterValue", "User data is limited to 16384 bytes")
  end
end

-- Where the first interface goes, and what the instance is allowed.
local function primary(ctx, input)
  local specs = {}
  for _, n in ipairs(input.NetworkInterfaces or {}) do specs[#specs + 1] = n end
  if not specs[1] then
    if not input.SubnetId then
      ctx:fail("VPCIdNotSpecified", "No default VPC for this user. GroupName is only supported for EC2-Classic and "
        .. "default VPC.")
    end
    return { { DeviceIndex = 0, SubnetId = input.SubnetId, Groups = input.SecurityGroupIds,
      PrivateIpAddress = input.PrivateIpAddress } }
  end
  if input.SubnetId or (input.SecurityGroupIds and input.SecurityGroupIds[1]) then
    ctx:fail("InvalidParameterCombination", "Network interfaces and an instance-level subnet ID or security groups "
      .. "may not be specified on the same request")
  end
  table.sort(specs, function(a, b) return (a.DeviceIndex or 0) < (b.DeviceIndex or 0) end)
  return specs
end

local function check_interface(ctx, spec)
  if spec.NetworkInterfaceId then
    local eni = base.find(ctx, "eni", spec.NetworkInterfaceId)
    if eni.Attachment then
      ctx:fail("InvalidNetworkInterface.InUse", ("Network interface '%s' is currently in use.")
        :format(spec.NetworkInterfaceId))
    end
    return base.find(ctx, "subnet", eni.SubnetId)
  end
  local subnet = base.find(ctx, "subnet", spec.SubnetId, "subnetId")
  interface.groups(ctx, subnet.VpcId, spec.Groups)
  return subnet
end

-- The volumes of a launch: the image's root, changed and joined by the request's mappings.
local function mappings(ctx, image, wanted)
  local list = { { DeviceName = image.root, Ebs = { VolumeSize = image.size, VolumeType = "gp3",
    DeleteOnTermination = true } } }
  for _, m in ipairs(wanted or {}) do
    local at
    for i, known in ipairs(list) do if known.DeviceName == m.DeviceName then at = i end end
    if m.NoDevice == nil and m.VirtualName == nil then
      if at then
        list[at].Ebs = deep.merge(list[at].Ebs, m.Ebs or {})
        if list[at].Ebs.VolumeSize < image.size and at == 1 then
          ctx:fail("InvalidBlockDeviceMapping", ("Volume of size %dGB is smaller than snapshot '%s', expect size >= %dGB")
            :format(list[at].Ebs.VolumeSize, "snap-0" .. image.id:sub(6), image.size))
        end
      else
        list[#list + 1] = { DeviceName = m.DeviceName, Ebs = deep.copy(m.Ebs or {}) }
      end
    end
  end
  for _, m in ipairs(list) do
    m.spec = disk.check(ctx, { VolumeType = m.Ebs.VolumeType, Size = m.Ebs.VolumeSize, Iops = m.Ebs.Iops,
      Throughput = m.Ebs.Throughput, SnapshotId = m.Ebs.SnapshotId })
  end
  return list
end

--- Merges the launch template that an input names under the input.
---@param ctx sim.Context
---@param input table
---@return table
function launch.resolve(ctx, input)
  if not input.LaunchTemplate then return input end
  local data = template.data_of(ctx, input.LaunchTemplate)
  local merged = deep.merge(data, {})
  for k, v in next, input do
    if k == "MetadataOptions" and merged[k] then merged[k] = deep.merge(merged[k], v)
    elseif k == "TagSpecifications" then
      local list = deep.copy(merged[k] or {})
      for _, spec in ipairs(v) do
        local into
        for _, known in ipairs(list) do if known.ResourceType == spec.ResourceType then into = known end end
        if not into then
          into = { ResourceType = spec.ResourceType, Tags = {} }
          list[#list + 1] = into
        end
        for _, t in ipairs(spec.Tags or {}) do
          local at
          for i, old in ipairs(into.Tags) do if old.Key == t.Key then at = i end end
          into.Tags[at or #into.Tags + 1] = t
        end
      end
      merged[k] = list
    else
      merged[k] = v
    end
  end
  if input.SubnetId and merged.NetworkInterfaces and not input.NetworkInterfaces then
    -- A subnet on the request moves the template's first interface there.
    merged.NetworkInterfaces[1].SubnetId, merged.SubnetId = input.SubnetId, nil
  end
  return merged
end

--- Checks everything about a launch; nothing is stored.
---@param ctx sim.Context
---@param input table resolved RunInstances input
---@return table plan
function launch.check(ctx, input)
  local image = image_of(ctx, input.ImageId)
  local kind = base.instance_type(ctx, input.InstanceType or "m1.small")
  if not kind then
    ctx:fail("InvalidParameterValue", ("The instance type '%s' does not exist"):format(input.InstanceType or "m1.small"))
  end
  if kind.arch ~= image.arch then
    ctx:fail("InvalidParameterValue", ("The architecture '%s' of the specified instance type does not match the "
      .. "architecture '%s' of the specified AMI."):format(kind.arch, image.arch))
  end
  if input.KeyName then base.find(ctx, "key", input.KeyName) end
  check_user_data(ctx, input.UserData)
  local specs, subnets = primary(ctx, input), {}
  for i, spec in ipairs(specs) do subnets[i] = check_interface(ctx, spec) end
  local zone = input.Placement and input.Placement.AvailabilityZone
  if zone and zone ~= subnets[1].AvailabilityZone then
    ctx:fail("InvalidParameterCombination", ("The availability zone '%s' does not match the subnet's '%s'.")
      :format(zone, subnets[1].AvailabilityZone))
  end
  return { image = image, type = kind, specs = specs, subnet = subnets[1],
    profile = input.IamInstanceProfile and profile.resolve(ctx, input.IamInstanceProfile),
    volumes = mappings(ctx, image, input.BlockDeviceMappings),
    tags = base.tags(ctx, input, "instance", { "volume", "network-interface", "spot-instances-request", "elastic-gpu" }),
    volume_tags = base.tags(ctx, input, "volume", { "instance", "network-interface", "spot-instances-request" }),
    eni_tags = base.tags(ctx, input, "network-interface", { "instance", "volume", "spot-instances-request" }) }
end

local function attach_interfaces(ctx, row, plan)
  for i, spec in ipairs(plan.specs) do
    local eni
    if spec.NetworkInterfaceId then
      eni = base.find(ctx, "eni", spec.NetworkInterfaceId)
    else
      local subnet = base.find(ctx, "subnet", spec.SubnetId)
      local public = spec.AssociatePublicIpAddress
      if public == nil then public = i == 1 and subnet.MapPublicIpOnLaunch end
      eni = interface.create(ctx, { subnet = spec.SubnetId, groups = spec.Groups, description = spec.Description,
        address = spec.PrivateIpAddress, tags = deep.copy(plan.eni_tags), public = public })
    end
    interface.attach(ctx, eni, { InstanceId = row.InstanceId, InstanceOwnerId = ctx.account,
      DeviceIndex = spec.DeviceIndex or i - 1, NetworkCardIndex = spec.NetworkCardIndex or 0,
      DeleteOnTermination = spec.DeleteOnTermination ~= false and not spec.NetworkInterfaceId })
    row._interfaces[i] = eni.NetworkInterfaceId
  end
end

local function metadata_options(o)
  o = o or {}
  return { State = "applied", HttpTokens = o.HttpTokens or "required", HttpEndpoint = o.HttpEndpoint or "enabled",
    HttpPutResponseHopLimit = o.HttpPutResponseHopLimit or 2, HttpProtocolIpv6 = o.HttpProtocolIpv6 or "disabled",
    InstanceMetadataTags = o.InstanceMetadataTags or "disabled" }
end

--- Starts one instance of a checked plan.
---@param ctx sim.Context
---@param input table
---@param plan table
---@param index integer AmiLaunchIndex
---@param reservation string
---@return table row
function launch.start(ctx, input, plan, index, reservation)
  local id = ctx.ids:ec2("i")
  local t, image, subnet = plan.type, plan.image, plan.subnet
  local placement = input.Placement or {}
  local row = { InstanceId = id, ImageId = image.id, InstanceType = t.name, AmiLaunchIndex = index,
    Architecture = image.arch, ClientToken = input.ClientToken or "", LaunchTime = ctx.now, KeyName = input.KeyName,
    EbsOptimized = input.EbsOptimized or false, EnaSupport = true, Hypervisor = "xen", VirtualizationType = "hvm",
    RootDeviceName = image.root, RootDeviceType = "ebs", SubnetId = subnet.SubnetId, VpcId = subnet.VpcId,
    Placement = { AvailabilityZone = subnet.AvailabilityZone, AvailabilityZoneId = subnet.AvailabilityZoneId,
      GroupName = placement.GroupName or "", Tenancy = placement.Tenancy or "default" },
    Monitoring = { State = input.Monitoring and input.Monitoring.Enabled and "enabled" or "disabled" },
    MetadataOptions = metadata_options(input.MetadataOptions), Platform = image.platform,
    PlatformDetails = image.platform and "Windows" or "Linux/UNIX", UsageOperation = "RunInstances",
    UsageOperationUpdateTime = ctx.now, ProductCodes = {}, SourceDestCheck = true, StateTransitionReason = "",
    CpuOptions = input.CpuOptions and deep.copy(input.CpuOptions) or { CoreCount = math.max(1, t.vcpu // 2),
      ThreadsPerCore = t.vcpu > 1 and 2 or 1 },
    CapacityReservationSpecification = { CapacityReservationPreference = "open" },
    HibernationOptions = { Configured = input.HibernationOptions and input.HibernationOptions.Configured or false },
    EnclaveOptions = { Enabled = input.EnclaveOptions and input.EnclaveOptions.Enabled or false },
    MaintenanceOptions = { AutoRecovery = input.MaintenanceOptions and input.MaintenanceOptions.AutoRecovery
      or "default" },
    PrivateDnsNameOptions = input.PrivateDnsNameOptions or deep.copy(subnet.PrivateDnsNameOptionsOnLaunch),
    BootMode = "uefi-preferred", CurrentInstanceBootMode = "uefi", IamInstanceProfile = plan.profile,
    Tags = deep.copy(plan.tags), BlockDeviceMappings = {},
    _interfaces = {}, _reservation = reservation, _user_data = input.UserData,
    _protected = input.DisableApiTermination or false, _stop_protected = input.DisableApiStop or false,
    _shutdown = input.InstanceInitiatedShutdownBehavior or "stop",
    _credits = t.burstable and (input.CreditSpecification and input.CreditSpecification.CpuCredits
      or (t.name:sub(1, 2) == "t2" and "standard" or "unlimited")) or nil }
  ctx:phases(row, "pending", 30, "running")
  row._checked = ctx:after(150)
  base.save(ctx, "i", id, row)
  attach_interfaces(ctx, row, plan)
  if plan.profile then profile.associate(ctx, row, plan.profile) end
  for _, m in ipairs(plan.volumes) do
    local spec = deep.copy(m.spec)
    spec.AvailabilityZone, spec.AvailabilityZoneId = subnet.AvailabilityZone, subnet.AvailabilityZoneId
    spec.Encrypted, spec.KmsKeyId = m.Ebs.Encrypted, m.Ebs.KmsKeyId
    spec.SnapshotId = m.Ebs.SnapshotId or (m.DeviceName == image.root and "snap-0" .. image.id:sub(6)) or nil
    spec.Tags = deep.copy(plan.volume_tags)
    disk.attach(ctx, disk.create(ctx, spec), row, m.DeviceName, m.Ebs.DeleteOnTermination ~= false)
  end
  return base.save(ctx, "i", id, row)
end

return launch
