-- Addresses that change and things that are let go, against the simulated account.
local folder = require "spec.cmd.folder"

local HEAD = 'local cso = require "cso"\nlocal EC2 = cso.aws.EC2\ncso.stack { name = "spec" }\n'
local VPC = 'local vpc = EC2.VPC "%s" { CidrBlock = "10.0.0.0/16" }\n'
local SUBNET = 'EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24" }\n'

describe("an address", function()
  local place = folder "--sim"
  local csorun = place.csorun

  local function write(text)
    local file = assert(io.open(place.dir .. "/p.lua", "w"))
    file:write(HEAD .. text)
    file:close()
  end

  before_each(function()
    place.open()
    write(VPC:format "one" .. SUBNET)
    assert.equal(0, (csorun "apply p.lua -y"))
  end)

  after_each(place.close)

  it("is moved with its module, and what has a line of its own by that", function()
    local module = 'cso.use(cso.module { inputs = {}, build = function()\n' .. VPC:format "one" .. SUBNET
      .. 'EC2.InternetGateway "%s" {}\nreturn {} end }, "%s") {}\n'
    write(module:format("gate", "net"))
    assert.equal(0, (csorun "apply p.lua -y"))
    write(module:format("door", "base") .. 'cso.moved { from = "net/", to = "base/" }\n'
      .. 'cso.moved { from = "net/EC2.InternetGateway.gate", to = "base/EC2.InternetGateway.door" }\n')
    local status, text = csorun "apply p.lua -y"
    assert.equal(0, status, text)
    assert.match("3 moved, nothing else", text)
    local list = select(2, csorun "state list")
    assert.match("base/EC2%.Subnet%.a", list)
    assert.match("base/EC2%.InternetGateway%.door", list)
    assert.is_nil(list:find("net/", 1, true))
    assert.equal(0, (csorun "plan p.lua --detailed-exitcode"))
    write(module:format("door", "base") .. 'cso.moved { from = "base", to = "net/" }\n')
    status, text = csorun "plan p.lua"
    assert.equal(3, status, text)
    assert.match("are not both modules", text)
  end)

  it("is moved by the playbook: nothing is made or deleted, and the line may stay", function()
    write(VPC:format "two" .. SUBNET .. 'cso.moved { from = "EC2.VPC.one", to = "EC2.VPC.two" }\n')
    local status, text = csorun "plan p.lua --detailed-exitcode"
    assert.equal(2, status, text)
    assert.match("EC2%.VPC%.two  is what was EC2%.VPC%.one", text)
    assert.match("1 moved, nothing else", text)
    assert.match("EC2%.VPC%.one", (select(2, csorun "state list")))
    assert.equal(0, (csorun "plan p.lua --out x.json"))
    status, text = csorun "apply x.json"
    assert.equal(0, status, text)
    assert.match("EC2%.VPC%.two", (select(2, csorun "state list")))
    assert.match("EC2%.VPC%.two", (select(2, csorun "state show EC2.Subnet.a")))
    assert.equal(0, (csorun "plan p.lua --detailed-exitcode"))
  end)

  it("is told among the calls when it is moved: the thing is tagged anew", function()
    write((VPC:format "two"):gsub("} *\n", ", EnableDnsSupport = false }\n") .. SUBNET
      .. 'cso.moved { from = "EC2.VPC.one", to = "EC2.VPC.two" }\n')
    local status, text = csorun "plan p.lua --calls"
    assert.equal(0, status, text)
    assert.match("EC2%.VPC%.two  ec2%.CreateTags\n  EC2%.VPC%.two  ec2%.ModifyVpcAttribute\n\n", text)
    assert.equal(0, (csorun "apply p.lua -y"))
    text = select(2, csorun "history show last")
    assert.match("%.CreateTags.-%.ModifyVpcAttribute", text)
    -- What became false did not become the default.
    assert.match("EnableDnsSupport: true → false", text)
  end)

  it("is moved by a command", function()
    assert.equal(0, (csorun "state mv EC2.VPC.one EC2.VPC.two"))
    write(VPC:format "two" .. SUBNET)
    local status, text = csorun "plan p.lua --detailed-exitcode"
    assert.equal(0, status, text)
    status, text = csorun "state mv EC2.VPC.tow EC2.VPC.three"
    assert.equal(3, status)
    assert.match("did you mean EC2%.VPC%.two", text)
    status, text = csorun "state mv EC2.VPC.two EC2.VPC.two"
    assert.equal(3, status)
    assert.match("the state has both", text)
    assert.match("state mv", (select(2, csorun "history")))
  end)

  it("is moved to where it could be declared, and nowhere else", function()
    for _, to in ipairs { "nonsense", "EC2.VPC.", "'EC2.VPC.a b'", "'EC2.VPC.*'", "EC2.Subnet.b", "a.b/EC2.VPC.one",
      "/EC2.VPC.one",
      "EC2.VPC." .. ("n"):rep(250) } do
      local status, text = csorun("state mv EC2.VPC.one " .. to)
      assert.equal(3, status, to .. text)
      assert.match("nothing could be declared there", text)
    end
    assert.equal(0, (csorun "state mv EC2.VPC.one net/in/EC2.VPC.a.b"))
    local status, text = csorun "state rm 'net/*'"
    assert.equal(0, status, text)
    assert.match("net/in/EC2%.VPC%.a%.b is forgotten", text)
    assert.equal(3, (csorun "state rm 'net/*'"))
  end)

  it("is not mistaken for what is made at its old address", function()
    assert.equal(0, (csorun "state mv EC2.VPC.one EC2.VPC.two"))
    write(VPC:format "two" .. SUBNET .. 'EC2.VPC "one" { CidrBlock = "10.1.0.0/16" }\n')
    assert.equal(0, (csorun "apply p.lua -y"))
    local _, text = csorun "exec ec2.DescribeVpcs --query 'Vpcs[].CidrBlock' --json"
    assert.match("10%.0%.0%.0", text)
    assert.match("10%.1%.0%.0", text)
  end)

  it("is moved only when that makes sense", function()
    local function refused(line)
      write(VPC:format "two" .. line)
      local status, text = csorun "plan p.lua"
      assert.equal(3, status, text)
      assert.match("p%.lua:5", text)
      return text
    end
    assert.match("did you mean EC2%.VPC%.two", refused 'cso.moved { from = "EC2.VPC.one", to = "EC2.VPC.tow" }')
    assert.match("and is declared", refused 'cso.moved { from = "EC2.VPC.two", to = "EC2.VPC.one" }')
    assert.match("no field too", refused 'cso.moved { from = "EC2.VPC.one", too = "EC2.VPC.two" }')
    assert.match("and is declared", refused 'cso.forget { "EC2.VPC.two" }')
  end)

  it("is forgotten: the thing stays in the account", function()
    write('cso.forget { "EC2.Subnet.a" }\n' .. VPC:format "one")
    local status, text = csorun "apply p.lua -y"
    assert.equal(0, status, text)
    assert.match("p%.lua:4 says to forget it", text)
    assert.match("1 forgotten", text)
    assert.is_nil((select(2, csorun "state list")):find("Subnet", 1, true))
    assert.match("10%.0%.1%.0", (select(2, csorun "exec ec2.DescribeSubnets --query 'Subnets[].CidrBlock' --json")))
    assert.equal(0, (csorun "plan p.lua --detailed-exitcode"))
  end)
end)
