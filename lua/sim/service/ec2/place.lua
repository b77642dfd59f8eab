--- What is there before anybody makes anything: regions, zones, images, instance types, limits.
local base = require "sim.service.ec2.base"
local filter = require "sim.help.filter"
local images = require "sim.data.images"
local regions = require "sim.data.regions"
local types = require "sim.data.instance_types"

local place = {}

function place.DescribeRegions(ctx, input)
  local list = {}
  for _, name in ipairs(regions.names(ctx.partition)) do
    list[#list + 1] = { RegionName = name, OptInStatus = "opt-in-not-required",
      Endpoint = "ec2." .. name .. ".amazonaws.com" }
  end
  if input.RegionNames and input.RegionNames[1] then
    local keep = {}
    for _, name in ipairs(input.RegionNames) do
      if not regions.exists(name) then
        ctx:fail("InvalidParameterValue", ("Invalid region provided: %s"):format(name))
      end
    end
    for _, r in ipairs(list) do
      if base.has(input.RegionNames, r.RegionName) then keep[#keep + 1] = r end
    end
    list = keep
  end
  return { Regions = filter.apply(ctx, list, input.Filters, { endpoint = "Endpoint", ["region-name"] = "RegionName",
    ["opt-in-status"] = "OptInStatus" }) }
end

function place.DescribeAvailabilityZones(ctx, input)
  local list = {}
  for i, z in ipairs(regions.zones(ctx.region)) do
    list[i] = { ZoneName = z.name, ZoneId = z.id, RegionName = ctx.region, State = "available", Messages = {},
      OptInStatus = "opt-in-not-required", GroupName = ctx.region .. "-zg-1", NetworkBorderGroup = ctx.region,
      ZoneType = "availability-zone" }
  end
  for _, member in ipairs { "ZoneNames", "ZoneIds" } do
    local field = member:sub(1, -2)
    if input[member] and input[member][1] then
      local keep = {}
      for _, wanted in ipairs(input[member]) do
        local zone = regions.zone(ctx.region, wanted)
        if not zone then
          ctx:fail("InvalidParameterValue", ("Invalid availability zone: [%s]"):format(wanted))
        end
      end
      for _, z in ipairs(list) do
        if base.has(input[member], z[field]) then keep[#keep + 1] = z end
      end
      list = keep
    end
  end
  return { AvailabilityZones = filter.apply(ctx, list, input.Filters, { ["zone-name"] = "ZoneName",
    ["zone-id"] = "ZoneId", ["region-name"] = "RegionName", state = "State", ["zone-type"] = "ZoneType",
    ["opt-in-status"] = "OptInStatus", ["group-name"] = "GroupName", message = "Messages.Message" }) }
end

local function image_view(image)
  return { ImageId = image.id, Name = image.name, Description = image.description, Architecture = image.arch,
    CreationDate = image.created, DeprecationTime = "2027-11-22T00:00:00.000Z", OwnerId = image.owner,
    ImageOwnerAlias = image.alias, Public = true, State = "available", ImageType = "machine", Hypervisor = "xen",
    VirtualizationType = "hvm", EnaSupport = true, RootDeviceName = image.root, RootDeviceType = "ebs",
    Platform = image.platform, PlatformDetails = image.platform and "Windows" or "Linux/UNIX", SriovNetSupport = "simple",
    UsageOperation = "RunInstances", BootMode = "uefi-preferred", ProductCodes = {}, Tags = {},
    BlockDeviceMappings = { { DeviceName = image.root, Ebs = { DeleteOnTermination = true, Encrypted = false,
      VolumeSize = image.size, VolumeType = "gp3", Iops = 3000, Throughput = 125,
      SnapshotId = "snap-0" .. image.id:sub(6) } } } }
end

function place.DescribeImages(ctx, input)
  local list = {}
  for _, image in ipairs(images.list(ctx.region)) do list[#list + 1] = image_view(image) end
  if input.ImageIds and input.ImageIds[1] then
    list = {}
    for i, id in ipairs(input.ImageIds) do
      local image = base.image(ctx, id)
      if not image then
        if not base.well_formed("ami", id) then
          ctx:fail("InvalidAMIID.Malformed", ('Invalid id: "%s" (expecting "ami-...")'):format(id))
        end
        ctx:fail("InvalidAMIID.NotFound", ("The image id '[%s]' does not exist"):format(id))
      end
      list[i] = image_view(image)
    end
  end
  if input.Owners and input.Owners[1] then
    local keep = {}
    for _, i in ipairs(list) do
      if base.has(input.Owners, i.OwnerId) or i.ImageOwnerAlias and base.has(input.Owners, i.ImageOwnerAlias) then
        keep[#keep + 1] = i
      end
    end
    list = keep
  end
  list = filter.apply(ctx, list, input.Filters, { architecture = "Architecture", name = "Name", ["image-id"] = "ImageId",
    ["owner-alias"] = "ImageOwnerAlias", ["owner-id"] = "OwnerId", state = "State", ["image-type"] = "ImageType",
    ["virtualization-type"] = "VirtualizationType", ["root-device-type"] = "RootDeviceType", platform = "Platform",
    description = "Description", ["is-public"] = "Public", hypervisor = "Hypervisor", ["ena-support"] = "EnaSupport" })
  local page, token = ctx:page(list, input.NextToken, input.MaxResults)
  return { Images = page, NextToken = token }
end

local function type_view(t)
  return { InstanceType = t.name, CurrentGeneration = t.name:sub(1, 2) ~= "t2", FreeTierEligible = t.name == "t3.micro",
    SupportedUsageClasses = { "on-demand", "spot" }, SupportedRootDeviceTypes = { "ebs" },
    SupportedVirtualizationTypes = { "hvm" }, BareMetal = false, Hypervisor = t.hypervisor,
    ProcessorInfo = { SupportedArchitectures = { t.arch }, SustainedClockSpeedInGhz = 2.5, Manufacturer = t.maker },
    VCpuInfo = { DefaultVCpus = t.vcpu, DefaultCores = math.max(1, t.arch == "arm64" and t.vcpu or t.vcpu // 2),
      DefaultThreadsPerCore = t.arch == "arm64" and 1 or 2 },
    MemoryInfo = { SizeInMiB = t.memory }, InstanceStorageSupported = false, HibernationSupported = true,
    BurstablePerformanceSupported = t.burstable, DedicatedHostsSupported = not t.burstable,
    AutoRecoverySupported = true, SupportedBootModes = { "legacy-bios", "uefi" },
    EbsInfo = { EbsOptimizedSupport = "default", EncryptionSupport = "supported", NvmeSupport = "required" },
    NetworkInfo = { NetworkPerformance = "Up to 10 Gigabit", MaximumNetworkInterfaces = t.vcpu > 8 and 8 or 4,
      Ipv4AddressesPerInterface = 15, Ipv6AddressesPerInterface = 15, Ipv6Supported = true, EnaSupport = "required",
      MaximumNetworkCards = 1, DefaultNetworkCardIndex = 0, EfaSupported = false, EncryptionInTransitSupported = true },
    PlacementGroupInfo = { SupportedStrategies = { "partition", "spread" } } }
end

function place.DescribeInstanceTypes(ctx, input)
  local list = {}
  local wanted = input.InstanceTypes and input.InstanceTypes[1] and input.InstanceTypes or types.names()
  for i, name in ipairs(wanted) do
    local t = base.instance_type(ctx, name)
    if not t then
      ctx:fail("InvalidInstanceType", ("The following supplied instance types do not exist: [%s]"):format(name))
    end
    list[i] = type_view(t)
  end
  list = filter.apply(ctx, list, input.Filters, { ["instance-type"] = "InstanceType", ["bare-metal"] = "BareMetal",
    ["current-generation"] = "CurrentGeneration", ["processor-info.supported-architecture"] =
    "ProcessorInfo.SupportedArchitectures", ["vcpu-info.default-vcpus"] = "VCpuInfo.DefaultVCpus",
    ["memory-info.size-in-mib"] = "MemoryInfo.SizeInMiB", hypervisor = "Hypervisor",
    ["burstable-performance-supported"] = "BurstablePerformanceSupported",
    ["free-tier-eligible"] = "FreeTierEligible", ["supported-usage-class"] = "SupportedUsageClasses",
    ["instance-storage-supported"] = "InstanceStorageSupported" })
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 100)
  return { InstanceTypes = page, NextToken = token }
end

function place.DescribeInstanceTypeOfferings(ctx, input)
  local list = {}
  local kind = input.LocationType or "region"
  for _, name in ipairs(types.names()) do
    if kind == "region" then
      list[#list + 1] = { InstanceType = name, LocationType = kind, Location = ctx.region }
    else
      for _, z in ipairs(regions.zones(ctx.region)) do
        list[#list + 1] = { InstanceType = name, LocationType = kind,
          Location = kind == "availability-zone" and z.name or z.id }
      end
    end
  end
  list = filter.apply(ctx, list, input.Filters, { ["instance-type"] = "InstanceType", location = "Location" })
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 1000)
  return { InstanceTypeOfferings = page, NextToken = token }
end

function place.DescribeAccountAttributes(ctx, input)
  local all = { ["supported-platforms"] = { "VPC" }, ["default-vpc"] = { "none" }, ["max-instances"] = { "20" },
    ["vpc-max-security-groups-per-interface"] = { "5" },
    ["max-elastic-ips"] = { tostring(ctx.world.quotas["EC2-VPC Elastic IPs"]) },
    ["vpc-max-elastic-ips"] = { tostring(ctx.world.quotas["EC2-VPC Elastic IPs"]) } }
  local names = {}
  for name in next, all do
    if not input.AttributeNames or not input.AttributeNames[1] or base.has(input.AttributeNames, name) then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  local list = {}
  for i, name in ipairs(names) do
    local values = {}
    for k, v in ipairs(all[name]) do values[k] = { AttributeValue = v } end
    list[i] = { AttributeName = name, AttributeValues = values }
  end
  return { AccountAttributes = list }
end

return place
