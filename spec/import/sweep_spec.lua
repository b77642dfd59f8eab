-- A whole account as a playbook: the state is thrown away, everything is found again, and the plan after it
-- is empty; what the written playbook destroys is then all that the account held.
local kinds = require "cso.kind"
local lfs = require "lfs"
local places = require "cso.import.places"
local shell = require "spec.cmd.shell_line"

local HERE = lfs.currentdir()

describe("csorun import --all", function()
  local dir

  local function csorun(words)
    local text, status = shell("$B/csorun --sim " .. words, dir)
    return status, text
  end

  local function read(name)
    local file = assert(io.open(dir .. "/" .. name))
    local text = file:read("a")
    file:close()
    return text
  end

  before_each(function()
    local pipe = assert(io.popen "mktemp -d")
    dir = pipe:read "l"
    pipe:close()
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  --- Applies a playbook, forgets the stack, imports the account.
  local function swept(playbook, stack, least)
    assert.equal(0, (csorun(("apply %s -y"):format(playbook))))
    assert(os.execute(("rm '%s'/.cso/sim-%s.db*"):format(dir, stack)))
    local status, text = csorun "import --all --out swept.lua -y --take"
    assert.equal(0, status, text)
    local declared, taken = text:match("declares (%d+) resources; (%d+) were taken over")
    assert.equal(declared, taken)
    assert.is_true(tonumber(taken) >= least, text)
    status, text = csorun "plan swept.lua --detailed-exitcode"
    assert.equal(0, status, text)
    return text
  end

  it("writes prod-ha down, and nothing is left to do", function()
    swept(HERE .. "/playbooks/prod-ha.lua", "prod-ha", 250)
    local source = read "swept.lua"
    assert.match("VpcId = vpc,", source)
    assert.is_nil(source:find("VpcId = \"vpc-", 1, true))
    assert.is_nil(source:find("cso:address", 1, true))
  end)

  it("writes three-tier down, in two regions", function()
    swept(("%s/spec/life/examples/three-tier.lua --env %s/spec/life/examples/three-tier.yaml"):format(HERE, HERE),
      "three-tier-demo", 40)
    assert.match("in_eu_west_1%.S3%.Bucket", read "swept.lua")
    assert.equal(0, (csorun "destroy swept.lua -y"))
    local _, vpcs = csorun "exec ec2.DescribeVpcs --query 'Vpcs[].VpcId' --json"
    assert.equal("[]", (vpcs:gsub("%s", "")))
  end)
end)

describe("csorun import of what others made", function()
  it("says what is odd about it, keeps its secrets, and plans nothing", function()
    local pipe = assert(io.popen "mktemp -d")
    local dir = pipe:read "l"
    pipe:close()
    local function csorun(words)
      local text, status = shell("$B/csorun --sim " .. words, dir)
      return status, text
    end
    local function made(words)
      local status, text = csorun("exec " .. words .. " --json")
      assert.equal(0, status, text)
      return (text:gsub('[%s"]', ""))
    end
    local vpc = made "ec2.CreateVpc CidrBlock=10.0.0.0/16 --query Vpc.VpcId"
    made("ec2.CreateTags Resources=" .. vpc .. ' Tags.0.Key=Name "Tags.0.Value=end ]' .. '] \\"x"')
    local group = made("ec2.CreateSecurityGroup GroupName=self Description=d VpcId=" .. vpc .. " --query GroupId")
    made(("ec2.AuthorizeSecurityGroupIngress GroupId=%s 'IpPermissions=[{\"IpProtocol\":\"-1\",\"UserIdGroupPairs\":"
      .. "[{\"GroupId\":\"%s\"}]},{\"IpProtocol\":\"tcp\",\"FromPort\":1,\"ToPort\":2,"
      .. "\"Ipv6Ranges\":[{\"CidrIpv6\":\"::/0\"}]}]'")
      :format(group, group))
    made("ec2.RevokeSecurityGroupEgress GroupId=" .. group
      .. [[ 'IpPermissions=[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]']])
    made "kms.CreateKey --query KeyMetadata.KeyId"
    made "kms.CreateKey --query KeyMetadata.KeyId"
    made "ssm.PutParameter Name=/secret Type=SecureString Value=hush-hush"
    made "secretsmanager.CreateSecret Name=word SecretString=hush-hush"
    made [[cloudcontrol.CreateResource TypeName=AWS::SQS::Queue DesiredState='{"QueueName":"q","DelaySeconds":5}']]
    local status, text = csorun "import --all --out odd.lua -y"
    assert.equal(0, status, text)
    assert.match("SSM%.Parameter /secret: its value is a secret", text)
    local file = assert(io.open(dir .. "/odd.lua"))
    local source = file:read("a")
    file:close()
    assert.is_nil(source:find("hush", 1, true))
    assert.match("SecurityGroupEgress = {}", source)
    assert.match("SourceSecurityGroupId = security_group,", source)
    assert.match('SQS%.Queue "q"', source)
    assert.match('KMS%.Key "key%-2"', source)
    local planned
    status, planned = csorun "plan odd.lua --detailed-exitcode"
    assert.equal(0, status, planned)
    os.execute(("rm -rf '%s'"):format(dir))
  end)
end)

describe("csorun import of a part", function()
  local dir

  local function csorun(words)
    local text, status = shell("$B/csorun --sim " .. words, dir)
    return status, text
  end

  setup(function()
    local pipe = assert(io.popen "mktemp -d")
    dir = pipe:read "l"
    pipe:close()
    local file = assert(io.open(dir .. "/p.lua", "w"))
    file:write [[
local cso = require "cso"
local EC2, IAM = cso.aws.EC2, cso.aws.IAM
cso.stack { name = "part" }
local policy = IAM.ManagedPolicy "p" { ManagedPolicyName = "part-p", PolicyDocument = { Version = "2012-10-17",
  Statement = { { Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::x" } } } }
local role = IAM.Role "r" { RoleName = "part-r", ManagedPolicyArns = { policy }, AssumeRolePolicyDocument = {
  Version = "2012-10-17", Statement = { { Effect = "Allow", Action = "sts:AssumeRole",
    Principal = { Service = "ec2.amazonaws.com" } } } } }
IAM.InstanceProfile "i" { InstanceProfileName = "part-i", Roles = { role } }
EC2.LaunchTemplate "t" { LaunchTemplateName = "part-t", LaunchTemplateData = { InstanceType = "t3.micro" } }
for _, name in ipairs { "a", "b" } do
  local vpc = EC2.VPC(name) { CidrBlock = name == "a" and "10.1.0.0/16" or "10.2.0.0/16", Tags = { Team = name } }
  local subnet = EC2.Subnet(name) { VpcId = vpc, CidrBlock = name == "a" and "10.1.1.0/24" or "10.2.1.0/24" }
  local routes = EC2.RouteTable(name) { VpcId = vpc, Tags = { Team = name } }
  EC2.SubnetRouteTableAssociation(name) { SubnetId = subnet, RouteTableId = routes }
  local one = EC2.SecurityGroup(name .. "1") { GroupDescription = "one", VpcId = vpc }
  local two = EC2.SecurityGroup(name .. "2") { GroupDescription = "two", VpcId = vpc }
  EC2.SecurityGroupIngress(name .. "12") { GroupId = one, IpProtocol = "tcp", FromPort = 1, ToPort = 1,
    SourceSecurityGroupId = two }
  EC2.SecurityGroupIngress(name .. "21") { GroupId = two, IpProtocol = "tcp", FromPort = 2, ToPort = 2,
    SourceSecurityGroupId = one }
end
]]
    file:close()
    assert.equal(0, (csorun "apply p.lua -y"))
  end)

  teardown(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  it("keeps to a VPC, and unties groups that name each other", function()
    local _, list = csorun [[exec ec2.DescribeVpcs --json --query "Vpcs[?CidrBlock=='10.1.0.0/16'].VpcId"]]
    local vpc = list:match("vpc%-%x%x%x%x+")
    local status, text = csorun("import --take --vpc " .. vpc)
    assert.equal(0, status, text)
    assert.match('"10%.1%.0%.0/16"', text)
    assert.is_nil(text:find("10.2.", 1, true))
    assert.match("SourceSecurityGroupId = security_groups%.a2", text)
    assert.match("EC2%.SubnetRouteTableAssociation", text)
  end)

  it("keeps to tags and to types", function()
    local status, text = csorun "import --take --tag Team=b --type 'EC2.VPC' --type 'EC2.R*'"
    assert.equal(0, status, text)
    assert.match('"10%.2%.0%.0/16"', text)
    assert.match("EC2%.RouteTable", text)
    assert.is_nil(text:find("10.1.", 1, true))
    assert.is_nil(text:find("EC2.Subnet", 1, true))
    status, text = csorun "import --take --tag cso:stack=part --type EC2.VPC"
    assert.equal(0, status, text)
    assert.match("10%.1%.0%.0", text)
    assert.match("10%.2%.0%.0", text)
  end)

  it("leaves alone what another stack looks after", function()
    local status, text = csorun "import --all --out mine.lua -y"
    assert.equal(3, status, text)
    assert.match("the stack part looks after it", text)
    assert.is_nil(lfs.attributes(dir .. "/mine.lua"))
  end)

  it("leaves alone what bears tags though its type declares none, and signs it when it is taken", function()
    local types = " --type IAM.ManagedPolicy --type IAM.InstanceProfile --type EC2.LaunchTemplate"
    local function owners(stack, words)
      local _, text = csorun("import" .. types .. words)
      local _, n = text:gsub("the stack " .. stack .. " looks after it", "")
      return n, text
    end
    local n, text = owners("part", "")
    assert.equal(3, n, text)
    local status
    status, text = csorun("import --take --out its.lua -y" .. types)
    assert.equal(0, status, text)
    status, text = csorun "plan its.lua --detailed-exitcode"
    assert.equal(0, status, text)
    n, text = owners("its", " --stack third")
    assert.equal(3, n, text)
  end)

  it("says what is wrong with the words", function()
    local function refused(words, pattern)
      local status, text = csorun(words)
      assert.equal(3, status, text)
      assert.match(pattern, text)
    end
    refused("import --type EC2.Sbnet", "did you mean EC2%.Subnet")
    refused("import --all --out p.lua", "p%.lua is there already")
    refused("import --all --out p.txt", "no name for a playbook")
    refused("import EC2.VPC.a vpc-1 --all", "two imports")
    refused("import EC2.VPC.a", "named without its id")
    refused("import", "import what")
  end)

  it("takes many by a list", function()
    local file = assert(io.open(dir .. "/list", "w"))
    local vpcs = {}
    local _, text = csorun "exec ec2.DescribeVpcs --query 'Vpcs[].[CidrBlock,VpcId]' --json"
    for cidr, id in text:gmatch('"(10[^"]+)",%s*"(vpc%-%x+)"') do vpcs[cidr] = id end
    file:write("# two of them\nEC2.VPC.b  ", vpcs["10.2.0.0/16"], "\n\nEC2.VPC.a ", vpcs["10.1.0.0/16"], " # the first\n")
    file:close()
    file = assert(io.open(dir .. "/q.lua", "w"))
    file:write [[
local cso = require "cso"
cso.stack { name = "many" }
cso.aws.EC2.VPC "a" { CidrBlock = "10.1.0.0/16", Tags = { Team = "a" } }
cso.aws.EC2.VPC "b" { CidrBlock = "10.2.0.0/16", Tags = { Team = "b" } }
]]
    file:close()
    local status, said = csorun "import --list list --playbook q.lua --take"
    assert.equal(0, status, said)
    assert.match("No changes", said)
    assert.equal(0, (csorun "plan q.lua --detailed-exitcode"))
  end)
end)

describe("the places where things are listed", function()
  it("know every kind", function()
    local missing, found = {}, 0
    for service in lfs.dir("lua/cso/kind/aws") do
      if not service:match("^%.") then
        for file in lfs.dir("lua/cso/kind/aws/" .. service) do
          local name = file:match("^(%u%w*)%.lua$")
          if name then
            found = found + 1
            local type_name = ("AWS::%s::%s"):format(service, name)
            if not places.kinds[type_name] then missing[#missing + 1] = type_name end
          end
        end
      end
    end
    assert.same({}, missing)
    assert.is_true(found > 50)
  end)

  it("name operations that exist", function()
    local catalogue = require "cso.std.catalogue"
    for type_name, place in pairs(places.kinds) do
      local K = assert(kinds.native(type_name), type_name .. " has no kind")
      local operation = place.list or not place.none and not place.rules and K.spec.read[1]
      if operation then assert(catalogue.service(K.spec.service):operation(operation), type_name .. ": " .. operation) end
      if place.of then assert(places.kinds[place.of], type_name) end
    end
  end)
end)
