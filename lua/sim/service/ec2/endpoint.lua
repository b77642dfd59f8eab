--- VPC endpoints: gateway ones put a route into tables, interface ones put interfaces into subnets.
local base = require "sim.service.ec2.base"
local interface = require "sim.service.ec2.interface"

local endpoint = {}

local gateway_services = { s3 = true, dynamodb = true }
-- Prefix lists are Amazon's: their ids are the same for everybody in a region.
local prefix_lists = { s3 = "pl-7ca54015", dynamodb = "pl-b3a742da" }

local FULL_ACCESS = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'

local function service_part(ctx, name)
  local part = name:match("^com%.amazonaws%." .. ctx.region:gsub("%-", "%%-") .. "%.([%w%-%.]+)$")
    or name:match("^com%.amazonaws%.vpce%.[%w%-]+%.(vpce%-svc%-%x+)$")
    or name:match("^aws%.sagemaker%.[%w%-]+%.(%w+)$")
  if not part then
    ctx:fail("InvalidServiceName", ("The Vpc Endpoint Service '%s' does not exist"):format(name))
  end
  return part
end

local function add_route(ctx, row, table_id)
  local t = base.find(ctx, "rtb", table_id)
  if t.VpcId ~= row.VpcId then
    ctx:fail("InvalidParameter", ("Route table %s and VPC %s belong to different networks"):format(table_id, row.VpcId))
  end
  for _, r in ipairs(t.Routes) do
    if r.DestinationPrefixListId == row._prefix_list then
      ctx:fail("RouteAlreadyExists", ("route table %s already has a route with destination-prefix-list-id %s")
        :format(table_id, row._prefix_list))
    end
  end
  table.insert(t.Routes, { DestinationPrefixListId = row._prefix_list, GatewayId = row.VpcEndpointId,
    Origin = "CreateRoute", State = "active" })
  base.save(ctx, "rtb", table_id, t)
end

local function drop_route(ctx, row, table_id)
  local t = base.all(ctx, "rtb"):get(table_id)
  if not t then return end
  for i = #t.Routes, 1, -1 do
    if t.Routes[i].GatewayId == row.VpcEndpointId then table.remove(t.Routes, i) end
  end
  base.save(ctx, "rtb", table_id, t)
end

local function add_subnet(ctx, row, subnet_id)
  local subnet = base.find(ctx, "subnet", subnet_id)
  if subnet.VpcId ~= row.VpcId then
    ctx:fail("InvalidParameter", ("Subnet %s and VPC %s belong to different networks"):format(subnet_id, row.VpcId))
  end
  for _, id in ipairs(row.NetworkInterfaceIds) do
    local other = base.all(ctx, "eni"):get(id)
    if other and other.AvailabilityZone == subnet.AvailabilityZone then
      ctx:fail("DuplicateSubnetsInSameZone", ("Found another VPC endpoint subnet in the availability zone of %s")
        :format(subnet_id))
    end
  end
  local groups = {}
  for i, g in ipairs(row.Groups) do groups[i] = g.GroupId end
  local eni = interface.create(ctx, { subnet = subnet_id, groups = groups, type = "vpc_endpoint",
    requester = "amazon-vpce", description = "VPC Endpoint Interface " .. row.VpcEndpointId })
  interface.attach(ctx, eni, { DeviceIndex = 1, DeleteOnTermination = false, InstanceOwnerId = "amazon-aws" })
  table.insert(row.NetworkInterfaceIds, eni.NetworkInterfaceId)
  table.insert(row.SubnetIds, subnet_id)
end

local function dns_names(ctx, row, part)
  local zone = "Z7K1066E3PUKB"
  local base_name = row.VpcEndpointId .. "-" .. ctx.ids:hex(8) .. "." .. part .. "." .. ctx.region
    .. ".vpce.amazonaws.com"
  local list = { { DnsName = base_name, HostedZoneId = zone } }
  if row.PrivateDnsEnabled then
    list[2] = { DnsName = part .. "." .. ctx.region .. ".amazonaws.com", HostedZoneId = "Z06320943MMOWYG6MAVL9" }
  end
  return list
end

local function check_private_dns(ctx, row)
  if not row.PrivateDnsEnabled then return end
  local vpc = base.find(ctx, "vpc", row.VpcId)
  if not vpc._dns_support or not vpc._dns_hostnames then
    ctx:fail("InvalidParameter", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC "
      .. "attributes set to true for " .. row.VpcId)
  end
  for _, other in ipairs(base.all(ctx, "vpce"):by("VpcId", row.VpcId)) do
    if other.ServiceName == row.ServiceName and other.PrivateDnsEnabled and other.VpcEndpointId ~= row.VpcEndpointId
    then
      ctx:fail("InvalidParameter", ("private-dns-enabled cannot be set because there is already a conflicting DNS "
        .. "domain for %s in the VPC %s"):format(row.ServiceName, row.VpcId))
    end
  end
end

function endpoint.CreateVpcEndpoint(ctx, input)
  local vpc = base.find(ctx, "vpc", input.VpcId)
  if not input.ServiceName then
    ctx:fail("MissingParameter", "The request must contain the parameter ServiceName")
  end
  local part = service_part(ctx, input.ServiceName)
  local kind = input.VpcEndpointType or "Gateway"
  if kind == "Gateway" and not gateway_services[part] then
    ctx:fail("InvalidParameter", ("Endpoint type (Gateway) does not match available service types ([Interface])."))
  end
  local tags = base.tags(ctx, input, "vpc-endpoint")
  local same_kind = 0
  for _, other in ipairs(base.all(ctx, "vpce"):list()) do
    if other.VpcEndpointType == kind and (kind == "Gateway" or other.VpcId == vpc.VpcId) then
      same_kind = same_kind + 1
    end
  end
  base.quota(ctx, same_kind, kind == "Gateway" and "Gateway VPC endpoints per Region"
    or "Interface VPC endpoints per VPC", "VpcEndpointLimitExceeded")
  local id = ctx.ids:ec2("vpce")
  local interface_type = kind == "Interface"
  local row = { VpcEndpointId = id, VpcEndpointType = kind, VpcId = vpc.VpcId, ServiceName = input.ServiceName,
    PolicyDocument = input.PolicyDocument or FULL_ACCESS, RouteTableIds = {}, SubnetIds = {}, Groups = {},
    NetworkInterfaceIds = {}, DnsEntries = {}, IpAddressType = input.IpAddressType or "ipv4",
    DnsOptions = input.DnsOptions or { DnsRecordIpType = interface_type and "ipv4" or "service-defined" },
    RequesterManaged = false, CreationTimestamp = ctx.now, OwnerId = ctx.account, Tags = tags,
    PrivateDnsEnabled = interface_type and input.PrivateDnsEnabled ~= false,
    _prefix_list = prefix_lists[part], _part = part }
  if interface_type then
    check_private_dns(ctx, row)
    row.Groups = interface.groups(ctx, vpc.VpcId, input.SecurityGroupIds)
    for _, subnet_id in ipairs(input.SubnetIds or {}) do base.find(ctx, "subnet", subnet_id) end
    base.save(ctx, "vpce", id, row)
    for _, subnet_id in ipairs(input.SubnetIds or {}) do add_subnet(ctx, row, subnet_id) end
    row.DnsEntries = dns_names(ctx, row, part)
    ctx:phases(row, "pending", 60, "available")
  else
    for _, table_id in ipairs(input.RouteTableIds or {}) do
      add_route(ctx, row, table_id)
      table.insert(row.RouteTableIds, table_id)
    end
    ctx:phases(row, "pending", 2, "available")
  end
  base.save(ctx, "vpce", id, row)
  row.State = ctx:state(row)
  return { VpcEndpoint = row, ClientToken = input.ClientToken }
end

function endpoint.ModifyVpcEndpoint(ctx, input)
  local row = base.find(ctx, "vpce", input.VpcEndpointId)
  if input.ResetPolicy then row.PolicyDocument = FULL_ACCESS end
  if input.PolicyDocument then row.PolicyDocument = input.PolicyDocument end
  if input.PrivateDnsEnabled ~= nil then
    row.PrivateDnsEnabled = input.PrivateDnsEnabled
    check_private_dns(ctx, row)
  end
  for _, id in ipairs(input.AddRouteTableIds or {}) do
    add_route(ctx, row, id)
    table.insert(row.RouteTableIds, id)
  end
  for _, id in ipairs(input.RemoveRouteTableIds or {}) do
    drop_route(ctx, row, id)
    row.RouteTableIds = base.without(row.RouteTableIds, id)
  end
  for _, id in ipairs(input.RemoveSubnetIds or {}) do
    for _, eni_id in ipairs(row.NetworkInterfaceIds) do
      local eni = base.all(ctx, "eni"):get(eni_id)
      if eni and eni.SubnetId == id then
        interface.release(ctx, eni_id)
        row.NetworkInterfaceIds = base.without(row.NetworkInterfaceIds, eni_id)
      end
    end
    row.SubnetIds = base.without(row.SubnetIds, id)
  end
  for _, id in ipairs(input.AddSubnetIds or {}) do add_subnet(ctx, row, id) end
  if input.AddSecurityGroupIds and input.AddSecurityGroupIds[1] then
    for _, g in ipairs(interface.groups(ctx, row.VpcId, input.AddSecurityGroupIds)) do table.insert(row.Groups, g) end
  end
  if input.RemoveSecurityGroupIds and input.RemoveSecurityGroupIds[1] then
    local keep = {}
    for _, g in ipairs(row.Groups) do
      if not base.has(input.RemoveSecurityGroupIds, g.GroupId) then keep[#keep + 1] = g end
    end
    row.Groups = keep
  end
  for _, eni_id in ipairs(row.NetworkInterfaceIds) do
    local eni = base.all(ctx, "eni"):get(eni_id)
    eni.Groups = row.Groups
    base.save(ctx, "eni", eni_id, eni)
  end
  base.save(ctx, "vpce", row.VpcEndpointId, row)
  return { Return = true }
end

--- Ends an endpoint whose deletion has run its course.
local function finish(ctx, id)
  local row = base.all(ctx, "vpce"):get(id)
  if not row then return end
  for _, eni in ipairs(row.NetworkInterfaceIds) do interface.release(ctx, eni) end
  base.all(ctx, "vpce"):delete(id)
end

function endpoint.DeleteVpcEndpoints(ctx, input)
  local failed = {}
  for _, id in ipairs(input.VpcEndpointIds) do
    local row = base.all(ctx, "vpce"):get(id)
    if not row then
      failed[#failed + 1] = { ResourceId = id, Error = { Code = "InvalidVpcEndpoint.NotFound",
        Message = ("The Vpc Endpoint Id '%s' does not exist"):format(id) } }
    elseif ctx:state(row) ~= "deleting" then
      for _, table_id in ipairs(row.RouteTableIds) do drop_route(ctx, row, table_id) end
      local seconds = row.VpcEndpointType == "Interface" and 45 or 1
      ctx:phases(row, "deleting", seconds, "deleted")
      base.save(ctx, "vpce", id, row)
      ctx:later(seconds, "sim.service.ec2.endpoint", "finish", id)
    end
  end
  return { Unsuccessful = failed }
end

endpoint.DescribeVpcEndpoints = base.describe { kind = "vpce", ids = "VpcEndpointIds", out = "VpcEndpoints",
  filters = { ["ip-address-type"] = "IpAddressType", ["service-name"] = "ServiceName",
    ["vpc-endpoint-id"] = "VpcEndpointId", ["vpc-endpoint-state"] = "State", ["vpc-endpoint-type"] = "VpcEndpointType",
    ["vpc-id"] = "VpcId" } }

function endpoint.DescribePrefixLists(ctx, input)
  local list = {}
  for part, id in next, prefix_lists do
    local name = "com.amazonaws." .. ctx.region .. "." .. part
    list[#list + 1] = { PrefixListId = id, PrefixListName = name, Cidrs = { "52.95.148.0/23" } }
  end
  table.sort(list, function(a, b) return a.PrefixListName < b.PrefixListName end)
  list = require("sim.help.filter").apply(ctx, list, input.Filters, { ["prefix-list-id"] = "PrefixListId",
    ["prefix-list-name"] = "PrefixListName" })
  return { PrefixLists = list }
end

function endpoint.DescribeManagedPrefixLists(ctx, input)
  local lists = endpoint.DescribePrefixLists(ctx, { Filters = input.Filters }).PrefixLists
  local out = {}
  for i, l in ipairs(lists) do
    out[i] = { PrefixListId = l.PrefixListId, PrefixListName = l.PrefixListName, AddressFamily = "IPv4",
      State = "create-complete", OwnerId = "AWS", PrefixListArn = ctx:arn("prefix-list/" .. l.PrefixListId, "ec2") }
  end
  return { PrefixLists = out }
end

function endpoint.DescribeVpcEndpointServices(ctx)
  local names, details = {}, {}
  for _, part in ipairs { "dynamodb", "ec2", "ec2messages", "ecr.api", "ecr.dkr", "elasticfilesystem", "kms", "logs",
    "monitoring", "rds", "s3", "secretsmanager", "sns", "sqs", "ssm", "ssmmessages", "sts" } do
    local name = "com.amazonaws." .. ctx.region .. "." .. part
    names[#names + 1] = name
    details[#details + 1] = { ServiceName = name, Owner = "amazon", VpcEndpointPolicySupported = true,
      AcceptanceRequired = false, ServiceType = { { ServiceType = gateway_services[part] and "Gateway" or "Interface" } } }
  end
  return { ServiceNames = names, ServiceDetails = details }
end

return setmetatable(endpoint, { __index = { finish = finish } })
