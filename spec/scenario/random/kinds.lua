--- What a random playbook may declare: for each kind its text, and how the account shows it. A thing
--- has a number `n` that nothing else has, `v` (raised by a change in place), `f` (raised by a change
--- that replaces) and what it uses by role.
local function tag(row, key)
  for _, t in ipairs(row.Tags or {}) do
    if t.Key == key then return t.Value end
  end
end

-- Things that bear tags are told apart by them; the account's own (default groups …) have none.
local function tagged(row) return tag(row, "Mark") end
local function mark(r) return ("Tags = { Mark = \"%d/%d\" }"):format(r.n, r.v) end
local function marked(r) return ("%d/%d"):format(r.n, r.v) end

local function document(action) return ([[{ Version = "2012-10-17", Statement = { {
    Effect = "Allow", Action = %q, Resource = "*" } } }]]):format(action) end
local TRUST = [[{ Version = "2012-10-17", Statement = { {
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } } } }]]

local function action(r) return r.v % 2 == 0 and "s3:GetObject" or "s3:PutObject" end
local function zone(f) return f % 2 == 0 and "eu-west-2a" or "eu-west-2b" end
local function named(prefix) return function(r) return ("%s-%d-%d"):format(prefix, r.n, r.f) end end
local function net(vpc) return ("10.%d."):format((vpc.n * 2 + vpc.f % 2) % 250) end
local function port(r) return 1000 + r.n * 20 + r.v % 20 end

local role, policy, rule, bucket = named "role", named "policy", named "inline", named "random-bucket"
local queue, topic, secret, alias = named "queue", named "topic", named "random/secret", named "alias/random"
local group, parameter, profile = named "/random/log", named "/random/p", named "profile"
local DAYS = { 1, 3, 5, 7, 14, 30 }

---@class spec.random.Kind
---@field type string            as the playbook writes it
---@field uses table<string, string>?  role -> kind
---@field same table<string, string>?  role -> another role: both must use the same thing by that role
---@field after string?          a role that it comes after
---@field alone string[][]?      no two things of this kind may use the same by these roles
---@field holds table<string, true>?  roles by which it keeps what it uses from being deleted first
---@field fixed boolean?         nothing replaces it
---@field still boolean?         nothing changes it in place
---@field free boolean?          may be retained: nothing hinders what it used from going
---@field place string?          the collection of the account's inventory
---@field text fun(r, by): string      properties
---@field seen (fun(row): string?)?    what a row shows; nil for one that is not the playbook's
---@field want (fun(r, by): string)?
local K = {}

K.vpc = { type = "aws.EC2.VPC", place = "ec2/Vpc", seen = function(row)
  return tagged(row) and row.CidrBlock .. " " .. tagged(row)
end, text = function(r)
  return ('CidrBlock = "%s0.0/16", EnableDnsHostnames = %s, %s'):format(net(r), r.v % 2 == 1, mark(r))
end, want = function(r) return net(r) .. "0.0/16 " .. marked(r) end }

K.subnet = { type = "aws.EC2.Subnet", uses = { vpc = "vpc" }, place = "ec2/Subnet", seen = function(row)
  return ("%s %s %s %s"):format(row.AvailabilityZone, row.CidrBlock, row.MapPublicIpOnLaunch, tagged(row))
end, text = function(r, by)
  return ('VpcId = %s, AvailabilityZone = "%s", CidrBlock = "%s%d.0/24", MapPublicIpOnLaunch = %s, %s'):format(
    by.vpc.var, zone(r.f), net(by.vpc), r.n % 250, r.v % 2 == 1, mark(r))
end, want = function(r, by)
  return ("%s %s%d.0/24 %s %s"):format(zone(r.f), net(by.vpc), r.n % 250, r.v % 2 == 1, marked(r))
end }

K.gateway = { type = "aws.EC2.InternetGateway", place = "ec2/InternetGateway", fixed = true, text = mark,
  seen = function(row) return ("%s attached %d"):format(tagged(row), #(row.Attachments or {})) end,
  want = function(r, _, model) return ("%s attached %d"):format(marked(r), #model:users(r.n, "attachment")) end }

K.attachment = { type = "aws.EC2.VPCGatewayAttachment", uses = { vpc = "vpc", gateway = "gateway" }, fixed = true,
  still = true, alone = { { "vpc" }, { "gateway" } },
  text = function(_, by) return ("VpcId = %s, InternetGatewayId = %s"):format(by.vpc.var, by.gateway.var) end }

K.table = { type = "aws.EC2.RouteTable", uses = { vpc = "vpc" }, place = "ec2/RouteTable", fixed = true,
  text = function(r, by) return ("VpcId = %s, %s"):format(by.vpc.var, mark(r)) end,
  seen = function(row)
    return tagged(row) and ("%s routes %d associations %d"):format(tagged(row), #row.Routes, #row.Associations)
  end,
  want = function(r, _, model)
    return ("%s routes %d associations %d"):format(marked(r), 1 + #model:users(r.n, "route"), #model:users(r.n, "association"))
  end }

K.route = { type = "aws.EC2.Route", uses = { table = "table", attachment = "attachment" }, after = "attachment",
  same = { table = "vpc", attachment = "vpc" }, still = true,
  text = function(r, by, model)
    return ('RouteTableId = %s, DestinationCidrBlock = "172.%d.%d.0/24", GatewayId = %s'):format(by.table.var,
      r.f % 200, r.n % 250, model:at(by.attachment.uses.gateway).var)
  end }

K.association = { type = "aws.EC2.SubnetRouteTableAssociation", uses = { table = "table", subnet = "subnet" },
  same = { table = "vpc", subnet = "vpc" }, alone = { { "subnet" } }, fixed = true, still = true,
  text = function(_, by) return ("RouteTableId = %s, SubnetId = %s"):format(by.table.var, by.subnet.var) end }

K.group = { type = "aws.EC2.SecurityGroup", uses = { vpc = "vpc" }, place = "ec2/SecurityGroup",
  text = function(r, by)
    return ('VpcId = %s, GroupDescription = "d%d", %s'):format(by.vpc.var, r.f, mark(r))
  end,
  seen = function(row) return tagged(row) and ("d %s %s"):format(row.Description, tagged(row)) end,
  want = function(r) return ("d d%d %s"):format(r.f, marked(r)) end }

K.guard = { type = "aws.EC2.SecurityGroup", uses = { vpc = "vpc", group = "group" }, same = { vpc = true, group = "vpc" },
  holds = { group = true }, place = "ec2/SecurityGroupRule",
  text = function(r, by)
    return ([[VpcId = %s, GroupDescription = "%d", SecurityGroupIngress = {
    { IpProtocol = "tcp", FromPort = %d, ToPort = %d, SourceSecurityGroupId = %s } }]]):format(by.vpc.var, r.f, port(r),
      port(r), by.group.var)
  end,
  seen = function(row) return row.FromPort ~= -1 and tostring(row.FromPort) or nil end,
  want = function(r) return tostring(port(r)) end }

K.ingress = { type = "aws.EC2.SecurityGroupIngress", uses = { group = "group" }, place = "ec2/SecurityGroupRule", still = true,
  text = function(r, by)
    return ('GroupId = %s, IpProtocol = "tcp", FromPort = %d, ToPort = %d, CidrIp = "10.0.0.0/8"'):format(by.group.var,
      port { n = r.n, v = r.f }, port { n = r.n, v = r.f })
  end,
  want = function(r) return tostring(port { n = r.n, v = r.f }) end }

K.address = { type = "aws.EC2.EIP", place = "ec2/Address", seen = tagged, want = marked, fixed = true, free = true,
  text = function(r) return 'Domain = "vpc", ' .. mark(r) end }

K.volume = { type = "aws.EC2.Volume", place = "ec2/Volume", free = true,
  text = function(r) return ('AvailabilityZone = "%s", Size = 8, VolumeType = "gp3", %s'):format(zone(r.f), mark(r)) end,
  seen = function(row) return tagged(row) and row.AvailabilityZone .. " " .. tagged(row) end,
  want = function(r) return zone(r.f) .. " " .. marked(r) end }

K.instance = { type = "aws.EC2.Instance", uses = { subnet = "subnet", group = "group" }, fixed = true,
  holds = { group = true },
  same = { subnet = "vpc", group = "vpc" }, place = "ec2/Instance", text = function(r, by)
    return ('ImageId = image, InstanceType = "t3.small", SubnetId = %s, SecurityGroupIds = { %s }, %s'):format(
      by.subnet.var, by.group.var, mark(r))
  end, seen = tagged, want = marked }

K.role = { type = "aws.IAM.Role", place = "iam/Role", free = true,
  text = function(r)
    return ('RoleName = "%s", Description = "d%d", AssumeRolePolicyDocument = %s'):format(role(r), r.v, TRUST)
  end,
  seen = function(row) return row.RoleName .. " " .. row.Description end,
  want = function(r) return role(r) .. " d" .. r.v end }

K.inline = { type = "aws.IAM.RolePolicy", uses = { role = "role" }, text = function(r, by)
  return ('RoleName = %s, PolicyName = "%s", PolicyDocument = %s'):format(by.role.var, rule(r), document(action(r)))
end }

K.policy = { type = "aws.IAM.ManagedPolicy", uses = { role = "role" }, place = "iam/Policy", text = function(r, by)
  return ('ManagedPolicyName = "%s", Roles = { %s }, PolicyDocument = %s'):format(policy(r), by.role.var, document(action(r)))
end, seen = function(row) return row.PolicyName end, want = policy }

K.profile = { type = "aws.IAM.InstanceProfile", uses = { role = "role" }, place = "iam/InstanceProfile", still = true,
  text = function(r, by) return ('InstanceProfileName = "%s", Roles = { %s }'):format(profile(r), by.role.var) end,
  seen = function(row) return row.InstanceProfileName end, want = profile }

K.bucket = { type = "aws.S3.Bucket", place = "s3/Bucket", free = true, text = function(r)
  return ('BucketName = "%s", VersioningConfiguration = { Status = "%s" }, %s'):format(bucket(r),
    r.v % 2 == 0 and "Enabled" or "Suspended", mark(r))
end, seen = function(row) return row.Name end, want = bucket }

K.bucket_policy = { type = "aws.S3.BucketPolicy", uses = { bucket = "bucket" }, alone = { { "bucket" } }, fixed = true,
  text = function(r, by)
    return ([[Bucket = %s, PolicyDocument = { Version = "2012-10-17", Statement = { {
    Effect = "Deny", Principal = "*", Action = "%s", Resource = %s.Arn .. "/*" } } }]]):format(by.bucket.var, action(r),
      by.bucket.var)
  end }

K.queue = { type = "aws.SQS.Queue", place = "cloudcontrol/AWS::SQS::Queue", free = true,
  text = function(r) return ('QueueName = "%s", VisibilityTimeout = %d'):format(queue(r), 30 + r.v) end,
  seen = function(row) return ("%s %d"):format(row.Properties.QueueName, row.Properties.VisibilityTimeout) end,
  want = function(r) return ("%s %d"):format(queue(r), 30 + r.v) end }

K.topic = { type = "aws.SNS.Topic", place = "sns/Topic", free = true,
  text = function(r) return ('TopicName = "%s", DisplayName = "d%d"'):format(topic(r), r.v) end,
  seen = function(row) return row.TopicArn:match "[^:]+$" end, want = topic }

K.subscription = { type = "aws.SNS.Subscription", uses = { topic = "topic", queue = "queue" },
  alone = { { "topic", "queue" } }, place = "sns/Subscription", fixed = true,
  text = function(r, by)
    return ('TopicArn = %s, Protocol = "sqs", Endpoint = %s.Arn, RawMessageDelivery = %s'):format(by.topic.var,
      by.queue.var, r.v % 2 == 1)
  end,
  seen = function(row) return row.TopicArn:match "[^:]+$" .. " " .. row.Endpoint:match "[^:]+$" end,
  want = function(_, by) return topic(by.topic) .. " " .. queue(by.queue) end }

K.parameter = { type = "aws.SSM.Parameter", place = "ssm/Parameter", free = true,
  text = function(r) return ('Name = "%s", Type = "String", Value = "v%d"'):format(parameter(r), r.v) end,
  seen = function(row) return row.Name .. " " .. row.Value end,
  want = function(r) return parameter(r) .. " v" .. r.v end }

K.password = { type = "cso.random.password", still = true, text = function(r) return "length = " .. 20 + r.f % 10 end }

K.secret = { type = "aws.SecretsManager.Secret", uses = { password = "password" }, place = "secretsmanager/Secret",
  text = function(r, by)
    return ('Name = "%s", SecretString = %s.value, Description = "d%d"'):format(secret(r), by.password.var, r.v)
  end,
  seen = function(row) return not row.DeletedDate and row.Name .. " " .. row.Description or nil end,
  want = function(r) return secret(r) .. " d" .. r.v end }

K.log = { type = "aws.Logs.LogGroup", place = "logs/LogGroup", free = true,
  text = function(r) return ('LogGroupName = "%s", RetentionInDays = %d'):format(group(r), DAYS[r.v % #DAYS + 1]) end,
  seen = function(row) return ("%s %d"):format(row.logGroupName, row.retentionInDays or 0) end,
  want = function(r) return ("%s %d"):format(group(r), DAYS[r.v % #DAYS + 1]) end }

K.key = { type = "aws.KMS.Key", place = "kms/Key", fixed = true,
  text = function(r) return ('Description = "k%d/%d"'):format(r.n, r.v) end,
  seen = function(row) return row.KeyState ~= "PendingDeletion" and row.Description or nil end,
  want = function(r) return "k" .. marked(r) end }

K.alias = { type = "aws.KMS.Alias", uses = { key = "key" }, place = "kms/Alias", still = true,
  text = function(r, by) return ('AliasName = "%s", TargetKeyId = %s'):format(alias(r), by.key.var) end,
  seen = function(row) return row.AliasName end, want = alias }

return K
