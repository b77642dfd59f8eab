-- The commands as a user runs them, against the simulated account.
local json = require "cso.std.json"
local shell = require "spec.cmd.shell_line"

local PLAYBOOK = [[
local cso = require "cso"
local env = cso.env { cidr = cso.t.cidr { default = "10.0.0.0/16" }, hosts = cso.t.boolean { default = true } }
cso.stack { name = "spec", tags = { Team = "a" } }
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "main" { CidrBlock = env.cidr, EnableDnsSupport = true, EnableDnsHostnames = env.hosts }
EC2.Subnet "a" { VpcId = vpc, CidrBlock = cso.cidr.subnet(env.cidr, 8, 1) }
cso.output { vpc = vpc.VpcId, zone = "zone " .. vpc.VpcId }
]]

describe("csorun on the simulated account", function()
  local dir

  local function csorun(words)
    local text, status = shell("$B/csorun --sim " .. words, dir)
    return status, text
  end

  setup(function()
    local pipe = assert(io.popen "mktemp -d")
    dir = pipe:read("l")
    pipe:close()
    local file = assert(io.open(dir .. "/p.lua", "w"))
    file:write(PLAYBOOK)
    file:close()
  end)

  teardown(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  it("plans, and a plan leaves nothing behind", function()
    local status, text = csorun "plan p.lua --detailed-exitcode"
    assert.equal(2, status, text)
    assert.match("Plan: 2 to create%.", text)
    assert.match("VpcId: %(known after apply: EC2%.VPC%.main%.VpcId%)", text)
    assert.is_nil(io.open(dir .. "/.cso/sim-spec.db"))
  end)

  it("asks nobody when nobody is there", function()
    local status, text = csorun "p.lua </dev/null"
    assert.equal(3, status)
    assert.match("auto%-approve", text)
  end)

  it("applies, and then there is nothing to do", function()
    local status, text = csorun "p.lua -y"
    assert.equal(0, status, text)
    assert.match("Applied: 2 created", text)
    status, text = csorun "plan p.lua --detailed-exitcode"
    assert.equal(0, status, text)
    assert.match("No changes%.", text)
  end)

  it("shows what it remembers", function()
    local _, text = csorun "output vpc --raw"
    local id = text:match("^(vpc%-%x+)\n$")
    assert.is_string(id, text)
    assert.equal("zone " .. id, json.decode((select(2, csorun "output --json"))).zone)
    local _, list = csorun "state list"
    assert.match("EC2%.VPC%.main +AWS::EC2::VPC +" .. id:gsub("%-", "%%-"), list)
    local _, one = csorun "state show EC2.VPC.main"
    assert.match('CidrBlock: "10%.0%.0%.0/16"', one)
    local status, wrong = csorun "state show EC2.VPC.mian"
    assert.equal(3, status)
    assert.match("did you mean EC2%.VPC%.main%?", wrong)
  end)

  it("calls any operation", function()
    local status, text = csorun "exec ec2.DescribeVpcs --query 'Vpcs[].CidrBlock' --json"
    assert.equal(0, status, text)
    assert.same({ "10.0.0.0/16" }, json.decode(text))
    status, text = csorun "exec ec2.DescribeVpcs VpcIds=vpc-00000000"
    assert.equal(1, status)
    assert.match("InvalidVpcID%.NotFound", text)
    status, text = csorun "exec ec2.DescribeVpcs MaxResults=5 --dry-run"
    assert.equal(0, status)
    assert.match("Action=DescribeVpcs.*MaxResults=5", text)
    assert.is_nil(text:find("Signature=", 1, true))
  end)

  it("shows one change as one change", function()
    local status, text = csorun "plan p.lua --set hosts=false --detailed-exitcode"
    assert.equal(2, status)
    assert.match("EnableDnsHostnames: true → false", text)
    assert.match("Plan: 1 to update, 1 unchanged%.", text)
  end)

  it("tells every event as JSON", function()
    local status, text = csorun "apply p.lua --json -y --set hosts=false"
    assert.equal(0, status, text)
    local seen = {}
    for line in text:gmatch("[^\n]+") do
      local event = assert(json.decode(line), line)
      seen[event.type] = event
    end
    assert.equal("update", seen.planned.action)
    assert.equal("EC2.VPC.main", seen.step_done.address)
    assert.equal(1, seen.apply_done.counts.update)
    assert.is_string(seen.outputs.values.vpc)
  end)

  it("talks Lua through a pipe", function()
    local text, status = shell([[printf '%s\n' 'ec2 = cso.api.ec2 {}' 'for v in ec2:each("DescribeVpcs", {}) do' \
      '  print(v.CidrBlock)' 'end' '1 + 1' | $B/csorun --sim]], dir)
    assert.equal("10.0.0.0/16\n2\n", text)
    assert.equal(0, status)
    text, status = shell("echo 'error(\"boom\")' | $B/csorun --sim", dir)
    assert.equal(1, status)
    assert.equal("error: boom\n", text)
  end)

  it("draws the graph", function()
    local _, text = csorun "graph p.lua"
    assert.match('"EC2%.Subnet%.a" %-> "EC2%.VPC%.main"', text)
    assert.match("^flowchart", (select(2, csorun "graph p.lua --format mermaid")))
  end)

  describe("when interrupted", function()
    local SLOW = [[
local cso = require "cso"
cso.stack { name = "slow" }
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "main" { CidrBlock = "10.1.0.0/16", EnableDnsSupport = true, EnableDnsHostnames = true }
local subnet = EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.1.1.0/24" }
local endpoint = EC2.VPCEndpoint "ssm" { VpcId = vpc, VpcEndpointType = "Interface", SubnetIds = { subnet },
  ServiceName = "com.amazonaws.eu-west-2.ssm" }
EC2.Subnet("b", { after = { endpoint } }) { VpcId = vpc, CidrBlock = "10.1.2.0/24" }
]]

    -- Applies until the endpoint is being made, then sends the signals.
    local function interrupt(signals)
      return shell(([[$B/csorun --sim-speed 40 slow.lua -y >out 2>&1 & p=$!
        until grep -q "Subnet.a created" out || ! kill -0 $p; do sleep 0.02; done
        for s in %s; do kill -$s $p; sleep 0.1; done
        wait $p; code=$?; cat out; rm out; (exit $code)]]):format(signals), dir)
    end

    setup(function()
      local file = assert(io.open(dir .. "/slow.lua", "w"))
      file:write(SLOW)
      file:close()
    end)

    it("once, it finishes what is in flight, starts nothing new, and goes on later", function()
      local text, status = interrupt "INT"
      assert.equal(130, status, text)
      assert.match("VPCEndpoint%.ssm created", text)
      assert.match("Interrupted: 3 created", text)
      local _, again = csorun "--sim-speed 40 slow.lua -y"
      assert.match("Applied: 1 created", again)
      assert.equal(0, (csorun "plan slow.lua --detailed-exitcode"))
      assert.equal(0, (csorun "--sim-speed 40 destroy slow.lua -y"))
    end)

    it("twice, it ends at once, and the next run loses and doubles nothing", function()
      local text, status = interrupt "INT TERM"
      assert.equal(130, status, text)
      assert.match("Stopped at once", text)
      status, text = csorun "--sim-speed 40 slow.lua -y"
      assert.equal(0, status, text)
      assert.equal(0, (csorun "plan slow.lua --detailed-exitcode"))
      local _, ids = csorun [[exec ec2.DescribeVpcEndpoints --json --query "length(VpcEndpoints)"]]
      assert.equal("1\n", ids)
      assert.equal(0, (csorun "--sim-speed 40 destroy slow.lua -y"))
    end)
  end)

  it("destroys everything and knows nothing afterwards", function()
    local status, text = csorun "destroy p.lua -y"
    assert.equal(0, status, text)
    assert.match("Destroyed: 2 deleted", text)
    assert.equal("ADDRESS  TYPE  ID\n", (select(2, csorun "state list --stack spec")))
    assert.equal("", (select(2, csorun "exec ec2.DescribeVpcs --query 'Vpcs[]'"))
      :gsub("%[%]\n", ""))
  end)

  it("starts anew when told to", function()
    assert.equal(0, (csorun "p.lua -y"))
    local status, text = csorun "plan p.lua --sim-fresh"
    assert.equal(0, status)
    assert.match("2 to create", text)
  end)
end)
