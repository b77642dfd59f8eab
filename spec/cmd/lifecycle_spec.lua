-- What a declaration says of its life, at the edges: ignored parts, replacements beside the old, moves and
-- forgetting, against the simulated account.
local shell = require "spec.cmd.shell_line"

local HEAD = 'local cso = require "cso"\nlocal EC2 = cso.aws.EC2\ncso.stack { name = "spec" }\n'

describe("a declaration", function()
  local dir

  local function csorun(words)
    local text, status = shell("$B/csorun --sim " .. words, dir)
    return status, text
  end

  local function write(text, name)
    local file = assert(io.open(dir .. "/" .. (name or "p.lua"), "w"))
    file:write((name and "" or HEAD) .. text)
    file:close()
  end

  local function expect(status, words, ...)
    local got, text = csorun(words)
    assert.equal(status, got, words .. "\n" .. text)
    for _, pattern in ipairs { ... } do assert.match(pattern, text) end
    return text
  end

  before_each(function()
    local pipe = assert(io.popen "mktemp -d")
    dir = pipe:read "l"
    pipe:close()
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  local function tag(id, key, v)
    expect(0, ("exec ec2.CreateTags Resources=%s 'Tags.0.Key=%s' Tags.0.Value=%s"):format(id, key, v))
  end

  local function tags_of(id)
    return expect(0, ("exec ec2.DescribeVpcs VpcIds=%s --json --query 'Vpcs[0].Tags'"):format(id))
  end

  it("leaves to others what a glob ignores, and does not take it away when something else changes", function()
    local text = 'EC2.VPC("v", { ignore = { "Tags.kubernetes.io/*", "Enable*" } }) { CidrBlock = "10.0.0.0/16",\n'
      .. '  EnableDnsHostnames = true, Tags = { Team = "a" } }\n'
    write(text)
    expect(0, "apply p.lua -y")
    local id = expect(0, "state show EC2.VPC.v"):match "vpc%-%x%x%x%x+"
    tag(id, "kubernetes.io/cluster", "owned")
    expect(0, "exec ec2.ModifyVpcAttribute EnableDnsHostnames.Value=false VpcId=" .. id)
    expect(0, "plan p.lua --detailed-exitcode")
    expect(0, "drift")
    write((text:gsub('Team = "a"', 'Team = "b"')))
    local plan = expect(2, "plan p.lua --detailed-exitcode", "1 to update")
    assert.is_nil(plan:find("EnableDns", 1, true))
    expect(0, "apply p.lua -y")
    assert.match("kubernetes", tags_of(id))
    assert.match('"b"', tags_of(id))
    tag(id, "Other", "x")
    expect(2, "plan p.lua --detailed-exitcode", "Other")
    expect(0, "apply p.lua -y")
    assert.is_nil(tags_of(id):find("Other", 1, true))
    assert.match("kubernetes", tags_of(id))
    -- No longer ignored, it is a difference again.
    write((text:gsub(", { ignore = .- } }%)", ""):gsub("EC2.VPC%(", "EC2.VPC "):gsub('Team = "a"', 'Team = "b"')))
    expect(2, "plan p.lua --detailed-exitcode", "kubernetes")
  end)

  it("can't be made beside the old one under the same name", function()
    local text = 'cso.aws.IAM.Role("r", { replace = "create_first" }) { RoleName = "fixed", Path = "/a/",\n'
      .. '  AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = "sts:AssumeRole",\n'
      .. '  Principal = { Service = "ec2.amazonaws.com" } } } } }\n'
    write(text)
    expect(0, "apply p.lua -y")
    write((text:gsub('"/a/"', '"/b/"')))
    expect(3, "plan p.lua", "can't be made before the old one goes", "RoleName is declared", "p%.lua:4", "delete_first")
    write((text:gsub('"/a/"', '"/b/"'):gsub('RoleName = "fixed", ', "")))
    expect(0, "apply p.lua -y", "1 replaced in")
    write((text:gsub('"/a/"', '"/c/"'):gsub('RoleName = "fixed", ', "")))
    expect(0, "apply p.lua -y", "1 replaced")
  end)

  it("moves into a module and out of it, along a chain, without a change", function()
    write('local cso = require "cso"\nreturn cso.module { inputs = {}, build = function()\n'
      .. '  return { vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" } }\nend }\n', "net.lua")
    write 'EC2.VPC "one" { CidrBlock = "10.0.0.0/16" }\n'
    expect(0, "apply p.lua -y")
    write('cso.use "net" {}\ncso.moved { from = "EC2.VPC.one", to = "EC2.VPC.two" }\n'
      .. 'cso.moved { from = "EC2.VPC.two", to = "net/EC2.VPC.main" }\n')
    expect(2, "plan p.lua --detailed-exitcode", "2 moved, nothing else")
    expect(0, "apply p.lua -y")
    expect(0, "state list", "net/EC2%.VPC%.main")
    expect(0, "plan p.lua --detailed-exitcode")
    write('EC2.VPC "back" { CidrBlock = "10.0.0.0/16" }\ncso.moved { from = "net/EC2.VPC.main", to = "EC2.VPC.back" }\n')
    expect(0, "apply p.lua -y")
    expect(0, "plan p.lua --detailed-exitcode")
  end)

  it("is not moved in a circle, to two places, or onto what is there", function()
    write 'EC2.VPC "one" { CidrBlock = "10.0.0.0/16" }\nEC2.VPC "two" { CidrBlock = "10.1.0.0/16" }\n'
    expect(0, "apply p.lua -y")
    write('EC2.VPC "x" { CidrBlock = "10.0.0.0/16" }\ncso.moved { from = "EC2.VPC.one", to = "EC2.VPC.two" }\n'
      .. 'cso.moved { from = "EC2.VPC.two", to = "EC2.VPC.one" }\n')
    expect(3, "plan p.lua", "p%.lua:%d", "in a circle")
    write('EC2.VPC "two" { CidrBlock = "10.1.0.0/16" }\ncso.moved { from = "EC2.VPC.one", to = "EC2.VPC.two" }\n')
    expect(3, "plan p.lua", "EC2%.VPC%.two")
    write('EC2.VPC "a" { CidrBlock = "10.0.0.0/16" }\nEC2.VPC "b" { CidrBlock = "10.1.0.0/16" }\n'
      .. 'cso.moved { from = "EC2.VPC.one", to = "EC2.VPC.a" }\ncso.moved { from = "EC2.VPC.one", to = "EC2.VPC.b" }\n')
    expect(3, "plan p.lua", "EC2%.VPC%.one")
    write('EC2.VPC "a" { CidrBlock = "10.0.0.0/16" }\n'
      .. 'cso.moved { from = "EC2.VPC.one", to = "EC2.VPC.a" }\ncso.moved { from = "EC2.VPC.two", to = "EC2.VPC.a" }\n')
    expect(3, "plan p.lua", "EC2%.VPC%.a")
    expect(0, "state list", "EC2%.VPC%.one", "EC2%.VPC%.two")
  end)

  it("is forgotten even when it is protected: nothing of it is lost", function()
    write 'EC2.VPC("one", { protect = true }) { CidrBlock = "10.0.0.0/16" }\n'
    expect(0, "apply p.lua -y")
    write 'cso.forget { "EC2.VPC.one" }\n'
    expect(0, "apply p.lua -y", "1 forgotten")
    expect(0, "exec ec2.DescribeVpcs --query 'Vpcs[].CidrBlock' --json", "10%.0%.0%.0")
  end)

  it("is kept with retain when its line goes, and its whole stack with it", function()
    write 'EC2.VPC("one", { retain = true }) { CidrBlock = "10.0.0.0/16" }\nEC2.VPC "two" { CidrBlock = "10.1.0.0/16" }\n'
    expect(0, "apply p.lua -y")
    expect(0, "destroy p.lua -y")
    local text = expect(0, "exec ec2.DescribeVpcs --query 'Vpcs[].CidrBlock' --json", "10%.0%.0%.0")
    assert.is_nil(text:find("10.1.0.0", 1, true))
  end)

  it("gives up a moment after its timeout, and says where", function()
    write('cso.aws.RDS.DBSubnetGroup "g" { DBSubnetGroupDescription = "g", SubnetIds = { EC2.Subnet "a" { VpcId = EC2.VPC "v" {\n'
      .. '  CidrBlock = "10.0.0.0/16" }, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" } } }\n')
    expect(0, "plan p.lua")
    write 'EC2.VPC("v", { timeouts = { create = "soon" } }) { CidrBlock = "10.0.0.0/16" }\n'
    expect(3, "plan p.lua", "timeouts", "create")
  end)

  it("tells a mistake in a condition or a step as the playbook's, with its line", function()
    write 'EC2.VPC("v", { pre = { ["it is big"] = function(r) return r.Nope.x end } }) { CidrBlock = "10.0.0.0/16" }\n'
    local text = expect(3, "plan p.lua", "precondition of EC2%.VPC%.v can't be asked: it is big: attempt to index a nil value",
      "at p%.lua:%d+")
    assert.is_nil(text:find("internal", 1, true))
    write 'cso.step "s" { run = function()\n  local t\n  return t.x\nend }\n'
    text = select(2, csorun "apply p.lua -y")
    assert.match("error step%.s: attempt to index a nil value %(local 't'%) %[lua%]", text)
    assert.is_nil(text:find("internal", 1, true))
  end)

  it("gives up deleting after the timeout that was declared, with its line or without", function()
    local OTHER = 'EC2.VPC "other" { CidrBlock = "10.9.0.0/16" }\n'
    write('EC2.VPC("v", { timeouts = { delete = "4s" } }) { CidrBlock = "10.0.0.0/16" }\n' .. OTHER)
    expect(0, "apply p.lua -y")
    local id = expect(0, "state show EC2.VPC.v --json"):match "vpc%-%x%x%x%x%x%x+"
    expect(0, "exec ec2.CreateSubnet CidrBlock=10.0.1.0/24 VpcId=" .. id)
    local text = expect(7, "destroy p.lua -y", "still waiting for what still uses it after [45]", "DependencyViolation")
    assert.match("the same command goes on from there", text)
    write(OTHER)
    expect(7, "apply p.lua -y", "still waiting for what still uses it after [45]")
  end)
end)
