-- The lives of EC2's servers, disks and what they are made from.
local life = require "spec.life.harness"

local BASE = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local EC2 = cso.aws.EC2
local image = cso.api.ssm {}:GetParameter {
  Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }.Parameter.Value
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local subnet = EC2.Subnet "main" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local group = EC2.SecurityGroup "one" { GroupDescription = "one", VpcId = vpc }
local other = EC2.SecurityGroup "two" { GroupDescription = "two", VpcId = vpc }
]]

describe("the life of", function()
  life.of { name = "EC2 Instance", playbook = BASE .. [[
EC2.Instance "app" { ImageId = image, InstanceType = "t3.small", SubnetId = subnet,
  SecurityGroupIds = { group.GroupId }, SourceDestCheck = true, DisableApiTermination = false,
  UserData = ("#!/bin/sh\n"):base64(), EbsOptimized = false, Tags = { Name = "app" } }
]], edits = {
    { from = 'Name = "app"', to = 'Name = "web"', update = { "EC2.Instance.app" } },
    { from = '"t3.small"', to = '"t3.medium"', update = { "EC2.Instance.app" } },
    { from = "{ group.GroupId }", to = "{ other.GroupId }", update = { "EC2.Instance.app" } },
    { from = "SourceDestCheck = true", to = "SourceDestCheck = false", update = { "EC2.Instance.app" } },
    { from = "#!/bin/sh", to = "#!/bin/bash", update = { "EC2.Instance.app" } },
    { from = "EbsOptimized = false", to = "EbsOptimized = true", update = { "EC2.Instance.app" } },
    { from = "SubnetId = subnet,", to = "SubnetId = subnet, PrivateIpAddress = '10.0.1.77',",
      replace = { "EC2.Instance.app" } },
  } }

  life.of { name = "EC2 Volume and VolumeAttachment", playbook = BASE .. [[
local app = EC2.Instance "app" { ImageId = image, InstanceType = "t3.small", SubnetId = subnet }
local disk = EC2.Volume "data" { AvailabilityZone = "eu-west-2a", Size = 10, VolumeType = "gp3", Encrypted = true,
  Tags = { Name = "data" } }
EC2.VolumeAttachment "data" { InstanceId = app, VolumeId = disk, Device = "/dev/sdf" }
]], edits = {
    { from = 'Name = "data"', to = 'Name = "disk"', update = { "EC2.Volume.data" } },
    { from = "Size = 10", to = "Size = 20", update = { "EC2.Volume.data" } },
    { from = '"/dev/sdf"', to = '"/dev/sdg"', replace = { "EC2.VolumeAttachment.data" } },
  } }

  life.of { name = "EC2 LaunchTemplate", playbook = BASE .. [[
EC2.LaunchTemplate "app" { LaunchTemplateName = "life-app", VersionDescription = "first",
  LaunchTemplateData = { ImageId = image, InstanceType = "t3.small", SecurityGroupIds = { group.GroupId } } }
]], edits = {
    { from = '"t3.small"', to = '"t3.large"', update = { "EC2.LaunchTemplate.app" } },
    { from = '"life-app"', to = '"life-web"', replace = { "EC2.LaunchTemplate.app" } },
  } }

  life.of { name = "EC2 KeyPair", playbook = [[
local cso = require "cso"
cso.aws.EC2.KeyPair "jump" { KeyName = "life-jump", KeyType = "ed25519", Tags = { Name = "k" } }
]], edits = {
    { from = 'Name = "k"', to = 'Name = "l"', update = { "EC2.KeyPair.jump" } },
    { from = '"life-jump"', to = '"life-hop"', replace = { "EC2.KeyPair.jump" } },
  } }
end)
