--- What is left out of a written declaration although it could stand there: what AWS chooses or computes,
--- and what a service has when nobody says anything. Facts of the services, as data.
local leave_out = {}

--- Properties that are never written: property -> true, or fn(v, model) -> true.
local function index(names)
  local out = {}
  for name in names:gmatch("%S+") do out[name] = true end
  return out
end

leave_out.properties = {
  ["AWS::CloudWatch::Alarm"] = index "EvaluateLowSampleCountPercentile",
  ["AWS::CertificateManager::Certificate"] = index "KeyAlgorithm CertificateExport",
  ["AWS::Cognito::UserPool"] = index "Schema",
  ["AWS::EC2::EIP"] = index "PublicIp InstanceId NetworkBorderGroup PublicIpv4Pool Address",
  ["AWS::EC2::Instance"] = index [[PrivateIpAddress PrivateDnsNameOptions CpuOptions HibernationOptions EnclaveOptions
    NetworkInterfaces LaunchTemplate Volumes CreditSpecification Ipv6Addresses AdditionalInfo Affinity RamdiskId
    KernelId SecurityGroups AvailabilityZone SsmAssociations]],
  ["AWS::EC2::NatGateway"] = index "PrivateIpAddress VpcId",
  ["AWS::EC2::Subnet"] = index "AvailabilityZoneId PrivateDnsNameOptionsOnLaunch",
  ["AWS::EC2::VPCEndpoint"] = index "DnsOptions IpAddressType",
  ["AWS::EC2::Volume"] = index "AvailabilityZoneId VolumeInitializationRate",
  ["AWS::EFS::FileSystem"] = index "ReplicationConfiguration FileSystemProtection",
  ["AWS::EFS::AccessPoint"] = index "ClientToken",
  ["AWS::EFS::MountTarget"] = index "IpAddress IpAddressType Ipv6Address",
  ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = index "SubnetMappings",
  ["AWS::IAM::ManagedPolicy"] = index "Roles",
  ["AWS::RDS::DBInstance"] = index [[AvailabilityZone CACertificateIdentifier MasterUserSecret LicenseModel OptionGroupName
    DBSecurityGroups AssociatedRoles ProcessorFeatures CertificateRotationRestart UseDefaultProcessorFeatures
    EngineLifecycleSupport NetworkType DatabaseInsightsMode DedicatedLogVolume BackupTarget]],
}

--- Default attributes of load balancing: a list of keys and values, of which only the others are written.
local attributes = {
  ["access_logs.s3.enabled"] = "false", ["access_logs.s3.bucket"] = "", ["access_logs.s3.prefix"] = "",
  ["client_keep_alive.seconds"] = "3600", ["connection_logs.s3.bucket"] = "", ["connection_logs.s3.enabled"] = "false",
  ["connection_logs.s3.prefix"] = "", ["deletion_protection.enabled"] = "false",
  ["deregistration_delay.connection_termination.enabled"] = "false",
  ["deregistration_delay.timeout_seconds"] = "300", ["health_check_logs.s3.bucket"] = "",
  ["health_check_logs.s3.enabled"] = "false", ["health_check_logs.s3.prefix"] = "",
  ["idle_timeout.timeout_seconds"] = "60", ["ipv6.deny_all_igw_traffic"] = "false",
  ["load_balancing.algorithm.anomaly_mitigation"] = "off", ["load_balancing.algorithm.type"] = "round_robin",
  ["load_balancing.cross_zone.enabled"] = { "true", "use_load_balancer_configuration" },
  ["preserve_client_ip.enabled"] = "false", ["proxy_protocol_v2.enabled"] = "false",
  ["routing.http.desync_mitigation_mode"] = "defensive", ["routing.http.drop_invalid_header_fields.enabled"] = "false",
  ["routing.http.preserve_host_header.enabled"] = "false",
  ["routing.http.response.server.enabled"] = "true", ["routing.http.x_amzn_tls_version_and_cipher_suite.enabled"] = "false",
  ["routing.http.xff_client_port.enabled"] = "false", ["routing.http.xff_header_processing.mode"] = "append",
  ["routing.http2.enabled"] = "true", ["slow_start.duration_seconds"] = "0", ["stickiness.app_cookie.cookie_name"] = "",
  ["stickiness.app_cookie.duration_seconds"] = "86400", ["stickiness.enabled"] = "false",
  ["stickiness.lb_cookie.duration_seconds"] = "86400", ["stickiness.type"] = { "lb_cookie", "source_ip" },
  ["target_group_health.dns_failover.minimum_healthy_targets.count"] = "1",
  ["target_group_health.dns_failover.minimum_healthy_targets.percentage"] = "off",
  ["target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"] = "1",
  ["target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"] = "off",
  ["waf.fail_open.enabled"] = "false", ["zonal_shift.config.enabled"] = "false",
}

local function is_default(key, v)
  local default = attributes[key]
  if type(default) ~= "table" then return v == nil and default ~= nil or v == default end
  for _, one in ipairs(default) do
    if v == one then return true end
  end
  return false
end

local function attributes_that_differ(list)
  local out = {}
  for _, a in ipairs(list) do
    -- A response header without a value is a header that nobody set.
    local unset = a.Key:match("^routing%.http%.re") and (a.Value == nil or a.Value == "")
    if not is_default(a.Key, a.Value) and not unset then out[#out + 1] = { Key = a.Key, Value = a.Value } end
  end
  table.sort(out, function(a, b) return a.Key < b.Key end)
  return out
end

--- What a volume that goes with its instance says of itself.
local function devices(list, model)
  local out = {}
  for _, d in ipairs(list) do
    local ebs = d.Ebs or {}
    if ebs.DeleteOnTermination then
      out[#out + 1] = { DeviceName = d.DeviceName, Ebs = { VolumeSize = ebs.VolumeSize, VolumeType = ebs.VolumeType,
        Encrypted = ebs.Encrypted or nil, KmsKeyId = ebs.KmsKeyId,
        Iops = (ebs.VolumeType == "io1" or ebs.VolumeType == "io2" or ebs.VolumeType == "gp3" and ebs.Iops ~= 3000)
          and ebs.Iops or nil,
        Throughput = ebs.Throughput ~= 125 and ebs.Throughput or nil } }
    end
  end
  return out, model
end

local function same_as(default)
  return function(v)
    if v == default then return nil end
    return v
  end
end

--- An action that only names its target group, without what the service adds to it.
local function actions(list)
  local out = {}
  for i, action in ipairs(list) do
    local copy = {}
    for k, v in pairs(action) do copy[k] = v end
    local groups = action.ForwardConfig and action.ForwardConfig.TargetGroups
    local sticky = action.ForwardConfig and action.ForwardConfig.TargetGroupStickinessConfig
    if groups and #groups == 1 and action.TargetGroupArn and not (sticky and sticky.Enabled) then copy.ForwardConfig = nil end
    if #list == 1 then copy.Order = nil end
    out[i] = copy
  end
  return out
end

local function unless_plain(encryption)
  local rules = encryption.ServerSideEncryptionConfiguration or {}
  local by = rules[1] and rules[1].ServerSideEncryptionByDefault
  -- Every bucket is encrypted so when nobody says anything.
  if #rules == 1 and by and by.SSEAlgorithm == "AES256" and not rules[1].BucketKeyEnabled then return nil end
  return encryption
end

--- Rewrites a property for the declaration; nil leaves it out.
leave_out.rewrite = {
  ["AWS::EC2::Instance"] = { BlockDeviceMappings = devices, Tenancy = same_as "default",
    InstanceInitiatedShutdownBehavior = same_as "stop" },
  ["AWS::EC2::Subnet"] = { Ipv6Native = same_as(false) },
  ["AWS::EC2::Volume"] = { Encrypted = same_as(false), MultiAttachEnabled = same_as(false), Throughput = same_as(125),
    Iops = function(v, model)
      local usual = model.VolumeType == "gp2" or model.VolumeType == "gp3" and v == 3000
      return not usual and v or nil
    end },
  -- Which block Amazon gave is Amazon's to say.
  ["AWS::EC2::VPCCidrBlock"] = { Ipv6CidrBlock = function(v, model)
    return not model.AmazonProvidedIpv6CidrBlock and v or nil
  end },
  ["AWS::EC2::KeyPair"] = { KeyFormat = same_as "pem" },
  ["AWS::ElasticLoadBalancingV2::Listener"] = { ListenerAttributes = attributes_that_differ,
    DefaultActions = actions },
  ["AWS::ElasticLoadBalancingV2::ListenerRule"] = { Actions = actions },
  ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = { LoadBalancerAttributes = attributes_that_differ,
    IpAddressType = same_as "ipv4", Type = same_as "application", Scheme = same_as "internet-facing" },
  ["AWS::ElasticLoadBalancingV2::TargetGroup"] = { TargetGroupAttributes = attributes_that_differ,
    HealthCheckEnabled = same_as(true), HealthCheckIntervalSeconds = same_as(30), HealthCheckPath = same_as "/",
    HealthCheckPort = same_as "traffic-port", HealthCheckTimeoutSeconds = same_as(5), HealthyThresholdCount = same_as(5),
    UnhealthyThresholdCount = same_as(2),
    Matcher = function(m) return m.HttpCode ~= "200" and m or nil end,
    IpAddressType = same_as "ipv4", TargetType = same_as "instance",
    Targets = function(list, model)
      local out = {}
      for i, t in ipairs(list) do
        out[i] = { Id = t.Id, Port = t.Port ~= model.Port and t.Port or nil,
          AvailabilityZone = t.AvailabilityZone }
      end
      table.sort(out, function(a, b) return a.Id < b.Id end)
      return out
    end },
  ["AWS::IAM::Role"] = { Path = same_as "/" },
  ["AWS::IAM::InstanceProfile"] = { Path = same_as "/" },
  ["AWS::IAM::ManagedPolicy"] = { Path = same_as "/" },
  ["AWS::KMS::Key"] = { KeySpec = same_as "SYMMETRIC_DEFAULT", KeyUsage = same_as "ENCRYPT_DECRYPT", Origin = same_as "AWS_KMS",
    MultiRegion = same_as(false),
    KeyPolicy = function(policy) return policy.Id ~= "key-default-1" and policy or nil end },
  ["AWS::Logs::LogGroup"] = { LogGroupClass = same_as "STANDARD" },
  ["AWS::S3::Bucket"] = { BucketEncryption = unless_plain },
  ["AWS::SNS::Topic"] = { FifoTopic = same_as(false) },
  ["AWS::SSM::Parameter"] = { DataType = same_as "text" },
}

return leave_out
