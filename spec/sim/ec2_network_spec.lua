local support = require "spec.sim.support"

describe("EC2's network", function()
  local sim, vpc, subnet
  before_each(function()
    sim = support.world { latency = "realistic" }
    vpc = sim:ec2("CreateVpc", { CidrBlock = "10.0.0.0/16" }).vpc.vpcId
    subnet = sim:ec2("CreateSubnet", { VpcId = vpc, CidrBlock = "10.0.1.0/24" }).subnet.subnetId
  end)

  local function gateway()
    local igw = sim:ec2("CreateInternetGateway").internetGateway.internetGatewayId
    sim:ec2("AttachInternetGateway", { InternetGatewayId = igw, VpcId = vpc })
    return igw
  end

  local function nat()
    local eip = sim:ec2("AllocateAddress").allocationId
    return sim:ec2("CreateNatGateway", { SubnetId = subnet, AllocationId = eip }).natGateway.natGatewayId, eip
  end

  local function nat_state(id)
    return sim:ec2("DescribeNatGateways", { NatGatewayId = { id } }).natGatewaySet[1].state
  end

  it("keeps blocks within their bounds", function()
    sim:refused("InvalidVpc.Range", "CreateVpc", { CidrBlock = "10.0.0.0/15" })
    sim:refused("InvalidVpc.Range", "CreateVpc", { CidrBlock = "10.0.0.0/29" })
    sim:refused("InvalidParameterValue", "CreateVpc", { CidrBlock = "10.0.0/16" })
    sim:refused("InvalidSubnet.Range", "CreateSubnet", { VpcId = vpc, CidrBlock = "10.1.0.0/24" })
    sim:refused("InvalidSubnet.Conflict", "CreateSubnet", { VpcId = vpc, CidrBlock = "10.0.1.128/25" })
    sim:refused("InvalidParameterValue", "CreateSubnet",
      { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2q" })
  end)

  it("tells ids that do not exist from ids that could not", function()
    sim:refused("InvalidVpcID.NotFound", "DeleteVpc", { VpcId = "vpc-0123456789abcdef0" })
    sim:refused("InvalidVpcID.Malformed", "DeleteVpc", { VpcId = "my-vpc" })
  end)

  it("gives a VPC its main table, ACL and group, and takes them away with it", function()
    sim:ec2("DeleteSubnet", { SubnetId = subnet })
    assert.equal(1, #sim:ec2("DescribeRouteTables").routeTableSet)
    assert.equal("default", sim:ec2("DescribeSecurityGroups").securityGroupInfo[1].groupName)
    sim:ec2("DeleteVpc", { VpcId = vpc })
    assert.equal("", sim:ec2("DescribeRouteTables").routeTableSet)
    assert.equal("", sim:ec2("DescribeNetworkAcls").networkAclSet)
    assert.equal("", sim:ec2("DescribeSecurityGroups").securityGroupInfo)
  end)

  it("lets a NAT gateway take its time, and holds its address until it is gone", function()
    local igw = gateway()
    local id, eip = nat()
    assert.equal("pending", nat_state(id))
    sim.time = sim.time + 91
    assert.equal("available", nat_state(id))
    sim:refused("InvalidIPAddress.InUse", "ReleaseAddress", { AllocationId = eip })
    sim:refused("DependencyViolation", "DeleteSubnet", { SubnetId = subnet })
    sim:refused("DependencyViolation", "DetachInternetGateway", { InternetGatewayId = igw, VpcId = vpc })
    sim:ec2("DeleteNatGateway", { NatGatewayId = id })
    assert.equal("deleting", nat_state(id))
    sim:refused("InvalidIPAddress.InUse", "ReleaseAddress", { AllocationId = eip })
    sim.time = sim.time + 46
    assert.equal("deleted", nat_state(id))
    assert.truthy(sim:ec2("ReleaseAddress", { AllocationId = eip }))
    assert.truthy(sim:ec2("DeleteSubnet", { SubnetId = subnet }))
    sim.time = sim.time + 3700
    sim:refused("NatGatewayNotFound", "DescribeNatGateways", { NatGatewayId = { id } })
  end)

  it("lets a NAT gateway without an internet gateway fail", function()
    local id = nat()
    sim.time = sim.time + 6
    assert.equal("failed", nat_state(id))
  end)

  it("routes only to what belongs to the VPC", function()
    local table_id = sim:ec2("CreateRouteTable", { VpcId = vpc }).routeTable.routeTableId
    local igw = sim:ec2("CreateInternetGateway").internetGateway.internetGatewayId
    local route = { RouteTableId = table_id, DestinationCidrBlock = "0.0.0.0/0", GatewayId = igw }
    sim:refused("InvalidParameterValue", "CreateRoute", route)
    sim:ec2("AttachInternetGateway", { InternetGatewayId = igw, VpcId = vpc })
    assert.truthy(sim:ec2("CreateRoute", route))
    sim:refused("RouteAlreadyExists", "CreateRoute", route)
    local a = sim:ec2("AssociateRouteTable", { RouteTableId = table_id, SubnetId = subnet }).associationId
    sim:refused("DependencyViolation", "DeleteRouteTable", { RouteTableId = table_id })
    sim:ec2("DisassociateRouteTable", { AssociationId = a })
    assert.truthy(sim:ec2("DeleteRouteTable", { RouteTableId = table_id }))
  end)

  describe("security groups", function()
    local web, db
    before_each(function()
      web = sim:ec2("CreateSecurityGroup", { GroupName = "web", GroupDescription = "web", VpcId = vpc }).groupId
      db = sim:ec2("CreateSecurityGroup", { GroupName = "db", GroupDescription = "db", VpcId = vpc }).groupId
    end)

    local function rule(from)
      return { GroupId = db, IpPermissions = { { IpProtocol = "tcp", FromPort = from, ToPort = from,
        Groups = { { GroupId = web } } } } }
    end

    it("refuses a second one of the name, and a second rule of the kind", function()
      sim:refused("InvalidGroup.Duplicate", "CreateSecurityGroup",
        { GroupName = "web", GroupDescription = "web", VpcId = vpc })
      assert.truthy(sim:ec2("AuthorizeSecurityGroupIngress", rule(3306)))
      sim:refused("InvalidPermission.Duplicate", "AuthorizeSecurityGroupIngress", rule(3306))
      sim:refused("InvalidPermission.NotFound", "RevokeSecurityGroupIngress", rule(3307))
    end)

    it("keep one that others refer to", function()
      sim:ec2("AuthorizeSecurityGroupIngress", rule(3306))
      sim:refused("DependencyViolation", "DeleteSecurityGroup", { GroupId = web })
      assert.truthy(sim:ec2("RevokeSecurityGroupIngress", rule(3306)))
      assert.truthy(sim:ec2("DeleteSecurityGroup", { GroupId = web }))
    end)

    it("hold sixty rules in a direction", function()
      for i = 1, 60 do assert.truthy(sim:ec2("AuthorizeSecurityGroupIngress", rule(i))) end
      sim:refused("RulesPerSecurityGroupLimitExceeded", "AuthorizeSecurityGroupIngress", rule(61))
    end)

    it("show permissions together and rules one by one", function()
      local both = rule(80)
      both.IpPermissions[1].IpRanges = { { CidrIp = "10.0.0.0/8" }, { CidrIp = "192.168.0.0/16" } }
      sim:ec2("AuthorizeSecurityGroupIngress", both)
      local shown = sim:ec2("DescribeSecurityGroups", { GroupId = { db } }).securityGroupInfo[1]
      assert.equal(1, #shown.ipPermissions)
      assert.equal(2, #shown.ipPermissions[1].ipRanges)
      local rules = sim:ec2("DescribeSecurityGroupRules",
        { Filter = { { Name = "group-id", Value = { db } } } }).securityGroupRuleSet
      assert.equal(4, #rules) -- three of these and the one that lets everything out
    end)
  end)

  it("puts endpoints into subnets and tables", function()
    local table_id = sim:ec2("CreateRouteTable", { VpcId = vpc }).routeTable.routeTableId
    local s3 = sim:ec2("CreateVpcEndpoint", { VpcId = vpc, ServiceName = "com.amazonaws.eu-west-2.s3",
      RouteTableId = { table_id } }).vpcEndpoint.vpcEndpointId
    assert.equal(2, #sim:ec2("DescribeRouteTables", { RouteTableId = { table_id } }).routeTableSet[1].routeSet)
    local ssm = { VpcId = vpc, ServiceName = "com.amazonaws.eu-west-2.ssm", VpcEndpointType = "Interface",
      SubnetId = { subnet } }
    sim:refused("InvalidParameter", "CreateVpcEndpoint", ssm) -- private names need the VPC's DNS host names
    sim:ec2("ModifyVpcAttribute", { VpcId = vpc, EnableDnsHostnames = { Value = true } })
    local id = sim:ec2("CreateVpcEndpoint", ssm).vpcEndpoint.vpcEndpointId
    sim:refused("DependencyViolation", "DeleteSubnet", { SubnetId = subnet })
    sim:ec2("DeleteVpcEndpoints", { VpcEndpointId = { s3, id } })
    sim.time = sim.time + 60
    assert.truthy(sim:ec2("DeleteSubnet", { SubnetId = subnet }))
    sim:refused("InvalidVpcEndpointId.NotFound", "DescribeVpcEndpoints", { VpcEndpointId = { id } })
  end)
end)
