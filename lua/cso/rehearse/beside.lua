--- What else the account holds that decides whether a change goes through: what stands in the way of
--- something new, and what keeps something from going. Data: which description to ask, by which
--- filter, and of which type its items are.
---
---   { service?, "Operation", filters = { ["filter"] = "Property" | true }, list = "Items[]", id = "Member", type = "…" }
---
--- A filter's value is a property of the thing, or with `true` the thing's id. `params` may be a function of
--- the id and the node.
local function of_vpc(operation, list, id, type_name)
  return { operation, filters = { ["vpc-id"] = true }, list = list, id = id, type = type_name }
end

local interfaces = { list = "NetworkInterfaces[]", id = "NetworkInterfaceId", type = "interface" }

local function attached(filter)
  return { "DescribeNetworkInterfaces", filters = { [filter] = true }, list = interfaces.list, id = interfaces.id,
    type = interfaces.type }
end

return {
  -- What belongs to a thing that is there, whoever made it.
  there = {
    ["AWS::EC2::VPC"] = { { "DescribeInternetGateways", filters = { ["attachment.vpc-id"] = true },
      list = "InternetGateways[]", id = "InternetGatewayId", type = "gateway" } },
  },
  -- Earlier versions, which go with what they are versions of, or make room for a new one.
  change = {
    ["AWS::IAM::ManagedPolicy"] = { { "ListPolicyVersions", params = { PolicyArn = true }, list = "Versions[]",
      id = "VersionId", type = "policy_version" } },
    ["cso.s3.Object"] = { { "ListObjectVersions", list = "Versions[]", id = "VersionId", type = "object_version",
      params = function(id)
        local bucket, key = id:match("^(.-)/(.+)$")
        return { Bucket = bucket, Prefix = key }
      end } },
  },
  create = {
    ["AWS::EC2::Subnet"] = { { "DescribeSubnets", filters = { ["vpc-id"] = "VpcId" }, list = "Subnets[]", id = "SubnetId",
      type = "AWS::EC2::Subnet" } },
    ["AWS::EC2::SecurityGroup"] = { { "DescribeSecurityGroups", filters = { ["vpc-id"] = "VpcId", ["group-name"] = "GroupName" },
      list = "SecurityGroups[]", id = "GroupId", type = "AWS::EC2::SecurityGroup" } },
    -- A deleted secret keeps its name until its recovery window ends.
    ["AWS::SecretsManager::Secret"] = { { "DescribeSecret", list = "", id = "ARN", type = "secret",
      params = function(_, node)
        local name = node.desired.Name
        return type(name) == "string" and { SecretId = name } or nil
      end } },
    ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = { { "DescribeLoadBalancers", names = { Names = "Name" },
      list = "LoadBalancers[]", id = "LoadBalancerArn", type = "AWS::ElasticLoadBalancingV2::LoadBalancer" } },
    ["AWS::ElasticLoadBalancingV2::TargetGroup"] = { { "DescribeTargetGroups", names = { Names = "Name" },
      list = "TargetGroups[]", id = "TargetGroupArn", type = "AWS::ElasticLoadBalancingV2::TargetGroup" } },
  },
  delete = {
    ["AWS::EC2::VPC"] = { of_vpc("DescribeSubnets", "Subnets[]", "SubnetId", "AWS::EC2::Subnet"),
      of_vpc("DescribeSecurityGroups", "SecurityGroups[]", "GroupId", "AWS::EC2::SecurityGroup") },
    ["AWS::EC2::Subnet"] = { attached("subnet-id") },
    ["AWS::EC2::SecurityGroup"] = { attached("group-id"), { "DescribeSecurityGroups",
      filters = { ["ip-permission.group-id"] = true }, list = "SecurityGroups[]", id = "GroupId",
      type = "AWS::EC2::SecurityGroup" } },
    ["AWS::S3::Bucket"] = { { "ListObjectVersions", params = { Bucket = true, MaxKeys = 1000 }, list = "Versions[]",
      id = "Key", type = "object" } },
    ["AWS::Route53::HostedZone"] = { { "ListResourceRecordSets", params = { HostedZoneId = true },
      list = "ResourceRecordSets[]", id = "Name", type = "record" } },
  },
}
