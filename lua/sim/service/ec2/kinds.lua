--- What EC2's resources are called: id prefix, collection, the words of its errors.
--- `by` maps an id's prefix to its kind, for tags and generic look-ups.
local kinds = {}

local list = {
  { "vpc", "vpc", "Vpc", "InvalidVpcID.NotFound", "InvalidVpcID.Malformed", "vpc ID", "vpc" },
  { "subnet", "subnet", "Subnet", "InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed", "subnet ID", "subnet" },
  { "igw", "igw", "InternetGateway", "InvalidInternetGatewayID.NotFound", "InvalidInternetGatewayID.Malformed",
    "internetGateway ID", "internet-gateway" },
  { "eigw", "eigw", "EgressOnlyInternetGateway", "InvalidGatewayID.NotFound", "InvalidGatewayID.Malformed",
    "eigw ID", "egress-only-internet-gateway" },
  { "nat", "nat", "NatGateway", "NatGatewayNotFound", "NatGatewayMalformed", "NAT gateway", "natgateway" },
  { "eip", "eipalloc", "Address", "InvalidAllocationID.NotFound", "InvalidAllocationID.Malformed", "allocation ID",
    "elastic-ip" },
  { "rtb", "rtb", "RouteTable", "InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed", "routeTable ID",
    "route-table" },
  { "sg", "sg", "SecurityGroup", "InvalidGroup.NotFound", "InvalidGroupId.Malformed", "security group",
    "security-group" },
  { "sgr", "sgr", "SecurityGroupRule", "InvalidSecurityGroupRuleId.NotFound", "InvalidSecurityGroupRuleId.Malformed",
    "security group rule ID", "security-group-rule" },
  { "acl", "acl", "NetworkAcl", "InvalidNetworkAclID.NotFound", "InvalidNetworkAclID.Malformed", "networkAcl ID",
    "network-acl" },
  { "eni", "eni", "NetworkInterface", "InvalidNetworkInterfaceID.NotFound", "InvalidNetworkInterfaceID.Malformed",
    "networkInterface ID", "network-interface" },
  { "vpce", "vpce", "VpcEndpoint", "InvalidVpcEndpointId.NotFound", "InvalidVpcEndpointId.Malformed",
    "Vpc Endpoint Id", "vpc-endpoint" },
  { "fl", "fl", "FlowLog", "InvalidFlowLogId.NotFound", "InvalidFlowLogId.Malformed", "flow log ID", "vpc-flow-log" },
  { "i", "i", "Instance", "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed", "instance ID", "instance" },
  { "lt", "lt", "LaunchTemplate", "InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.Malformed",
    "launch template ID", "launch-template" },
  { "vol", "vol", "Volume", "InvalidVolume.NotFound", "InvalidVolumeID.Malformed", "volume", "volume" },
  { "snap", "snap", "Snapshot", "InvalidSnapshot.NotFound", "InvalidSnapshotID.Malformed", "snapshot", "snapshot" },
  { "key", "key", "KeyPair", "InvalidKeyPair.NotFound", "InvalidKeyPair.Format", "key pair", "key-pair" },
  { "dopt", "dopt", "DhcpOptions", "InvalidDhcpOptionID.NotFound", "InvalidDhcpOptionsId.Malformed",
    "dhcpOption ID", "dhcp-options" },
  { "pl", "pl", "PrefixList", "InvalidPrefixListID.NotFound", "InvalidPrefixListId.Malformed", "prefix list ID",
    "prefix-list" },
  { "pcx", "pcx", "VpcPeeringConnection", "InvalidVpcPeeringConnectionID.NotFound",
    "InvalidVpcPeeringConnectionID.Malformed", "vpcPeeringConnection ID", "vpc-peering-connection" },
}

---@class sim.ec2.Kind
---@field prefix string
---@field table string
---@field missing string    code when the id is unknown
---@field malformed string
---@field noun string
---@field resource string   ResourceType of tags

kinds.by = {}
for _, k in ipairs(list) do
  local kind = { name = k[1], prefix = k[2], table = k[3], missing = k[4], malformed = k[5], noun = k[6],
    resource = k[7] }
  kinds[k[1]] = kind
  kinds.by[k[2]] = kind
end

return kinds
