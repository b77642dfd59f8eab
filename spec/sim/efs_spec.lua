local support = require "spec.sim.support"

describe("EFS", function()
  local sim, fs, subnet, group
  local signed = { efs = "elasticfilesystem" }

  local function efs(method, path, params) return sim:rest(signed.efs, method, "/2015-02-01/" .. path, params) end

  local function state(kind, path) return efs("GET", path)[kind][1].LifeCycleState end

  before_each(function()
    sim = support.world { latency = "realistic" }
    local vpc = sim:ec2("CreateVpc", { CidrBlock = "10.0.0.0/16" }).vpc.vpcId
    subnet = sim:ec2("CreateSubnet", { VpcId = vpc, CidrBlock = "10.0.1.0/28" }).subnet.subnetId
    group = sim:ec2("CreateSecurityGroup", { GroupName = "g", GroupDescription = "g", VpcId = vpc }).groupId
    fs = assert(efs("POST", "file-systems", { CreationToken = "one" })).FileSystemId
  end)

  it("takes mount targets once the file system is available", function()
    local params = { FileSystemId = fs, SubnetId = subnet, SecurityGroups = { group } }
    local _, code = efs("POST", "mount-targets", params)
    assert.equal("IncorrectFileSystemLifeCycleState", code)
    sim.time = sim.time + 9
    assert(efs("POST", "mount-targets", params))
    assert.equal("creating", state("MountTargets", "mount-targets?FileSystemId=" .. fs))
    sim.time = sim.time + 81
    assert.equal("available", state("MountTargets", "mount-targets?FileSystemId=" .. fs))
    _, code = efs("POST", "mount-targets", params)
    assert.equal("MountTargetConflict", code)
  end)

  it("names the file system that a token has made already", function()
    local _, code, _, body = efs("POST", "file-systems", { CreationToken = "one" })
    assert.equal("FileSystemAlreadyExists", code)
    assert.equal(fs, body.FileSystemId)
  end)

  it("holds subnet and group until the mount target is gone, and the file system too", function()
    sim.time = sim.time + 9
    local id = assert(efs("POST", "mount-targets", { FileSystemId = fs, SubnetId = subnet,
      SecurityGroups = { group } })).MountTargetId
    sim.time = sim.time + 81
    assert(efs("DELETE", "mount-targets/" .. id))
    sim:refused("DependencyViolation", "DeleteSubnet", { SubnetId = subnet })
    sim:refused("DependencyViolation", "DeleteSecurityGroup", { GroupId = group })
    local _, code = efs("DELETE", "file-systems/" .. fs)
    assert.equal("FileSystemInUse", code)
    sim.time = sim.time + 21
    assert(sim:ec2("DeleteSubnet", { SubnetId = subnet }))
    assert(sim:ec2("DeleteSecurityGroup", { GroupId = group }))
    assert(efs("DELETE", "file-systems/" .. fs))
    assert.equal("deleting", state("FileSystems", "file-systems?FileSystemId=" .. fs))
    sim.time = sim.time + 9
    _, code = efs("GET", "file-systems?FileSystemId=" .. fs)
    assert.equal("FileSystemNotFound", code)
  end)
end)
