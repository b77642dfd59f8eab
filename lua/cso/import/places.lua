--- How the things of each native kind are listed, as data. A kind whose `read` is a description
--- that takes no ids is listed by the same operation; only what differs stands here.
---
---   list    operation whose pages hold the things (the kind's service; "iam.ListRoles" for another)
---   params  members of the request
---   items   path of the things in a page
---   id      field that names a thing, or fn(raw, parent) -> id, or a list of them
---   of      the type inside whose things these are listed: `params` becomes fn(parent)
---   own     fn(raw, seen) -> why this is not for anyone to declare ("" = say nothing)
---   hint    fn(raw, id) -> properties that have to be known for it to be read
---   before  { operation, items, fn(raw, seen) }: what has to be seen first
---   within  field that names what it is listed inside of
---   region  field that says where a thing is, when one list shows all regions
---   none    why things of this type are never listed by themselves
local deep = require "cso.std.deep"

local places = {}

local function in_default_vpc(raw, seen)
  return raw.VpcId and seen.default_vpcs[raw.VpcId] and "it came with the account's default VPC" or nil
end

local function last(field)
  return function(raw) return (raw[field]:match("([^/]+)$")) end
end

local function main_table(raw)
  for _, a in ipairs(raw.Associations or {}) do
    if a.Main then return "it is its VPC's main route table" end
  end
end

local destinations = { "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId" }

local function routes(raw)
  local ids = {}
  for _, route in ipairs(raw.Routes or {}) do
    local endpoint = (route.GatewayId or ""):match("^vpce%-") and route.DestinationPrefixListId
    if route.Origin == "CreateRoute" and not endpoint then
      for _, name in ipairs(destinations) do
        if route[name] then ids[#ids + 1] = raw.RouteTableId .. "|" .. route[name] end
      end
    end
  end
  return ids
end

local function entries(raw)
  local ids = {}
  for _, entry in ipairs(raw.Entries or {}) do
    -- The rule that refuses the rest is in every list and can't be changed.
    if entry.RuleNumber < 32767 then
      ids[#ids + 1] = ("%s|%s|%d"):format(raw.NetworkAclId, entry.Egress and "egress" or "ingress", entry.RuleNumber)
    end
  end
  return ids
end

local function associations(id, wanted)
  return function(raw)
    local ids = {}
    for _, a in ipairs(raw.Associations or {}) do
      if a.SubnetId and not a.Main and wanted(a) then ids[#ids + 1] = a[id] end
    end
    return ids
  end
end

local function always() return true end

local function default_acl(raw) return raw.IsDefault and "it is its VPC's default network ACL" or nil end

local function subnet_of(raw, id)
  for _, a in ipairs(raw.Associations or {}) do
    if a.NetworkAclAssociationId == id then return { SubnetId = a.SubnetId } end
  end
end

-- Blocks beside a network's first: what each was asked for with.
local function further_blocks(raw)
  local found = {}
  for _, a in ipairs(raw.CidrBlockAssociationSet or {}) do
    if a.CidrBlock ~= raw.CidrBlock and a.CidrBlockState.State == "associated" then
      found[a.AssociationId] = { VpcId = raw.VpcId, CidrBlock = a.CidrBlock }
    end
  end
  for _, a in ipairs(raw.Ipv6CidrBlockAssociationSet or {}) do
    if a.Ipv6CidrBlockState.State == "associated" then
      found[a.AssociationId] = (a.Ipv6Pool or "Amazon") == "Amazon"
        and { VpcId = raw.VpcId, AmazonProvidedIpv6CidrBlock = true }
        or { VpcId = raw.VpcId, Ipv6CidrBlock = a.Ipv6CidrBlock, Ipv6Pool = a.Ipv6Pool }
    end
  end
  return found
end

local function gateway_pairs(raw)
  local ids = {}
  for i, a in ipairs(raw.Attachments or {}) do ids[i] = raw.InternetGatewayId .. "|" .. a.VpcId end
  return ids
end

local function gateway_of_default(raw, seen)
  local a = raw.Attachments and raw.Attachments[1]
  return a and in_default_vpc(a, seen)
end

local function made_by_service(raw)
  return (raw.Path or ""):match("^/aws%-") and "AWS made it for one of its services" or nil
end

local function goes_with_instance(raw)
  for _, a in ipairs(raw.Attachments or {}) do
    if a.DeleteOnTermination then return "" end
  end
end

local function tagged(raw, key)
  for _, tag in ipairs(raw.Tags or {}) do
    if tag.Key == key then return tag.Value end
  end
end

local function of_a_group(raw)
  local group = tagged(raw, "aws:autoscaling:groupName")
  return group and ("the Auto Scaling group %s makes and ends it"):format(group) or nil
end

local function apex_or_validation(raw, _, parent)
  local zone = parent.model.Name
  if (raw.Type == "NS" or raw.Type == "SOA") and raw.Name == zone then return "" end
  local to = raw.ResourceRecords and raw.ResourceRecords[1]
  return to and (to.Value or ""):match("%.acm%-validations%.aws%.?$") and "ACM validates a certificate with it" or nil
end

local function decoded(name)
  return (name:gsub("\\(%d%d%d)", function(o) return string.char(tonumber(o, 8)) end))
end

--- Every native kind, sorted; an empty entry: its own description lists it.
places.kinds = {
  ["AWS::Backup::BackupPlan"] = { list = "ListBackupPlans", items = "BackupPlansList[]", id = "BackupPlanId" },
  ["AWS::Backup::BackupSelection"] = { of = "AWS::Backup::BackupPlan", list = "ListBackupSelections",
    params = function(p) return { BackupPlanId = p.id } end, items = "BackupSelectionsList[]",
    id = function(raw) return raw.SelectionId .. "_" .. raw.BackupPlanId end },
  ["AWS::Backup::BackupVault"] = { list = "ListBackupVaults", items = "BackupVaultList[]", id = "BackupVaultName",
    own = function(raw)
      local name = raw.BackupVaultName
      return (name == "Default" or name:match("^aws/")) and "AWS Backup makes it by itself" or nil
    end },
  ["AWS::CertificateManager::Certificate"] = { list = "ListCertificates", items = "CertificateSummaryList[]",
    id = "CertificateArn",
    own = function(raw) return raw.Type == "IMPORTED" and "ACM never gives its private key back" or nil end },
  ["AWS::CloudWatch::Alarm"] = { own = function(raw)
    return raw.AlarmName:match("^TargetTracking%-") and "a scaling policy makes and removes it" or nil
  end },
  ["AWS::Cognito::UserPool"] = { list = "ListUserPools", params = { MaxResults = 60 }, items = "UserPools[]", id = "Id" },
  ["AWS::Cognito::UserPoolClient"] = { of = "AWS::Cognito::UserPool", list = "ListUserPoolClients",
    params = function(p) return { UserPoolId = p.id, MaxResults = 60 } end, items = "UserPoolClients[]",
    id = function(raw) return raw.UserPoolId .. "|" .. raw.ClientId end },
  ["AWS::Cognito::UserPoolDomain"] = { of = "AWS::Cognito::UserPool", list = "DescribeUserPool",
    params = function(p) return { UserPoolId = p.id } end, items = "UserPool",
    id = function(raw) return { raw.CustomDomain, raw.Domain } end },
  ["AWS::EC2::EIP"] = { own = function(raw)
    return raw.ServiceManaged and ("%s manages it"):format(raw.ServiceManaged) or nil
  end },
  ["AWS::EC2::FlowLog"] = {},
  ["AWS::EC2::Instance"] = { own = of_a_group },
  ["AWS::EC2::InternetGateway"] = { own = gateway_of_default },
  ["AWS::EC2::KeyPair"] = { list = "DescribeKeyPairs", items = "KeyPairs[]", id = "KeyName" },
  ["AWS::EC2::LaunchTemplate"] = { list = "DescribeLaunchTemplates", items = "LaunchTemplates[]",
    id = "LaunchTemplateId" },
  ["AWS::EC2::NatGateway"] = {},
  ["AWS::EC2::NetworkAcl"] = { own = default_acl },
  ["AWS::EC2::NetworkAclEntry"] = { list = "DescribeNetworkAcls", items = "NetworkAcls[]", id = entries, within = "NetworkAclId",
    own = function(raw) return raw.IsDefault and "" or nil end },
  ["AWS::EC2::Route"] = { list = "DescribeRouteTables", items = "RouteTables[]", id = routes, within = "RouteTableId",
    own = function(raw) return main_table(raw) and "" or nil end },
  ["AWS::EC2::RouteTable"] = { own = main_table },
  ["AWS::EC2::SecurityGroup"] = { own = function(raw)
    return raw.GroupName == "default" and "it is its VPC's default group" or nil
  end },
  ["AWS::EC2::SecurityGroupEgress"] = { rules = "Egress" },
  ["AWS::EC2::SecurityGroupIngress"] = { rules = "Ingress" },
  ["AWS::EC2::Subnet"] = { own = in_default_vpc },
  ["AWS::EC2::SubnetNetworkAclAssociation"] = { list = "DescribeNetworkAcls", items = "NetworkAcls[]",
    id = associations("NetworkAclAssociationId", always), hint = subnet_of,
    within = "NetworkAclId",
    own = function(raw) return raw.IsDefault and "" or nil end },
  ["AWS::EC2::SubnetRouteTableAssociation"] = { list = "DescribeRouteTables", items = "RouteTables[]",
    id = associations("RouteTableAssociationId", function(a)
      return not a.AssociationState or a.AssociationState.State ~= "disassociated"
    end) },
  ["AWS::EC2::VPC"] = { own = function(raw) return raw.IsDefault and "it is the account's default VPC" or nil end },
  ["AWS::EC2::VPCCidrBlock"] = { list = "DescribeVpcs", items = "Vpcs[]", within = "VpcId",
    id = function(raw) return deep.keys(further_blocks(raw)) end, hint = function(raw, id) return further_blocks(raw)[id] end,
    own = function(raw) return raw.IsDefault and "" or nil end },
  ["AWS::EC2::VPCEndpoint"] = { own = function(raw)
    return raw.RequesterManaged and "an AWS service made it" or nil
  end },
  ["AWS::EC2::VPCGatewayAttachment"] = { list = "DescribeInternetGateways", items = "InternetGateways[]",
    id = gateway_pairs, within = "InternetGatewayId",
    own = function(raw, seen) return gateway_of_default(raw, seen) and "" or nil end },
  ["AWS::EC2::Volume"] = { own = goes_with_instance },
  ["AWS::EC2::VolumeAttachment"] = { list = "DescribeVolumes", items = "Volumes[]", own = goes_with_instance,
    id = function(raw)
      local ids = {}
      for i, a in ipairs(raw.Attachments or {}) do ids[i] = raw.VolumeId .. "|" .. a.InstanceId end
      return ids
    end },
  ["AWS::EFS::AccessPoint"] = { of = "AWS::EFS::FileSystem", list = "DescribeAccessPoints",
    params = function(p) return { FileSystemId = p.id } end, items = "AccessPoints[]", id = "AccessPointId" },
  ["AWS::EFS::FileSystem"] = { list = "DescribeFileSystems", items = "FileSystems[]", id = "FileSystemId" },
  ["AWS::EFS::MountTarget"] = { of = "AWS::EFS::FileSystem", list = "DescribeMountTargets",
    params = function(p) return { FileSystemId = p.id } end, items = "MountTargets[]", id = "MountTargetId" },
  ["AWS::ElasticLoadBalancingV2::Listener"] = { of = "AWS::ElasticLoadBalancingV2::LoadBalancer",
    list = "DescribeListeners", params = function(p) return { LoadBalancerArn = p.id } end, items = "Listeners[]",
    id = "ListenerArn" },
  ["AWS::ElasticLoadBalancingV2::ListenerCertificate"] = { of = "AWS::ElasticLoadBalancingV2::Listener",
    list = "DescribeListenerCertificates", params = function(p) return { ListenerArn = p.id } end,
    items = "Certificates[]", together = "Certificates", id = function(_, parent) return parent.id end,
    own = function(raw) return raw.IsDefault and "" or nil end },
  ["AWS::ElasticLoadBalancingV2::ListenerRule"] = { of = "AWS::ElasticLoadBalancingV2::Listener",
    list = "DescribeRules", params = function(p) return { ListenerArn = p.id } end, items = "Rules[]", id = "RuleArn",
    own = function(raw) return raw.IsDefault and "" or nil end },
  ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = {},
  ["AWS::ElasticLoadBalancingV2::TargetGroup"] = {},
  ["AWS::IAM::InstanceProfile"] = { list = "ListInstanceProfiles", items = "InstanceProfiles[]",
    id = "InstanceProfileName" },
  ["AWS::IAM::ManagedPolicy"] = { list = "ListPolicies", params = { Scope = "Local" }, items = "Policies[]", id = "Arn" },
  ["AWS::IAM::Role"] = { list = "ListRoles", items = "Roles[]", id = "RoleName", own = made_by_service },
  ["AWS::IAM::RolePolicy"] = { none = "a role's own policies are written with the role" },
  ["AWS::IAM::ServiceLinkedRole"] = { none = "AWS makes and removes these roles" },
  ["AWS::KMS::Alias"] = { list = "ListAliases", items = "Aliases[]", id = "AliasName", own = function(raw)
    return (raw.AliasName:match("^alias/aws/") or not raw.TargetKeyId) and "" or nil
  end },
  ["AWS::KMS::Key"] = { list = "ListKeys", items = "Keys[]", id = "KeyId",
    -- The list of keys does not say whose they are; AWS's own have an alias that does.
    before = { "ListAliases", "Aliases[]", function(raw, seen)
      if raw.AliasName:match("^alias/aws/") and raw.TargetKeyId then seen[raw.TargetKeyId] = true end
    end },
    own = function(raw, seen) return seen[raw.KeyId] and "AWS manages it" or nil end },
  ["AWS::Logs::LogGroup"] = { list = "DescribeLogGroups", items = "logGroups[]", id = "logGroupName" },
  ["AWS::RDS::DBInstance"] = { list = "DescribeDBInstances", items = "DBInstances[]", id = "DBInstanceIdentifier" },
  ["AWS::RDS::DBParameterGroup"] = { list = "DescribeDBParameterGroups", items = "DBParameterGroups[]",
    id = "DBParameterGroupName", own = function(raw)
      return raw.DBParameterGroupName:match("^default%.") and "RDS makes it by itself" or nil
    end },
  ["AWS::RDS::DBSubnetGroup"] = { list = "DescribeDBSubnetGroups", items = "DBSubnetGroups[]",
    id = "DBSubnetGroupName", own = function(raw)
      return raw.DBSubnetGroupName == "default" and "RDS makes it by itself" or nil
    end },
  ["AWS::Route53::HealthCheck"] = { list = "ListHealthChecks", items = "HealthChecks[]", id = "Id",
    own = function(raw) return raw.LinkedService and "an AWS service made it" or nil end },
  ["AWS::Route53::HostedZone"] = { list = "ListHostedZones", items = "HostedZones[]", id = last "Id",
    own = function(raw) return raw.LinkedService and "an AWS service made it" or nil end },
  ["AWS::Route53::RecordSet"] = { of = "AWS::Route53::HostedZone", list = "ListResourceRecordSets",
    params = function(p) return { HostedZoneId = p.id } end, items = "ResourceRecordSets[]", own = apex_or_validation,
    id = function(raw, parent)
      return table.concat({ parent.id, decoded(raw.Name), raw.Type, raw.SetIdentifier or "" }, "|")
    end },
  ["AWS::S3::Bucket"] = { list = "ListBuckets", params = { MaxBuckets = 1000 }, items = "Buckets[]", id = "Name",
    region = "BucketRegion" },
  ["AWS::S3::BucketPolicy"] = { list = "ListBuckets", params = { MaxBuckets = 1000 }, items = "Buckets[]", id = "Name",
    region = "BucketRegion", maybe = true },
  ["AWS::SNS::Subscription"] = { list = "ListSubscriptions", items = "Subscriptions[]", id = "SubscriptionArn",
    own = function(raw)
      return not raw.SubscriptionArn:match("^arn:") and ("nobody has confirmed %s yet"):format(raw.Endpoint or "it") or nil
    end },
  ["AWS::SNS::Topic"] = { list = "ListTopics", items = "Topics[]", id = "TopicArn" },
  ["AWS::SSM::Parameter"] = { list = "DescribeParameters", items = "Parameters[]", id = "Name", own = function(raw)
    return raw.Type == "SecureString" and "its value is a secret: csorun writes none down" or nil
  end },
  ["AWS::SecretsManager::Secret"] = { list = "ListSecrets", items = "SecretList[]", id = "ARN", own = function(raw)
    return raw.OwningService and ("%s manages it"):format(raw.OwningService) or nil
  end },
}

--- Types without a native kind that a sweep asks Cloud Control for: common, and listed without a parent.
places.further = {}
for name in ([[ApiGatewayV2::Api AutoScaling::AutoScalingGroup CloudFront::Distribution CloudTrail::Trail
  DynamoDB::Table ECR::Repository ECS::Cluster ElastiCache::ReplicationGroup ElastiCache::SubnetGroup Events::Rule
  Kinesis::Stream Lambda::Function OpenSearchService::Domain RDS::DBCluster RDS::DBProxy SQS::Queue
  StepFunctions::StateMachine]]):gmatch("%S+") do
  places.further[#places.further + 1] = "AWS::" .. name
end

return places
