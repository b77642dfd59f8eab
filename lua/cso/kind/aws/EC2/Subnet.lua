local kind = require "cso.kind.declare"

--- Each DNS option has its own member, and a call takes one change only.
local dns = {
  { "HostnameType", "PrivateDnsHostnameTypeOnLaunch" },
  { "EnableResourceNameDnsARecord", "EnableResourceNameDnsARecordOnLaunch", "Value" },
  { "EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecordOnLaunch", "Value" },
}

local function set_dns_options(r, want, have)
  for _, option in ipairs(dns) do
    local v = want and want[option[1]]
    if v ~= nil and (not have or have[option[1]] ~= v) then
      if option[3] then v = { [option[3]] = v } end
      r:call("ModifySubnetAttribute", { SubnetId = r.id, [option[2]] = v })
    end
  end
end

return kind "AWS::EC2::Subnet" {
  service = "ec2", tag_type = "subnet", claims = { "VpcId", "CidrBlock" },
  create = { "CreateSubnet", take = "Subnet", tags = "TagSpecifications" },
  read = { "DescribeSubnets", filter = "subnet-id", list = "Subnets[]", key = "SubnetId" },
  update = {
    MapPublicIpOnLaunch = { "ModifySubnetAttribute", wrap = "Value" },
    AssignIpv6AddressOnCreation = { "ModifySubnetAttribute", wrap = "Value" },
    EnableDns64 = { "ModifySubnetAttribute", wrap = "Value" },
    PrivateDnsNameOptionsOnLaunch = set_dns_options,
    EnableLniAtDeviceIndex = { "ModifySubnetAttribute" },
  },
  delete = { "DeleteSubnet", retry = { "DependencyViolation" }, expect = 60, users = "subnet" },
  ready = { state = "State", ok = { "available" } },
  defaults = { MapPublicIpOnLaunch = false, AssignIpv6AddressOnCreation = false, EnableDns64 = false,
    PrivateDnsNameOptionsOnLaunch = { HostnameType = "ip-name", EnableResourceNameDnsARecord = false,
      EnableResourceNameDnsAAAARecord = false } },
  seconds = { create = 2, delete = 1 },
}
