--- Balancers, names, files and what watches them.
local words = require "spec.scenario.random.kinds.words"

local mark, marked, named, port, tagged = words.mark, words.marked, words.named, words.port, words.tagged

local balancer, target, template, alarm = named "lb", named "tg", named "lt", named "alarm"
local group, pair = named "pg", named "pair"
local function zone(r) return ("z%d-%d.test."):format(r.n, r.f) end
local function record(r, by) return ("r%d-%d.%s"):format(r.n, r.f, zone(by.zone)) end
local function number(r) return r.n * 10 + r.f % 10 end

local K = {}

K.balancer = { type = "aws.ElasticLoadBalancingV2.LoadBalancer", uses = { vpc = "vpc", subnet = "subnet" }, still = true,
  same = { vpc = true, subnet = "vpc" }, holds = { subnet = true }, place = "elbv2/LoadBalancer",
  text = function(r, by)
    return ('Name = "%s", Type = "network", Scheme = "internal", Subnets = { %s }'):format(balancer(r), by.subnet.var)
  end,
  seen = function(row) return row.LoadBalancerName end, want = balancer }

K.target = { type = "aws.ElasticLoadBalancingV2.TargetGroup", out = "TargetGroupArn",
  uses = { vpc = "vpc" }, place = "elbv2/TargetGroup",
  text = function(r, by)
    return ('Name = "%s", VpcId = %s, Protocol = "TCP", Port = 80, HealthCheckIntervalSeconds = %d'):format(target(r),
      by.vpc.var, 20 + r.v % 100)
  end,
  seen = function(row) return ("%s %d"):format(row.TargetGroupName, row.HealthCheckIntervalSeconds) end,
  want = function(r) return ("%s %d"):format(target(r), 20 + r.v % 100) end,
  gone = { "elbv2.DeleteTargetGroup", "TargetGroupArn={TargetGroupArn}" },
  touch = { "elbv2.ModifyTargetGroup", "TargetGroupArn={TargetGroupArn}", "HealthCheckIntervalSeconds=200" } }

K.listener = { type = "aws.ElasticLoadBalancingV2.Listener", uses = { balancer = "balancer", target = "target" },
  same = { balancer = "vpc", target = "vpc" }, holds = { target = true }, fixed = true, place = "elbv2/Listener",
  text = function(r, by)
    return ([[LoadBalancerArn = %s, Port = %d, Protocol = "TCP", DefaultActions = { {
    Type = "forward", TargetGroupArn = %s } }]]):format(by.balancer.var, port(r), by.target.var)
  end,
  seen = function(row) return tostring(row.Port) end, want = function(r) return tostring(port(r)) end,
  gone = { "elbv2.DeleteListener", "ListenerArn={ListenerArn}" },
  touch = { "elbv2.ModifyListener", "ListenerArn={ListenerArn}", "Port=9" } }

K.zone = { type = "aws.Route53.HostedZone", out = "Id", place = "route53/HostedZone", beside = true, free = true,
  text = function(r) return ('Name = "%s", HostedZoneConfig = { Comment = "c%d" }'):format(zone(r), r.v) end,
  seen = function(row) return row.Name .. " " .. row.Config.Comment end,
  want = function(r) return ("%s c%d"):format(zone(r), r.v) end,
  gone = { "route53.DeleteHostedZone", "Id={Id}" }, id = "{Id}",
  touch = { "route53.UpdateHostedZoneComment", "Id={Id}", "Comment=other" } }

K.record = { type = "aws.Route53.RecordSet", uses = { zone = "zone" }, place = "route53/Record",
  text = function(r, by)
    return ('HostedZoneId = %s, Name = "%s", Type = "A", TTL = "%d", ResourceRecords = { "10.0.0.%d" }'):format(by.zone.var,
      record(r, by), 60 + r.v, r.n % 250)
  end,
  seen = function(row) return row.Type == "A" and ("%s %d"):format(row.Name, row.TTL) or nil end,
  want = function(r, by) return ("%s %d"):format(record(r, by), 60 + r.v) end }

K.acl = { type = "aws.EC2.NetworkAcl", uses = { vpc = "vpc" }, fixed = true, place = "ec2/NetworkAcl",
  text = function(r, by) return ("VpcId = %s, %s"):format(by.vpc.var, mark(r)) end,
  seen = function(row) return tagged(row) and ("%s entries %d"):format(tagged(row), #row.Entries - 2) or nil end,
  want = function(r, _, model) return ("%s entries %d"):format(marked(r), #model:users(r.n, "entry")) end }

K.entry = { type = "aws.EC2.NetworkAclEntry", uses = { acl = "acl" },
  text = function(r, by)
    return ([[NetworkAclId = %s, RuleNumber = %d, Protocol = 6, RuleAction = "allow", CidrBlock = "10.0.0.0/8",
    PortRange = { From = 1, To = %d }]]):format(by.acl.var, number(r), 2 + r.v)
  end }

K.egress = { type = "aws.EC2.SecurityGroupEgress", uses = { group = "group" }, place = "ec2/SecurityGroupRule", still = true,
  text = function(r, by)
    return ('GroupId = %s, IpProtocol = "tcp", FromPort = %d, ToPort = %d, CidrIp = "10.0.0.0/8"'):format(by.group.var,
      port { n = r.n, v = r.f }, port { n = r.n, v = r.f })
  end,
  want = function(r) return tostring(port { n = r.n, v = r.f }) end }

K.nat = { type = "aws.EC2.NatGateway", uses = { subnet = "subnet", address = "address", attachment = "attachment" },
  same = { subnet = "vpc", attachment = "vpc" }, after = "attachment", alone = { { "address" } }, fixed = true,
  place = "ec2/NatGateway", seen = function(row) return row.State ~= "deleted" and tagged(row) or nil end, want = marked,
  text = function(r, by)
    return ("SubnetId = %s, AllocationId = %s.AllocationId, %s"):format(by.subnet.var, by.address.var, mark(r))
  end }

K.endpoint = { type = "aws.EC2.VPCEndpoint", uses = { vpc = "vpc" }, fixed = true, alone = { { "vpc" } },
  place = "ec2/VpcEndpoint",
  text = function(r, by)
    return ('VpcId = %s, ServiceName = "com.amazonaws.eu-west-2.s3", %s'):format(by.vpc.var, mark(r))
  end,
  seen = function(row) return row.State ~= "deleted" and tagged(row) or nil end, want = marked }

K.pair = { type = "aws.EC2.KeyPair", place = "ec2/KeyPair", still = true, beside = true,
  text = function(r) return ('KeyName = "%s"'):format(pair(r)) end,
  seen = function(row) return row.KeyName end, want = pair,
  gone = { "ec2.DeleteKeyPair", "KeyName={KeyName}" } }

K.template = { type = "aws.EC2.LaunchTemplate", uses = { group = "group" }, place = "ec2/LaunchTemplate", beside = true,
  text = function(r, by)
    return ('LaunchTemplateName = "%s", LaunchTemplateData = { InstanceType = "%s", SecurityGroupIds = { %s } }'):format(
      template(r), r.v % 2 == 0 and "t3.small" or "t3.large", by.group.var)
  end,
  seen = function(row) return row.LaunchTemplateName end, want = template,
  gone = { "ec2.DeleteLaunchTemplate", "LaunchTemplateId={LaunchTemplateId}" } }

K.settings = { type = "aws.RDS.DBParameterGroup", place = "rds/DBParameterGroup", beside = true,
  text = function(r)
    return ([[DBParameterGroupName = "%s", Family = "mysql8.0", Description = "d",
    Parameters = { max_connections = "%d" }]]):format(group(r), 100 + r.v)
  end,
  seen = function(row) return row.DBParameterGroupName end, want = group }

K.files = { type = "aws.EFS.FileSystem", out = "FileSystemId",
  place = "efs/FileSystem", seen = tagged, want = marked, fixed = true,
  text = function(r) return ('FileSystemTags = { { Key = "Mark", Value = "%s" } }'):format(marked(r)) end }

K.mount = { type = "aws.EFS.MountTarget", uses = { files = "files", subnet = "subnet", group = "group" }, fixed = true,
  still = true, same = { subnet = "vpc", group = "vpc" }, holds = { group = true }, alone = { { "files" } },
  place = "efs/MountTarget", seen = function() return "mounted" end, want = function() return "mounted" end,
  text = function(_, by)
    return ("FileSystemId = %s, SubnetId = %s, SecurityGroups = { %s }"):format(by.files.var, by.subnet.var, by.group.var)
  end }

K.alarm = { type = "aws.CloudWatch.Alarm", place = "cloudwatch/Alarm", beside = true, free = true, ignorable = "Threshold",
  text = function(r)
    return ([[AlarmName = "%s", MetricName = "CPUUtilization", Namespace = "AWS/EC2", Statistic = "Average", Period = 60,
    EvaluationPeriods = 1, Threshold = %d, ComparisonOperator = "GreaterThanThreshold"]]):format(alarm(r), r.v)
  end,
  seen = function(row) return ("%s %d"):format(row.AlarmName, row.Threshold) end,
  want = function(r) return ("%s %d"):format(alarm(r), r.v) end,
  gone = { "cloudwatch.DeleteAlarms", "AlarmNames={AlarmName}" }, id = "{AlarmName}" }

K.object = { type = "cso.s3.Object", uses = { bucket = "bucket" }, place = "s3/Object",
  text = function(r, by) return ('Bucket = %s, Key = "k%d-%d", Content = "v%d"'):format(by.bucket.var, r.n, r.f, r.v) end,
  seen = function(row) return row.Key end, want = function(r) return ("k%d-%d"):format(r.n, r.f) end }

return K
