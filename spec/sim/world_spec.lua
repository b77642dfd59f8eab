local support = require "spec.sim.support"

describe("a world", function()
  it("makes the same account twice from the same seed", function()
    local function run()
      local sim = support.world { seed = "x" }
      return sim:ec2("CreateVpc", { CidrBlock = "10.0.0.0/16" }).vpc.vpcId
    end
    local id = run()
    assert.equal(id, run())
    assert.truthy(id:match("^vpc%-0%x+$"))
    assert.equal(21, #id)
  end)

  it("keeps regions apart", function()
    local sim = support.world()
    sim:ec2("CreateVpc", { CidrBlock = "10.0.0.0/16" })
    sim.region = "us-east-1"
    assert.equal("", sim:ec2("DescribeVpcs").vpcSet)
    sim.region = "eu-west-2"
    assert.equal(1, #sim:ec2("DescribeVpcs").vpcSet)
  end)

  it("answers a repeated token with the first answer and refuses other parameters", function()
    local sim = support.world()
    local vpc = sim:ec2("CreateVpc", { CidrBlock = "10.0.0.0/16" }).vpc.vpcId
    local first = sim:ec2("CreateRouteTable", { VpcId = vpc, ClientToken = "t" }).routeTable.routeTableId
    assert.equal(first, sim:ec2("CreateRouteTable", { VpcId = vpc, ClientToken = "t" }).routeTable.routeTableId)
    sim:refused("IdempotentParameterMismatch", "CreateRouteTable",
      { VpcId = vpc, ClientToken = "t", TagSpecification = { { ResourceType = "route-table" } } })
    assert.not_equal(first, sim:ec2("CreateRouteTable", { VpcId = vpc, ClientToken = "u" }).routeTable.routeTableId)
  end)

  it("says what is wrong with an input", function()
    local sim = support.world()
    sim:refused("UnknownParameter", "CreateVpc", { CidrBlock = "10.0.0.0/16", Colour = "red" })
    sim:refused("MissingParameter", "DeleteVpc", {})
    sim:refused("InvalidParameterValue", "CreateVpc", { CidrBlock = "10.0.0.0/16", InstanceTenancy = "shared" })
    sim:refused("InvalidParameterValue", "DescribeVpcs", { MaxResults = "many" })
    sim:refused("InvalidAction", "CreateVpx", {})
  end)

  it("pages with tokens of its own", function()
    local sim = support.world()
    for _ = 1, 7 do sim:ec2("CreateVpc", { CidrBlock = "10.0.0.0/16" }) end
    local page = sim:ec2("DescribeVpcs", { MaxResults = 5 })
    assert.equal(5, #page.vpcSet)
    page = sim:ec2("DescribeVpcs", { MaxResults = 5, NextToken = page.nextToken })
    assert.equal(2, #page.vpcSet)
    assert.is_nil(page.nextToken)
    sim:refused("InvalidNextToken", "DescribeVpcs", { NextToken = "xyz" })
  end)

  it("plays faults by their rules", function()
    local sim = support.world { faults = { { kind = "throttle", operation = "^Describe", times = 1 },
      { kind = "lost", operation = "^Create", times = 1 } } }
    sim:refused("RequestLimitExceeded", "DescribeVpcs")
    assert.truthy(sim:ec2("DescribeVpcs"))
    assert.same({ nil, "abort" }, { sim:ec2("CreateVpc", { CidrBlock = "10.0.0.0/16" }) })
    assert.equal(1, #sim:ec2("DescribeVpcs").vpcSet)
  end)

  it("hides fresh rows from stale reads", function()
    local sim = support.world { faults = "stale=5s" }
    local id = sim:ec2("CreateVpc", { CidrBlock = "10.0.0.0/16" }).vpc.vpcId
    sim:refused("InvalidVpcID.NotFound", "DescribeVpcs", { VpcId = { id } })
    sim.time = sim.time + 6
    assert.equal(1, #sim:ec2("DescribeVpcs", { VpcId = { id } }).vpcSet)
  end)

  it("limits an operation by its own bucket", function()
    local sim = support.world { faults = "limit=1/s:3" }
    for _ = 1, 3 do assert.truthy(sim:ec2("DescribeVpcs")) end
    sim:refused("RequestLimitExceeded", "DescribeVpcs")
    assert.truthy(sim:ec2("DescribeSubnets"))
    sim.time = sim.time + 1
    assert.truthy(sim:ec2("DescribeVpcs"))
    sim:refused("RequestLimitExceeded", "DescribeVpcs")
  end)

  it("lets a new instance profile become known in its time", function()
    local sim = support.world { faults = "propagation=10s" }
    sim:call("iam", "CreateInstanceProfile", { InstanceProfileName = "p" })
    local vpc = sim:ec2("CreateVpc", { CidrBlock = "10.0.0.0/16" }).vpc.vpcId
    local run = { MinCount = 1, MaxCount = 1, InstanceType = "t3.small", IamInstanceProfile = { Name = "p" },
      ImageId = sim:ec2("DescribeImages").imagesSet[1].imageId,
      SubnetId = sim:ec2("CreateSubnet", { VpcId = vpc, CidrBlock = "10.0.0.0/24" }).subnet.subnetId }
    sim:refused("InvalidParameterValue", "RunInstances", run)
    sim.time = sim.time + 11
    assert.truthy(sim:ec2("RunInstances", run))
  end)

  it("refuses to read faults that do not exist", function()
    local faults = require "sim.faults"
    assert.is_nil((faults.parse("explode=1")))
    assert.is_nil((faults.parse("lost=2")))
    assert.same({ { kind = "lost", rate = 0.5 }, { kind = "stale", rate = 1, seconds = 2 } },
      faults.parse("lost=0.5,stale=2s"))
  end)

  it("goes on from its file, clock and ids included", function()
    local path = os.tmpname()
    local sim = support.world { db = path, speed = 60, latency = "realistic" }
    local first = sim:ec2("CreateVpc", { CidrBlock = "10.0.0.0/16" }).vpc.vpcId
    sim.time = sim.time + 60
    sim:ec2("CreateVpc", { CidrBlock = "10.1.0.0/16" })
    local virtual = sim.world.clock:now()
    sim.world:close()
    local again = support.world { db = path }
    again.time = sim.time + 1
    assert.equal(2, #again:ec2("DescribeVpcs").vpcSet)
    assert.is_true(again.world.clock:now() >= virtual)
    local third = again:ec2("CreateVpc", { CidrBlock = "10.2.0.0/16" }).vpc.vpcId
    assert.not_equal(first, third)
    again.world:close()
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
  end)

  it("is later by what its caller did not wait, unless its clock has a speed of its own", function()
    for _, case in ipairs { { nil, 90 }, { 1, 0 }, { 60, 0 } } do
      local sim = support.world { latency = "realistic", speed = case[1] }
      local began = sim.world.clock:now()
      sim.world.clock:pass(90)
      assert.equal(case[2], sim.world.clock:now() - began)
      for _, wrong in ipairs { -5, 0, 0 / 0, 1 / 0, 1e9 } do sim.world.clock:pass(wrong) end
      sim.world.clock:pass(nil)
      assert.equal(case[2], sim.world.clock:now() - began)
      sim.world:close()
    end
  end)

  it("refills its limits by its own clock", function()
    local sim = support.world { faults = "limit=1/s:2" }
    for _ = 1, 2 do assert.truthy(sim:ec2("DescribeVpcs")) end
    sim:refused("RequestLimitExceeded", "DescribeVpcs")
    sim.world.clock:pass(1)
    assert.truthy(sim:ec2("DescribeVpcs"))
    sim:refused("RequestLimitExceeded", "DescribeVpcs")
    sim.world:close()
  end)
end)
