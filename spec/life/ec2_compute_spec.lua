-- The lives of EC2's kinds that compute and store: instances, templates, volumes, key pairs.
local life = require "spec.life.harness"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local image = cso.api.ssm {}:GetParameter {
  Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }.Parameter.Value
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = cso.aws.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local b = cso.aws.EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
local one = cso.aws.EC2.SecurityGroup "one" { GroupDescription = "one", VpcId = vpc }
local two = cso.aws.EC2.SecurityGroup "two" { GroupDescription = "two", VpcId = vpc }
]]

local PROFILES = [[
local function profile(name)
  local role = cso.aws.IAM.Role(name) { AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = {
    { Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" } } } }
  return cso.aws.IAM.InstanceProfile(name) { Roles = { role } }
end
local first, second = profile "first", profile "second"
]]

local WEB = { "EC2.Instance.web" }

describe("the life of", function()
  life.of { name = "EC2 Instance in full", playbook = HEAD .. PROFILES .. [[
local key = cso.aws.EC2.KeyPair "main" { KeyName = "main" }
cso.aws.EC2.Instance "web" { ImageId = image, InstanceType = "t3.micro", SubnetId = a, KeyName = key,
  PrivateIpAddress = "10.0.1.50", SecurityGroupIds = { one }, IamInstanceProfile = first, Monitoring = true,
  EbsOptimized = false, DisableApiTermination = false, InstanceInitiatedShutdownBehavior = "stop",
  SourceDestCheck = true, UserData = cso.base64 "#!/bin/sh\necho one\n",
  MetadataOptions = { HttpTokens = "required", HttpPutResponseHopLimit = 1 },
  CreditSpecification = { CPUCredits = "standard" },
  BlockDeviceMappings = { { DeviceName = "/dev/xvda", Ebs = { VolumeSize = 20, VolumeType = "gp3", DeleteOnTermination = true } } },
  Tags = { Name = "one" } }
]], edits = {
    { from = '"t3.micro"', to = '"t3.small"', update = WEB },
    { from = "SecurityGroupIds = { one }", to = "SecurityGroupIds = { two, one }", update = WEB },
    { from = "SecurityGroupIds = { two, one }", to = "SecurityGroupIds = { two }", update = WEB },
    { from = "IamInstanceProfile = first", to = "IamInstanceProfile = second", update = WEB },
    { from = "Monitoring = true", to = "Monitoring = false", update = WEB },
    { from = "Monitoring = false", to = "Monitoring = true", update = WEB },
    { from = " Monitoring = true,", to = "", update = WEB },
    { from = "EbsOptimized = false", to = "EbsOptimized = true", update = WEB },
    { from = "EbsOptimized = true, ", to = "", update = WEB },
    { from = '"stop"', to = '"terminate"', update = WEB },
    { from = "SourceDestCheck = true", to = "SourceDestCheck = false", update = WEB },
    { from = "SourceDestCheck = false, ", to = "", update = WEB },
    { from = "echo one", to = "echo two", update = WEB },
    { from = 'HttpTokens = "required"', to = 'HttpTokens = "optional"', update = WEB },
    { from = "HttpPutResponseHopLimit = 1", to = "HttpPutResponseHopLimit = 3", update = WEB },
    { from = 'CPUCredits = "standard"', to = 'CPUCredits = "unlimited"', update = WEB },
    { from = "VolumeSize = 20", to = "VolumeSize = 30", update = WEB },
    { from = 'Name = "one"', to = 'Name = "two"', update = WEB },
    { from = "IamInstanceProfile = second,", to = "", update = WEB },
    { from = "DisableApiTermination = false", to = "DisableApiTermination = true", update = WEB },
    { from = "DisableApiTermination = true", to = "DisableApiTermination = false", update = WEB },
    { from = "10.0.1.50", to = "10.0.1.51", replace = WEB },
    { from = 'SubnetId = a, KeyName = key,\n  PrivateIpAddress = "10.0.1.51",', to = "SubnetId = b, KeyName = key,",
      replace = WEB },
    { from = ", KeyName = key", to = "", replace = WEB },
  } }

  life.of { name = "EC2 Instance of a launch template", playbook = HEAD .. PROFILES .. [[
local template = cso.aws.EC2.LaunchTemplate "web" { LaunchTemplateName = "web", LaunchTemplateData = {
  ImageId = image, InstanceType = "t3.micro", SecurityGroupIds = { one }, IamInstanceProfile = { Arn = first.Arn },
  MetadataOptions = { HttpTokens = "required" } } }
cso.aws.EC2.Instance "web" { SubnetId = a,
  LaunchTemplate = { LaunchTemplateId = template, Version = template.LatestVersionNumber } }
]], edits = {
    { from = '"t3.micro"', to = '"t3.small"', update = { "EC2.LaunchTemplate.web" }, replace = WEB },
  } }

  life.of { name = "EC2 Instance of interfaces", playbook = HEAD .. [[
cso.aws.EC2.Instance "web" { ImageId = image, InstanceType = "t3.micro", NetworkInterfaces = {
  { DeviceIndex = "0", SubnetId = a, GroupSet = { one }, AssociatePublicIpAddress = true, DeleteOnTermination = true } } }
]], edits = {
    { from = "GroupSet = { one }", to = "GroupSet = { two }", replace = WEB },
  } }

  life.of { name = "EC2 Instance with volumes", playbook = HEAD .. [[
local data = cso.aws.EC2.Volume "data" { AvailabilityZone = "eu-west-2a", Size = 10, VolumeType = "gp3" }
local more = cso.aws.EC2.Volume "more" { AvailabilityZone = "eu-west-2a", Size = 10, VolumeType = "gp3" }
cso.aws.EC2.Instance "web" { ImageId = image, InstanceType = "t3.micro", SubnetId = a, PropagateTagsToVolumeOnCreation = true,
  Volumes = { { Device = "/dev/sdf", VolumeId = data } } }
]], edits = {
    { from = "VolumeId = data } }", to = 'VolumeId = data }, { Device = "/dev/sdg", VolumeId = more } }', update = WEB },
    { from = '{ Device = "/dev/sdf", VolumeId = data }, ', to = "", update = WEB },
  } }

  life.of { name = "EC2 Instance with encrypted volumes", playbook = HEAD .. [[
cso.aws.EC2.Instance "web" { ImageId = image, InstanceType = "t3.micro", SubnetId = a,
  BlockDeviceMappings = {
    { DeviceName = "/dev/xvda", Ebs = { VolumeSize = 20, VolumeType = "gp3", Encrypted = true, Iops = 3000 } },
    { DeviceName = "/dev/sdb", Ebs = { VolumeSize = 10, VolumeType = "gp3" } } } }
]], edits = {
    { from = "Iops = 3000", to = "Iops = 4000", update = WEB },
    { from = 'VolumeSize = 10, VolumeType = "gp3"', to = 'VolumeSize = 12, VolumeType = "gp2"', update = WEB },
    { from = "Encrypted = true", to = "Encrypted = false", replace = WEB },
    { from = "/dev/sdb", to = "/dev/sdc", replace = WEB },
  } }

  life.of { name = "EC2 LaunchTemplate in full", playbook = HEAD .. [[
cso.aws.EC2.LaunchTemplate "web" { LaunchTemplateName = "web", VersionDescription = "first",
  TagSpecifications = { { ResourceType = "launch-template", Tags = { { Key = "Name", Value = "web" } } } },
  LaunchTemplateData = { ImageId = image, InstanceType = "t3.micro", SecurityGroupIds = { one, two },
    UserData = cso.base64 "echo one", Monitoring = { Enabled = true },
    BlockDeviceMappings = { { DeviceName = "/dev/xvda", Ebs = { VolumeSize = 20, VolumeType = "gp3" } } },
    TagSpecifications = { { ResourceType = "instance", Tags = { { Key = "Name", Value = "web" } } } } } }
]], edits = {
    { from = '"t3.micro"', to = '"t3.small"', update = { "EC2.LaunchTemplate.web" } },
    { from = "{ one, two }", to = "{ two }", update = { "EC2.LaunchTemplate.web" } },
    { from = "echo one", to = "echo two", update = { "EC2.LaunchTemplate.web" } },
    { from = '"first"', to = '"second"', update = { "EC2.LaunchTemplate.web" } },
    { from = " Monitoring = { Enabled = true },", to = "", update = { "EC2.LaunchTemplate.web" } },
    { from = 'LaunchTemplateName = "web"', to = 'LaunchTemplateName = "app"', replace = { "EC2.LaunchTemplate.web" } },
  } }

  life.of { name = "EC2 Volume", playbook = HEAD .. [[
cso.aws.EC2.Volume "data" { AvailabilityZone = "eu-west-2a", Size = 10, VolumeType = "gp3", Iops = 3000, Throughput = 125,
  Encrypted = true, AutoEnableIO = true, Tags = { Name = "one" } }
]], edits = {
    { from = "Size = 10", to = "Size = 20", update = { "EC2.Volume.data" } },
    { from = "Iops = 3000", to = "Iops = 4000", update = { "EC2.Volume.data" } },
    { from = "Throughput = 125", to = "Throughput = 250", update = { "EC2.Volume.data" } },
    { from = 'VolumeType = "gp3", Iops = 4000, Throughput = 250', to = 'VolumeType = "io1", Iops = 500',
      update = { "EC2.Volume.data" } },
    { from = "AutoEnableIO = true", to = "AutoEnableIO = false", update = { "EC2.Volume.data" } },
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EC2.Volume.data" } },
    { from = "Encrypted = true", to = "Encrypted = false", replace = { "EC2.Volume.data" } },
    { from = "eu-west-2a\", Size", to = "eu-west-2b\", Size", replace = { "EC2.Volume.data" } },
  } }

  life.of { name = "EC2 VolumeAttachment", playbook = HEAD .. [[
local data = cso.aws.EC2.Volume "data" { AvailabilityZone = "eu-west-2a", Size = 10, VolumeType = "gp3" }
local web = cso.aws.EC2.Instance "web" { ImageId = image, InstanceType = "t3.micro", SubnetId = a }
local other = cso.aws.EC2.Instance "other" { ImageId = image, InstanceType = "t3.micro", SubnetId = a }
cso.aws.EC2.VolumeAttachment "data" { VolumeId = data, InstanceId = web, Device = "/dev/sdf" }
]], edits = {
    { from = '"/dev/sdf"', to = '"/dev/sdg"', replace = { "EC2.VolumeAttachment.data" } },
    { from = "InstanceId = web", to = "InstanceId = other", replace = { "EC2.VolumeAttachment.data" } },
    { from = "Size = 10", to = "Size = 11", update = { "EC2.Volume.data" } },
  } }

  life.of { name = "EC2 KeyPair in full", playbook = HEAD .. [[
cso.aws.EC2.KeyPair "made" { KeyName = "made", KeyType = "ed25519", Tags = { Name = "one" } }
cso.aws.EC2.KeyPair "brought" { KeyName = "brought", PublicKeyMaterial =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl spec" }
]], edits = {
    { from = '"ed25519"', to = '"rsa"', replace = { "EC2.KeyPair.made" } },
    { from = '"brought", Public', to = '"carried", Public', replace = { "EC2.KeyPair.brought" } },
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EC2.KeyPair.made" } },
  } }
end)
