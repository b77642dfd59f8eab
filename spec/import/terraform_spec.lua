-- Terraform's state as the source of an import: what it names, what it does not, what is wrong with it; and a
-- whole state against the simulated account.
local catalogue = require "cso.std.catalogue"
local json = require "cso.std.json"
local kinds = require "cso.kind"
local shell = require "spec.cmd.shell_line"
local state = require "cso.import.terraform.state"
local types = require "cso.import.terraform.types"

local AWS = 'provider["registry.terraform.io/hashicorp/aws"]'

local function text_of(resources, more)
  local tree = { version = 4, serial = 1, lineage = "x", resources = json.array(resources) }
  for k, v in pairs(more or {}) do tree[k] = v end
  return json.encode(tree)
end

local function resource(fields, ...)
  local out = { mode = "managed", provider = AWS, instances = json.array {} }
  for k, v in pairs(fields) do out[k] = v end
  for i, one in ipairs { ... } do
    out.instances[i] = { schema_version = 0, index_key = one[1], attributes = one[2], deposed = one.deposed }
  end
  return out
end

describe("a Terraform state", function()
  it("names things by module, count and for_each", function()
    local things = assert(state.read("t", text_of {
      resource({ type = "aws_subnet", name = "private" }, { 0, { id = "subnet-1" } }, { 1, { id = "subnet-2" } }),
      resource({ type = "aws_subnet", name = "this", module = 'module.net["blue"]' }, { "a", { id = "subnet-3" } }),
      resource({ type = "aws_vpc", name = "main" }, { nil, { id = "vpc-1", arn = "arn:aws:ec2:eu-west-1:1:vpc/vpc-1" } }),
      resource({ type = "aws_vpc", name = "v6", mode = "managed" }, { nil, { id = "vpc-2", region = "us-east-1" } }),
      resource({ type = "aws_ami", name = "found", mode = "data" }, { nil, { id = "ami-1" } }),
    }))
    local got = {}
    for i, t in ipairs(things) do got[i] = ("%s %s %s %s %s"):format(t.address, t.name, t.type, t.id, t.region or "-") end
    assert.same({
      "aws_subnet.private[0] private-0 AWS::EC2::Subnet subnet-1 -",
      "aws_subnet.private[1] private-1 AWS::EC2::Subnet subnet-2 -",
      "aws_vpc.main main AWS::EC2::VPC vpc-1 eu-west-1",
      "aws_vpc.v6 v6 AWS::EC2::VPC vpc-2 us-east-1",
      'module.net["blue"].aws_subnet.this["a"] net-blue-a AWS::EC2::Subnet subnet-3 -',
    }, got)
  end)

  it("says why something can't be imported", function()
    local things = assert(state.read("t", text_of {
      resource({ type = "aws_iam_access_key", name = "k" }, { nil, { id = "AKIA", secret = "s3cret" } }),
      resource({ type = "aws_strange_thing", name = "k" }, { nil, { id = "1" } }),
      resource({ type = "random_password", name = "k", provider = 'provider["registry.terraform.io/hashicorp/random"]' },
        { nil, { result = "s3cret" } }),
      resource({ type = "aws_vpc", name = "old" }, { nil, { id = "vpc-1" }, deposed = "0123" }),
      resource({ type = "aws_route", name = "r" }, { nil, { route_table_id = "rtb-1" } }),
    }))
    local got = {}
    for _, t in ipairs(things) do
      assert.is_nil(t.type)
      got[t.address] = t.reason
    end
    assert.match("shows once", got["aws_iam_access_key.k"])
    assert.match("does not know", got["aws_strange_thing.k"])
    assert.match("not of the AWS provider", got["random_password.k"])
    assert.match("about to delete", got["aws_vpc.old"])
    assert.match("says no destination_cidr_block", got["aws_route.r"])
    assert.is_nil(json.encode(things):find("s3cret", 1, true))
  end)

  it("is refused when it is no state, with what to do", function()
    local function refused(text, pattern, hint)
      local things, e = state.read("x.tfstate", text)
      assert.is_nil(things)
      assert.match(pattern, e.message)
      assert.equal("usage", e.class)
      if hint then assert.match(hint, e.hint) end
    end
    refused("", "empty")
    refused("{", "no Terraform state", "terraform state pull")
    refused("[1]", "no version")
    refused("3", "no JSON object")
    refused('{"version":3,"modules":[]}', "format 3", "0%.12")
    refused('{"version":9,"resources":[]}', "format 9")
    refused('{"version":4}', "no list of resources")
    refused('{"serial":1,"encrypted_data":"AAAA","encryption_version":"v0","meta":{}}', "encrypted", "tofu state pull")
    refused('{"format_version":"1.0","values":{}}', "terraform show", "terraform state pull")
    refused('{"version":4,"resources":[{"mode":"managed","type":7}]}', "resource 1")
    refused('{"version":4,"resources":[7]}', "resource 1")
    assert.same({}, state.read("t", text_of {}))
  end)

  it("is never more than data: odd shapes are skipped, not followed", function()
    for _, instances in ipairs { { 7 }, { { attributes = "x" } }, { { attributes = { id = {} } } }, { {} } } do
      local things = assert(state.read("t", text_of { { mode = "managed", type = "aws_vpc", name = "v", provider = AWS,
        instances = json.array(instances) } }))
      assert.equal(1, #things)
      assert.is_string(things[1].reason)
    end
  end)
end)

describe("the table of Terraform's types", function()
  it("names types that exist, with ids of as many parts", function()
    local n = 0
    for name, rule in pairs(types) do
      n = n + 1
      assert.match("^aws_", name)
      if rule.type then
        local T = assert(catalogue.type(rule.type), name .. ": " .. rule.type)
        local _, bars = rule.id:gsub("|", "")
        -- Kinds of our own have ids of their own form.
        if not kinds.native(rule.type) then assert.equal(#T.id, bars + 1, name) end
      end
    end
    assert.is_true(n >= 150)
  end)
end)

describe("csorun import --from", function()
  local dir

  local function csorun(words)
    local text, status = shell("$B/csorun --sim " .. words, dir)
    return status, text
  end

  local function made(words)
    local status, text = csorun("exec " .. words .. " --json")
    assert.equal(0, status, text)
    return (text:gsub('[%s"]', ""))
  end

  before_each(function()
    local pipe = assert(io.popen "mktemp -d")
    dir = pipe:read "l"
    pipe:close()
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  it("writes what the account has, leaves secrets where they are, and plans nothing", function()
    local vpc = made "ec2.CreateVpc CidrBlock=10.0.0.0/16 --query Vpc.VpcId"
    local a = made("ec2.CreateSubnet CidrBlock=10.0.1.0/24 --query Subnet.SubnetId VpcId=" .. vpc)
    local b = made("ec2.CreateSubnet CidrBlock=10.0.2.0/24 --query Subnet.SubnetId VpcId=" .. vpc)
    local igw = made "ec2.CreateInternetGateway --query InternetGateway.InternetGatewayId"
    made(("ec2.AttachInternetGateway InternetGatewayId=%s VpcId=%s"):format(igw, vpc))
    local rtb = made("ec2.CreateRouteTable --query RouteTable.RouteTableId VpcId=" .. vpc)
    made(("ec2.CreateRoute RouteTableId=%s DestinationCidrBlock=0.0.0.0/0 GatewayId=%s"):format(rtb, igw))
    local other = made("ec2.CreateRouteTable --query RouteTable.RouteTableId VpcId=" .. vpc)
    local file = assert(io.open(dir .. "/terraform.tfstate", "w"))
    file:write(text_of {
      resource({ type = "aws_vpc", name = "main" }, { nil, { id = vpc } }),
      resource({ type = "aws_subnet", name = "s" }, { "a", { id = a } }, { "b", { id = b } }),
      resource({ type = "aws_internet_gateway", name = "out" }, { nil, { id = igw, vpc_id = vpc } }),
      resource({ type = "aws_route_table", name = "public" }, { nil, { id = rtb } }),
      resource({ type = "aws_db_instance", name = "db" }, { nil, { identifier = "none", password = "s3cret-word" } }),
      resource({ type = "aws_secretsmanager_secret_version", name = "v" }, { nil, { secret_string = "s3cret-word" } }),
    })
    file:close()
    local status, text = csorun "import --from terraform.tfstate --out net.lua -y"
    assert.equal(0, status, text)
    assert.match("7 were taken over", text)
    assert.match("No changes", text)
    assert.match("RDS%.DBInstance none: it is not there any more", text)
    assert.match("its value is a secret", text)
    assert.is_nil(text:find("s3cret", 1, true))
    file = assert(io.open(dir .. "/net.lua"))
    local source = file:read("a")
    file:close()
    assert.is_nil(source:find("s3cret", 1, true))
    assert.is_nil(source:find(other, 1, true))
    assert.match('EC2%.Subnet "s%-a" {', source)
    assert.match("GatewayId = internet_gateway", source)
    assert.equal(0, (csorun "plan net.lua --detailed-exitcode"))
  end)
end)
