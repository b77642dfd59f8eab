local images = require "sim.data.images"
local support = require "spec.sim.support"

describe("EC2's instances", function()
  local sim, subnet, group, image
  before_each(function()
    sim = support.world { latency = "realistic" }
    local vpc = sim:ec2("CreateVpc", { CidrBlock = "10.0.0.0/16" }).vpc.vpcId
    subnet = sim:ec2("CreateSubnet", { VpcId = vpc, CidrBlock = "10.0.1.0/28" }).subnet.subnetId
    group = sim:ec2("CreateSecurityGroup", { GroupName = "g", GroupDescription = "g", VpcId = vpc }).groupId
    image = images.parameters("eu-west-2")["/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"]
  end)

  local function input(over)
    local t = { ImageId = image, InstanceType = "t3.small", MinCount = 1, MaxCount = 1, SubnetId = subnet,
      SecurityGroupId = { group } }
    for k, v in pairs(over or {}) do t[k] = v end
    return t
  end

  local function run(over) return assert(sim:ec2("RunInstances", input(over))).instancesSet[1].instanceId end

  local function state(id)
    return sim:ec2("DescribeInstances", { InstanceId = { id } }).reservationSet[1].instancesSet[1].instanceState.name
  end

  it("start, stop, and hold their subnet until they are dead", function()
    local id = run()
    assert.equal("pending", state(id))
    sim.time = sim.time + 31
    assert.equal("running", state(id))
    sim:refused("DependencyViolation", "DeleteSubnet", { SubnetId = subnet })
    sim:refused("DependencyViolation", "DeleteSecurityGroup", { GroupId = group })
    sim:ec2("StopInstances", { InstanceId = { id } })
    sim:refused("IncorrectInstanceState", "StartInstances", { InstanceId = { id } }) -- still stopping
    sim.time = sim.time + 31
    assert.equal("stopped", state(id))
    sim:ec2("TerminateInstances", { InstanceId = { id } })
    assert.equal("shutting-down", state(id))
    sim:refused("DependencyViolation", "DeleteSubnet", { SubnetId = subnet })
  end)

  it("give everything back when they are terminated", function()
    local id = run()
    sim.time = sim.time + 31
    sim:ec2("TerminateInstances", { InstanceId = { id } })
    sim.time = sim.time + 31
    assert.equal("terminated", state(id))
    assert.equal("", sim:ec2("DescribeVolumes").volumeSet)
    assert.equal("", sim:ec2("DescribeNetworkInterfaces").networkInterfaceSet)
    assert.truthy(sim:ec2("DeleteSubnet", { SubnetId = subnet }))
    assert.same({}, (function()
      local left = {}
      for place in pairs(sim.world:dump()) do if place:find("/Instance$") then left[#left + 1] = place end end
      return left
    end)())
  end)

  it("need an image, a type, a key and a subnet that exist", function()
    sim:refused("InvalidAMIID.NotFound", "RunInstances", input { ImageId = "ami-0123456789abcdef0" })
    sim:refused("InvalidAMIID.Malformed", "RunInstances", input { ImageId = "linux" })
    sim:refused("InvalidParameterValue", "RunInstances", input { InstanceType = "t4g.small" }) -- another architecture
    sim:refused("InvalidKeyPair.NotFound", "RunInstances", input { KeyName = "nobody" })
    sim:refused("InvalidSubnetID.NotFound", "RunInstances", input { SubnetId = "subnet-0123456789abcdef0" })
    sim:refused("InvalidUserData.Malformed", "RunInstances", input { UserData = "#!/bin/sh" })
  end)

  it("use up a subnet: a /28 has eleven addresses", function()
    for _ = 1, 11 do run() end
    sim:refused("InsufficientFreeAddressesInSubnet", "RunInstances", input())
  end)

  it("change their type only when stopped, and die only when allowed to", function()
    local id = run { DisableApiTermination = true }
    sim.time = sim.time + 31
    sim:refused("IncorrectInstanceState", "ModifyInstanceAttribute",
      { InstanceId = id, InstanceType = { Value = "t3.large" } })
    sim:ec2("StopInstances", { InstanceId = { id } })
    sim.time = sim.time + 31
    assert.truthy(sim:ec2("ModifyInstanceAttribute", { InstanceId = id, InstanceType = { Value = "t3.large" } }))
    sim:refused("OperationNotPermitted", "TerminateInstances", { InstanceId = { id } })
    sim:ec2("ModifyInstanceAttribute", { InstanceId = id, DisableApiTermination = { Value = false } })
    assert.truthy(sim:ec2("TerminateInstances", { InstanceId = { id } }))
  end)

  it("come from launch templates, version by version", function()
    local data = { ImageId = image, InstanceType = "t3.micro" }
    local t = sim:ec2("CreateLaunchTemplate", { LaunchTemplateName = "app", LaunchTemplateData = data }).launchTemplate
    sim:refused("InvalidLaunchTemplateName.AlreadyExistsException", "CreateLaunchTemplate",
      { LaunchTemplateName = "app", LaunchTemplateData = data })
    sim:ec2("CreateLaunchTemplateVersion", { LaunchTemplateId = t.launchTemplateId, SourceVersion = "1",
      LaunchTemplateData = { InstanceType = "t3.large" } })
    local function started(version)
      return sim:ec2("RunInstances", { MinCount = 1, MaxCount = 1, SubnetId = subnet,
        LaunchTemplate = { LaunchTemplateName = "app", Version = version } }).instancesSet[1].instanceType
    end
    assert.equal("t3.micro", started("$Default"))
    assert.equal("t3.large", started("$Latest"))
  end)

  it("take and give back volumes", function()
    local id = run()
    sim.time = sim.time + 31
    local zone = sim:ec2("DescribeInstances").reservationSet[1].instancesSet[1].placement.availabilityZone
    local vol = sim:ec2("CreateVolume", { AvailabilityZone = zone, Size = 10, VolumeType = "gp3" }).volumeId
    local attach = { VolumeId = vol, InstanceId = id, Device = "/dev/sdf" }
    sim:refused("IncorrectState", "AttachVolume", attach) -- still creating
    sim.time = sim.time + 6
    assert.truthy(sim:ec2("AttachVolume", attach))
    sim:refused("VolumeInUse", "DeleteVolume", { VolumeId = vol })
    sim:refused("VolumeInUse", "AttachVolume", attach)
    assert.truthy(sim:ec2("DetachVolume", { VolumeId = vol }))
    assert.truthy(sim:ec2("DeleteVolume", { VolumeId = vol }))
    sim:refused("InvalidVolume.NotFound", "DeleteVolume", { VolumeId = vol })
  end)
end)
