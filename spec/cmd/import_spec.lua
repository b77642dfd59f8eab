-- Taking over what exists, against the simulated account.
local folder = require "spec.cmd.folder"
local literal = require "cso.std.literal"

local HEAD = 'local cso = require "cso"\ncso.stack { name = "spec" }\n'

describe("csorun import", function()
  local place = folder "--sim"
  local csorun, write = place.csorun, place.write

  local function made(words)
    local status, text = csorun("exec " .. words .. " --raw")
    if status ~= 0 then status, text = csorun("exec " .. words .. " --json") end
    assert.equal(0, status, text)
    return (text:gsub('[%s"]', ""))
  end

  before_each(place.open)

  after_each(place.close)

  it("takes over what is declared, signs it, and shows what remains", function()
    local vpc = made "ec2.CreateVpc CidrBlock=10.0.0.0/16 --query Vpc.VpcId"
    write("p.lua", HEAD .. 'cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", Tags = { Team = "a" } }\n')
    local status, text = csorun("import EC2.VPC.main " .. vpc .. " --playbook p.lua")
    assert.equal(0, status, text)
    assert.match(vpc:gsub("%-", "%%-") .. " is EC2%.VPC%.main from now on", text)
    assert.match("Plan: 1 to update%.", text)
    local _, owned = csorun "exec ec2.DescribeVpcs --query 'Vpcs[0].Tags' --json"
    assert.match("cso:stack", owned)
    assert.match("EC2%.VPC%.main", owned)
    assert.equal(0, (csorun "apply p.lua -y"))
    assert.equal(0, (csorun "plan p.lua --detailed-exitcode"))
    assert.match("import .*1 adopted", (select(2, csorun "history")))
  end)

  it("takes over the further blocks of a network", function()
    write("p.lua", HEAD .. [[
local v = cso.aws.EC2.VPC "v" { CidrBlock = "10.0.0.0/16" }
cso.aws.EC2.VPCCidrBlock "b" { VpcId = v, CidrBlock = "10.1.0.0/16" }
cso.aws.EC2.VPCCidrBlock "b6" { VpcId = v, AmazonProvidedIpv6CidrBlock = true }
]])
    assert.equal(0, (csorun "apply p.lua -y"))
    local status, text = csorun "import --all --take --out got.lua -y"
    assert.equal(0, status, text)
    text = place.read "got.lua"
    assert.match('VPCCidrBlock "v%-10%.1%.0%.0%-16" { CidrBlock = "10%.1%.0%.0/16", VpcId = vpc }', text)
    assert.match('{ AmazonProvidedIpv6CidrBlock = true, VpcId = vpc }', text)
    assert.equal(0, (csorun "plan got.lua --detailed-exitcode"))
  end)

  it("writes nothing of what AWS does not show, wherever that is named", function()
    made "ssm.PutParameter Name=/s Type=SecureString Value=hunter2"
    local status, text = csorun "import AWS::SSM::Parameter /s"
    assert.equal(0, status)
    assert.match("-- Value is not shown by AWS", text, 1, true)
    assert.is_nil(text:find("hunter2", 1, true))
    write("t.tfstate", [[{"version":4,"terraform_version":"1.5.0","serial":1,"lineage":"l","outputs":{},"resources":[
      {"mode":"managed","type":"aws_ssm_parameter","name":"s","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]",
       "instances":[{"schema_version":0,"attributes":{"id":"/s","name":"/s","value":"hunter2"}}]},
      {"mode":"managed","type":"aws_ssm_parameter","name":"p","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]",
       "instances":[{"schema_version":0,"attributes":{"id":"/p","name":"/p"}}]}]}]])
    made "ssm.PutParameter Name=/p Type=String Value=plain"
    status, text = csorun "import --from t.tfstate --out got.lua -y"
    assert.equal(0, status, text)
    assert.match("SSM%.Parameter /s: it needs Value, which AWS does not show", text)
    assert.is_nil((text .. place.read "got.lua"):find("hunter2", 1, true))
    assert.equal(0, (csorun "plan got.lua --detailed-exitcode"))
  end)

  it("refuses what it does not know, has already, or belongs to another stack", function()
    local vpc = made "ec2.CreateVpc CidrBlock=10.0.0.0/16 --query Vpc.VpcId"
    local declared = 'cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }\n'
    write("p.lua", HEAD .. declared)
    write("q.lua", 'local cso = require "cso"\ncso.stack { name = "other" }\n' .. declared)
    local status, text = csorun("import EC2.VPC.mian " .. vpc .. " --playbook p.lua")
    assert.equal(3, status)
    assert.match("did you mean EC2%.VPC%.main", text)
    status, text = csorun "import EC2.VPC.main vpc-00000000 --playbook p.lua"
    assert.equal(3, status)
    assert.match("there is no AWS::EC2::VPC with the id vpc%-00000000", text)
    assert.equal(0, (csorun("import EC2.VPC.main " .. vpc .. " --playbook p.lua")))
    status, text = csorun("import EC2.VPC.main " .. vpc .. " --playbook p.lua")
    assert.equal(3, status)
    assert.match("is in the state already", text)
    status, text = csorun("import EC2.VPC.main " .. vpc .. " --playbook q.lua")
    assert.equal(6, status)
    assert.match("belongs to the stack spec", text)
    assert.equal(0, (csorun("import EC2.VPC.main " .. vpc .. " --playbook q.lua --take")))
  end)

  it("writes declarations after which nothing is left to do", function()
    local vpc = made "ec2.CreateVpc CidrBlock=10.0.0.0/16 --query Vpc.VpcId"
    made("ec2.ModifyVpcAttribute VpcId=" .. vpc .. " EnableDnsHostnames.Value=true")
    local subnet = made("ec2.CreateSubnet CidrBlock=10.0.1.0/24 --query Subnet.SubnetId VpcId=" .. vpc)
    local group = made("ec2.CreateSecurityGroup GroupName=web Description=doors --query GroupId VpcId=" .. vpc)
    local topic = made "sns.CreateTopic Name=news --query TopicArn"
    local source, imports = HEAD, {}
    for _, one in ipairs { { "AWS::EC2::VPC", vpc }, { "AWS::EC2::Subnet", subnet },
      { "AWS::EC2::SecurityGroup", group }, { "AWS::SNS::Topic", topic } } do
      local status, text = csorun(("import %s '%s' --name main"):format(one[1], one[2]))
      assert.equal(0, status, text)
      source = source .. text
      imports[#imports + 1] = { text:match "^%-%- csorun import (%S+)", one[2] }
    end
    assert.match("EnableDnsHostnames = true", source)
    assert.is_nil(source:find("AvailabilityZoneId", 1, true))
    write("p.lua", source)
    for _, one in ipairs(imports) do
      local status, text = csorun(("import %s '%s' --playbook p.lua"):format(one[1], one[2]))
      assert.equal(0, status, text)
    end
    local status, text = csorun "plan p.lua --detailed-exitcode"
    assert.equal(0, status, text)
  end)

  it("suggests the type that was meant", function()
    local status, text = csorun "import AWS::EC2::Sbnet subnet-1"
    assert.equal(3, status)
    assert.match("did you mean AWS::EC2::Subnet", text)
  end)

  it("writes data as Lua that gives it back", function()
    local tree = { a = { 1, 2.5, "x\n\"y\"\0" }, ["end"] = true, ["b-c"] = { d = { e = ("z"):rep(120) } } }
    assert.same(tree, load("return " .. literal.of(tree))())
  end)
end)
