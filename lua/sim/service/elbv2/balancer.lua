--- Load balancers.
local base = require "sim.service.elbv2.base"
local ec2 = require "sim.service.ec2.base"
local interface = require "sim.service.ec2.interface"

local balancer = {}

local known = {
  ["access_logs.s3.enabled"] = "false", ["access_logs.s3.bucket"] = "", ["access_logs.s3.prefix"] = "",
  ["connection_logs.s3.enabled"] = "false", ["connection_logs.s3.bucket"] = "", ["connection_logs.s3.prefix"] = "",
  ["deletion_protection.enabled"] = "false", ["load_balancing.cross_zone.enabled"] = "true",
    ["zonal_shift.config.enabled"] = "false",
  ["idle_timeout.timeout_seconds"] = "60", ["client_keep_alive.seconds"] = "3600", ["ipv6.deny_all_igw_traffic"] = "false",
  ["routing.http.desync_mitigation_mode"] = "defensive", ["routing.http.drop_invalid_header_fields.enabled"] = "false",
  ["routing.http.preserve_host_header.enabled"] = "false", ["routing.http.x_amzn_tls_version_and_cipher_suite.enabled"] = "false",
  ["routing.http.xff_client_port.enabled"] = "false", ["routing.http.xff_header_processing.mode"] = "append",
  ["routing.http2.enabled"] = "true", ["waf.fail_open.enabled"] = "false",
}

-- The zone ids under which Route 53 knows load balancers, by region (AWS documentation).
local zones = { ["eu-west-1"] = "Z32O12XQLNTSW2", ["eu-west-2"] = "ZHURV8PSTC4K8", ["us-east-1"] = "Z35SXDOTRQ7X7K",
  ["us-west-2"] = "Z1H1FL5HABSF5", ["eu-central-1"] = "Z215JYRZR1TBD5" }

local function subnets_of(ctx, input)
  local ids = input.Subnets or {}
  if #ids == 0 then
    for i, m in ipairs(input.SubnetMappings or {}) do ids[i] = m.SubnetId end
  end
  if #ids == 0 then ctx:fail("ValidationError", "You must specify subnets.") end
  local rows, zone_of, vpc = {}, {}, nil
  for i, id in ipairs(ids) do
    local row = ctx:of("ec2"):table("Subnet"):get(id)
    if not row then ctx:fail("SubnetNotFound", ("The subnet ID '%s' does not exist"):format(id)) end
    if zone_of[row.AvailabilityZone] then
      ctx:fail("InvalidConfigurationRequest",
        "A load balancer cannot be attached to multiple subnets in the same Availability Zone")
    end
    if vpc and vpc ~= row.VpcId then ctx:fail("InvalidConfigurationRequest", "All subnets must belong to the same VPC.") end
    zone_of[row.AvailabilityZone], vpc, rows[i] = true, row.VpcId, row
  end
  return rows, vpc
end

local function check_subnets(ctx, kind, scheme, rows, vpc)
  if kind == "application" and #rows < 2 then
    ctx:fail("ValidationError", "At least two subnets in two different Availability Zones must be specified")
  end
  if scheme ~= "internet-facing" then return end
  for _, gateway in ipairs(ctx:of("ec2"):table("InternetGateway"):list()) do
    for _, a in ipairs(gateway.Attachments or {}) do
      if a.VpcId == vpc then return end
    end
  end
  ctx:fail("InvalidSubnet", ("VPC %s has no internet gateway"):format(vpc))
end

local function check_groups(ctx, ids, vpc)
  for _, id in ipairs(ids or {}) do
    local row = ctx:of("ec2"):table("SecurityGroup"):get(id)
    if not row or row.VpcId ~= vpc then
      ctx:fail("InvalidSecurityGroup", ("The security group '%s' does not exist"):format(id))
    end
  end
end

--- One interface per subnet: they are what keeps subnets and groups from being deleted.
local function occupy(ctx, row, subnets)
  local other = ctx:of("ec2")
  row._interfaces = row._interfaces or {}
  for _, subnet in ipairs(subnets) do
    if not row._interfaces[subnet.SubnetId] then
      local eni = interface.create(other, { subnet = subnet.SubnetId, groups = row.SecurityGroups, requester = "amazon-elb",
        description = "ELB " .. row._name, no_groups = row.Type ~= "application" and not row.SecurityGroups,
        public = row.Scheme == "internet-facing" })
      interface.attach(other, eni, { InstanceOwnerId = "amazon-elb", DeviceIndex = 1, DeleteOnTermination = false })
      row._interfaces[subnet.SubnetId] = eni.NetworkInterfaceId
    end
  end
  local wanted = {}
  for _, subnet in ipairs(subnets) do wanted[subnet.SubnetId] = true end
  for id, eni in pairs(row._interfaces) do
    if not wanted[id] then
      interface.release(other, eni)
      row._interfaces[id] = nil
    end
  end
  row.AvailabilityZones = {}
  for i, subnet in ipairs(subnets) do
    row.AvailabilityZones[i] = { ZoneName = subnet.AvailabilityZone, SubnetId = subnet.SubnetId, LoadBalancerAddresses = {} }
  end
end

local function view(ctx, row)
  local out = {}
  for k, v in pairs(row) do out[k] = v end
  out.State = { Code = ctx:state(row) }
  return out
end

local function same(row, input, subnets)
  if row.Scheme ~= (input.Scheme or "internet-facing") or #row.AvailabilityZones ~= #subnets then return false end
  for _, s in ipairs(subnets) do
    if not row._interfaces[s.SubnetId] then return false end
  end
  return true
end

function balancer.CreateLoadBalancer(ctx, input)
  base.check_name(ctx, input.Name, "Load balancer")
  local kind, scheme = input.Type or "application", input.Scheme or "internet-facing"
  local subnets, vpc = subnets_of(ctx, input)
  check_subnets(ctx, kind, scheme, subnets, vpc)
  check_groups(ctx, input.SecurityGroups, vpc)
  local tags = base.tags(ctx, input.Tags)
  local twin = ctx:table("LoadBalancer"):one("LoadBalancerName", input.Name)
  if twin then
    if same(twin, input, subnets) then return { LoadBalancers = { view(ctx, twin) } } end
    ctx:fail("DuplicateLoadBalancerName",
      ("A load balancer with the same name '%s' exists, but with different settings"):format(input.Name))
  end
  if ctx:table("LoadBalancer").count >= 50 then ctx:fail("TooManyLoadBalancers",
    "You've reached the limit on the number of load balancers.") end
  local id, letter = ctx.ids:hex(16), kind == "application" and "app" or kind == "network" and "net" or "gwy"
  local row = { LoadBalancerName = input.Name, Type = kind, Scheme = scheme, VpcId = vpc, CreatedTime = ctx.now,
    LoadBalancerArn = ctx:arn(("loadbalancer/%s/%s/%s"):format(letter, input.Name, id)), IpAddressType = input.IpAddressType
      or "ipv4",
    CanonicalHostedZoneId = zones[ctx.region] or "Z35SXDOTRQ7X7K", _tags = tags, _attributes = {},
      _name = ("%s/%s/%s"):format(letter, input.Name, id) }
  row.DNSName = ("%s%s-%s.%selb.%s.amazonaws.com"):format(scheme == "internal" and "internal-" or "", input.Name,
    ctx.ids:text(9):lower(), letter == "app" and "" or "", ctx.region)
  if letter == "app" then row.DNSName = row.DNSName:gsub("%.elb%.(.-)%.amazonaws", ".%1.elb.amazonaws") end
  if kind == "application" then
    local groups = input.SecurityGroups
    if not groups or #groups == 0 then
      groups = {}
      for i, g in ipairs(interface.groups(ctx:of("ec2"), vpc)) do groups[i] = g.GroupId end
    end
    row.SecurityGroups = groups
  else
    row.SecurityGroups = input.SecurityGroups
  end
  occupy(ctx, row, subnets)
  ctx:phases(row, "provisioning", 120, "active")
  base.save(ctx, "LoadBalancer", row)
  return { LoadBalancers = { view(ctx, row) } }
end

function balancer.DescribeLoadBalancers(ctx, input)
  return base.describe(ctx, input, "LoadBalancer", { arns = "LoadBalancerArns", names = "LoadBalancerName",
    out = "LoadBalancers", view = view })
end

function balancer.DescribeLoadBalancerAttributes(ctx, input)
  return { Attributes = base.attribute_list(known, base.need(ctx, "LoadBalancer", input.LoadBalancerArn)._attributes) }
end

--- Access logs need a bucket whose policy lets the service write.
local function check_logs(ctx, attributes)
  local on, bucket
  for _, a in ipairs(attributes) do
    if a.Key == "access_logs.s3.enabled" then on = a.Value == "true" end
    if a.Key == "access_logs.s3.bucket" then bucket = a.Value end
  end
  if not on then return end
  local row = bucket and ctx:of("s3"):shared("Bucket"):get(bucket)
  if not row then ctx:fail("InvalidConfigurationRequest", ("S3 bucket %s does not exist"):format(tostring(bucket))) end
  if not row._policy and not row.Policy then
    ctx:fail("InvalidConfigurationRequest", ("Access Denied for bucket: %s. Please check S3bucket permission"):format(bucket))
  end
end

function balancer.ModifyLoadBalancerAttributes(ctx, input)
  local row = base.need(ctx, "LoadBalancer", input.LoadBalancerArn)
  check_logs(ctx, input.Attributes)
  base.attributes(ctx, known, row._attributes, input.Attributes)
  base.save(ctx, "LoadBalancer", row)
  return { Attributes = base.attribute_list(known, row._attributes) }
end

function balancer.SetSubnets(ctx, input)
  local row = base.need(ctx, "LoadBalancer", input.LoadBalancerArn)
  local subnets, vpc = subnets_of(ctx, input)
  if vpc ~= row.VpcId then ctx:fail("InvalidConfigurationRequest", "The subnets must belong to the load balancer's VPC.") end
  check_subnets(ctx, row.Type, row.Scheme, subnets, vpc)
  occupy(ctx, row, subnets)
  base.save(ctx, "LoadBalancer", row)
  return { AvailabilityZones = row.AvailabilityZones, IpAddressType = row.IpAddressType }
end

function balancer.SetSecurityGroups(ctx, input)
  local row = base.need(ctx, "LoadBalancer", input.LoadBalancerArn)
  check_groups(ctx, input.SecurityGroups, row.VpcId)
  row.SecurityGroups = input.SecurityGroups
  local other = ctx:of("ec2")
  for _, id in pairs(row._interfaces) do
    local eni = ec2.all(other, "eni"):get(id)
    eni.Groups = interface.groups(other, row.VpcId, input.SecurityGroups)
    ec2.save(other, "eni", id, eni)
  end
  base.save(ctx, "LoadBalancer", row)
  return { SecurityGroupIds = input.SecurityGroups }
end

function balancer.SetIpAddressType(ctx, input)
  local row = base.need(ctx, "LoadBalancer", input.LoadBalancerArn)
  row.IpAddressType = input.IpAddressType
  base.save(ctx, "LoadBalancer", row)
  return { IpAddressType = row.IpAddressType }
end

function balancer.DeleteLoadBalancer(ctx, input)
  local row = ctx:table("LoadBalancer"):get(input.LoadBalancerArn)
  if not row then return {} end
  if row._attributes["deletion_protection.enabled"] == "true" then
    ctx:fail("OperationNotPermitted",
      ("Load balancer '%s' cannot be deleted because deletion protection is enabled"):format(row.LoadBalancerArn))
  end
  for _, listener in ipairs(ctx:table("Listener"):by("LoadBalancerArn", row.LoadBalancerArn)) do
    require("sim.service.elbv2.listener").remove(ctx, listener)
  end
  for _, id in pairs(row._interfaces) do interface.release(ctx:of("ec2"), id) end
  ctx:table("LoadBalancer"):delete(row.LoadBalancerArn)
  return {}
end

function balancer.DescribeCapacityReservation(ctx, input)
  base.need(ctx, "LoadBalancer", input.LoadBalancerArn)
  return { CapacityReservationState = {} }
end

function balancer.DescribeSSLPolicies(_, input)
  local names = { "ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS-1-2-2017-01", "ELBSecurityPolicy-TLS-1-2-Ext-2018-06",
    "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-FS-1-2-Res-2020-10" }
  local out = {}
  for _, name in ipairs(names) do
    local wanted = not input.Names or #input.Names == 0
    for _, n in ipairs(input.Names or {}) do wanted = wanted or n == name end
    if wanted then out[#out + 1] = { Name = name, SslProtocols = { "TLSv1.2" }, Ciphers = {} } end
  end
  return { SslPolicies = out }
end

return balancer
