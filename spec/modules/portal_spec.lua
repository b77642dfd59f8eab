-- The portal's five environments, declaration by declaration: the figures of the low-level design.
local deep = require "cso.std.deep"
local helper = require "spec.modules.portal_helper"
local ranges = require "cso.kind.cso.net_ranges"
local value = require "cso.std.value"

local function find(program, address)
  local decl = program.by_address[address]
  return decl and decl.properties
end

local function count(program, type_name)
  local n = 0
  for _, decl in ipairs(program.declarations) do
    if decl.type == type_name then n = n + 1 end
  end
  return n
end

describe("the portal", function()
  local programs = {}
  setup(function()
    for _, name in ipairs(helper.environments) do programs[name] = helper.load(name) end
  end)

  it("cuts the VPC by the design's formula", function()
    local function cidr(name, tier, az)
      local subnet = find(programs[name], ("networking/EC2.Subnet.%s-eu-west-2%s"):format(tier, az))
      return value.resolve(subnet.CidrBlock, function(address, path)
        local asked = {}
        for k, v in pairs(find(programs[name], address)) do asked[k] = v end
        return deep.get(ranges.spec.prepare(asked, { address = address }), path)
      end)
    end
    local function all(name)
      return { cidr(name, "public", "a"), cidr(name, "public", "c"), cidr(name, "private", "a"), cidr(name, "private", "c") }
    end
    assert.same({ "10.1.0.0/18", "10.1.64.0/18", "10.1.128.0/18", "10.1.192.0/18" }, all "prod-ha")
    assert.same({ "10.0.0.0/26", "10.0.0.64/26", "10.0.0.128/26", "10.0.0.192/26" }, all "dev")
  end)

  it("builds two of each server with ha, one without, and one jump server", function()
    assert.equal(9, count(programs["prod-ha"], "AWS::EC2::Instance"))
    assert.equal(5, count(programs.dev, "AWS::EC2::Instance"))
    assert.equal(2, count(programs["dev-ha"], "AWS::EC2::NatGateway"))
    assert.equal(1, count(programs.prod, "AWS::EC2::NatGateway"))
  end)

  it("has load balancers, target groups and a sign-in with ha only", function()
    local with, without = programs["dev-ha"], programs.staging
    for type_name, n in pairs {
      ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = 2,
      ["AWS::ElasticLoadBalancingV2::TargetGroup"] = 16,
      ["AWS::ElasticLoadBalancingV2::Listener"] = 17,
      ["AWS::Cognito::UserPool"] = 1,
    } do
      assert.equal(n, count(with, type_name), type_name)
      assert.equal(0, count(without, type_name), type_name)
    end
  end)

  it("checks health as the design says", function()
    local p = programs["prod-ha"]
    local frontend = find(p, "compute/ElasticLoadBalancingV2.TargetGroup.frontend")
    assert.equal("prod-ha-frontend-tg", frontend.Name)
    assert.same({ 8102, "HTTP", "/ui/management/login/system", 2, 3, 5, 30, "200" }, {
      frontend.Port, frontend.Protocol, frontend.HealthCheckPath, frontend.HealthyThresholdCount,
      frontend.UnhealthyThresholdCount, frontend.HealthCheckTimeoutSeconds,
      frontend.HealthCheckIntervalSeconds, frontend.Matcher.HttpCode,
    })
    local keystone = find(p, "compute/ElasticLoadBalancingV2.TargetGroup.keystone")
    assert.same({ 5000, "HTTPS", "/api/idm/v3", 10, "200,300" }, {
      keystone.Port, keystone.Protocol, keystone.HealthCheckPath,
      keystone.HealthCheckTimeoutSeconds, keystone.Matcher.HttpCode,
    })
  end)

  it("sizes servers and disks by prod", function()
    local function server(name, host)
      local s = find(programs[name], "compute/EC2.Instance." .. host)
      local root = s.BlockDeviceMappings[1].Ebs
      return ("%s %s %d %d"):format(s.InstanceType, root.VolumeType, root.VolumeSize, root.Iops)
    end
    assert.equal("c5.2xlarge gp3 100 6000", server("prod", "frontend-server-1"))
    assert.equal("c5.4xlarge gp3 100 6000", server("prod-ha", "backend-server-2"))
    assert.equal("t2.medium gp3 50 3000", server("dev", "keystone01"))
    assert.equal("t2.2xlarge gp3 50 3000", server("staging", "backend-server-1"))
  end)

  it("gives the database the design's figures and a class that exists", function()
    local prod = find(programs["prod-ha"], "database/RDS.DBInstance.main")
    assert.same({ "prod-ha-db", "db.m6i.4xlarge", "8.0.42", "50", 1000, true, 30, 60 }, {
      prod.DBInstanceIdentifier, prod.DBInstanceClass, prod.EngineVersion, prod.AllocatedStorage,
      prod.MaxAllocatedStorage, prod.MultiAZ, prod.BackupRetentionPeriod, prod.MonitoringInterval,
    })
    assert.same({ "03:00-04:00", "sun:04:00-sun:05:00" },
      { prod.PreferredBackupWindow, prod.PreferredMaintenanceWindow })
    local dev = find(programs.dev, "database/RDS.DBInstance.main")
    assert.same({ "db.t3.2xlarge", false, 7 },
      { dev.DBInstanceClass, dev.MultiAZ, dev.BackupRetentionPeriod })
  end)

  it("names every record that configuration files use", function()
    local p = programs["dev-ha"]
    local function record(name)
      local r = find(p, "dns/Route53.RecordSet." .. name)
      return r and ("%s %s %s"):format(r.Name, r.Type, r.TTL)
    end
    for _, host in ipairs { "frontend-server-1", "backend-server-1", "keystone01", "rabbitmq-server-1" } do
      assert.equal(host .. ".dev-ha.cso.ss A 300", record(host))
    end
    for _, alias in ipairs { "api", "portal", "identity", "mq", "mysql" } do
      assert.equal(alias .. ".dev-ha.cso.ss CNAME 300", record(alias))
    end
    local portal = find(p, "dns/Route53.RecordSet.portal")
    assert.same({ "frontend-server-1.dev-ha.cso.ss" }, portal.ResourceRecords)
  end)

  it("keeps names within AWS's limits", function()
    local limits = {
      ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = { "Name", 32 },
      ["AWS::ElasticLoadBalancingV2::TargetGroup"] = { "Name", 32 },
      ["AWS::IAM::Role"] = { "RoleName", 64 },
      ["AWS::S3::Bucket"] = { "BucketName", 63 },
    }
    local longest = helper.load("prod-ha", { sets = { "name=a123456789012345" } })
    for _, decl in ipairs(longest.declarations) do
      local limit = limits[decl.type]
      local name = limit and decl.properties[limit[1]]
      if name then assert.is_true(#name <= limit[2], decl.address .. ": " .. name) end
    end
  end)

  it("has no password in any declaration", function()
    local function look(v, address)
      if type(v) == "string" then
        assert.is_nil(v:match("Pass123"), address)
      elseif type(v) == "table" and not helper.is_ref(v) then
        for _, inner in pairs(v) do look(inner, address) end
      end
    end
    for _, decl in ipairs(programs["prod-ha"].declarations) do look(decl.properties, decl.address) end
  end)

  it("keeps user data within EC2's 16 KiB", function()
    for _, decl in ipairs(programs["prod-ha"].declarations) do
      if decl.type == "AWS::EC2::Instance" then
        local encoded = helper.resolve(decl.properties.UserData)
        assert.is_true(#encoded * 3 // 4 < 16384, decl.address)
      end
    end
  end)

  it("declares only what csorun's own kinds cover", function()
    local kinds = require "cso.kind"
    for _, name in ipairs(helper.environments) do
      for _, decl in ipairs(programs[name].declarations) do
        if decl.form == "resource" then
          assert.equal(kinds.native(decl.type), (kinds.of(decl.type, decl.properties)),
            name .. ": " .. decl.address)
        end
      end
    end
  end)
end)
