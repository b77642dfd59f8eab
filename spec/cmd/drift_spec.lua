-- Drift in whole runs against the simulated account: found, reported, repaired or accepted part by part.
local shell = require "spec.cmd.shell_line"

local PLAYBOOK = [[
local cso = require "cso"
cso.stack { name = "spec" }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsHostnames = true, Tags = { Team = "a" } }
cso.aws.EC2.Subnet "one" { VpcId = vpc, CidrBlock = "10.0.1.0/24", MapPublicIpOnLaunch = false }
cso.aws.Logs.LogGroup "log" { LogGroupName = "/spec", RetentionInDays = 7 }
cso.aws.SSM.Parameter "p" { Name = "/spec/p", Type = "String", Value = "v" }
cso.output { vpc = vpc.VpcId }
]]

describe("csorun drift", function()
  local dir, vpc

  local function csorun(words)
    local text, status = shell("$B/csorun --sim " .. words, dir)
    return status, text
  end

  local function write(text)
    local file = assert(io.open(dir .. "/p.lua", "w"))
    file:write(text)
    file:close()
  end

  local function outside(words)
    local status, text = csorun("exec " .. words)
    assert.equal(0, status, text)
  end

  local function expect(status, words, pattern)
    local got, text = csorun(words)
    assert.equal(status, got, words .. "\n" .. text)
    if pattern then assert.match(pattern, text) end
    return text
  end

  before_each(function()
    local pipe = assert(io.popen "mktemp -d")
    dir = pipe:read "l"
    pipe:close()
    write(PLAYBOOK)
    expect(0, "apply p.lua -y")
    vpc = select(2, csorun "output vpc --json"):match "vpc%-%x+"
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  local function meddle()
    outside("ec2.ModifyVpcAttribute EnableDnsHostnames.Value=false VpcId=" .. vpc)
    outside("ec2.CreateTags Resources=" .. vpc .. " Tags.0.Key=Team Tags.0.Value=b")
    outside "logs.PutRetentionPolicy logGroupName=/spec retentionInDays=30"
  end

  it("says nothing when nothing changed", function()
    expect(0, "drift", "No drift")
    assert.equal("", expect(0, "drift --json"))
  end)

  it("tells what changed and what is gone, and exits with 2", function()
    meddle()
    outside "ssm.DeleteParameter Name=/spec/p"
    local text = expect(2, "drift")
    assert.match("EC2%.VPC%.main  was changed", text)
    assert.match("RetentionInDays: 7 .* 30", text)
    assert.match("SSM%.Parameter%.p  is gone", text)
    assert.match("3 of the stack's 4 resources are", text)
    text = expect(2, "drift --json")
    assert.match('"type":"drift"', text)
    assert.match('"gone":true', text)
  end)

  it("tells what others wrote into an object, and asks a thing about itself where its kind does", function()
    write(PLAYBOOK:gsub("cso.output", [[
local subnet = cso.aws.EC2.Subnet "two" { VpcId = vpc, CidrBlock = "10.0.2.0/24" }
local server = cso.aws.EC2.Instance "s" { SubnetId = subnet, InstanceType = "t3.micro", ImageId = cso.api.ssm:GetParameter {
  Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }.Parameter.Value }
local other = cso.aws.EC2.Instance "o" { SubnetId = subnet, InstanceType = "t3.micro", ImageId = server.ImageId }
cso.aws.ElasticLoadBalancingV2.TargetGroup "t" { VpcId = vpc, Protocol = "HTTP", Port = 80, Targets = { { Id = server } } }
local bucket = cso.aws.S3.Bucket "b" { BucketName = "spec-drift" }
for _, name in ipairs { "one", "two" } do
  cso.s3.Object(name) { Bucket = bucket, Key = name, Content = cso.fmt("%%s of %%s", name, vpc.VpcId) }
end
%0]]))
    expect(0, "apply p.lua -y")
    expect(0, "drift", "No drift")
    expect(0, "plan p.lua --detailed-exitcode")
    local text = expect(0, "state show ElasticLoadBalancingV2.TargetGroup.t --stack spec")
    local arn = text:match "(arn:aws:elasticloadbalancing:%S-:targetgroup/[%w/-]+)"
    local id = expect(0, "state show EC2.Instance.o --stack spec"):match 'id: "(i%-%x+)"'
    outside(("elbv2.RegisterTargets TargetGroupArn=%s Targets.0.Id=%s"):format(arn, id))
    outside "s3.PutObject Bucket=spec-drift Key=two Body=other"
    text = expect(2, "drift")
    assert.match("TargetGroup%.t  was changed", text)
    assert.match("s3%.Object%.two  was changed", text)
    assert.match("2 of the stack's 11 resources are", text)
    expect(0, "drift --repair s3.Object.two --repair ElasticLoadBalancingV2.TargetGroup.t -y")
    expect(0, "drift", "No drift")
    assert.match("ContentLength: 28\n", (expect(0, "exec s3.HeadObject Bucket=spec-drift Key=two")))
  end)

  it("writes a page that needs nothing else and escapes what it shows", function()
    outside("ec2.CreateTags Resources=" .. vpc .. " Tags.0.Key=Team 'Tags.0.Value=<script>alert(1)</script>'")
    expect(2, "drift --html drift.html")
    local file = assert(io.open(dir .. "/drift.html"))
    local page = file:read "a"
    file:close()
    assert.match("^<!doctype html>", page)
    assert.is_nil(page:find("<script", 1, true))
    assert.is_nil(page:find("http", 1, true))
    assert.match("&lt;script&gt;", page)
    assert.match("prefers%-color%-scheme:dark", page)
  end)

  it("repairs one property and leaves the others", function()
    meddle()
    local text = expect(0, "drift --repair EC2.VPC.main.EnableDnsHostnames -y", "EnableDnsHostnames")
    assert.is_nil(text:find("Team", 1, true))
    text = expect(2, "drift")
    assert.match("Tags", text)
    assert.is_nil(text:find("EnableDnsHostnames", 1, true))
    expect(0, "drift --repair EC2.VPC.main --repair Logs.LogGroup.log -y")
    expect(0, "drift", "No drift")
    expect(0, "plan p.lua --detailed-exitcode")
  end)

  it("is none any more where the playbook says what others made of it, and a rollback goes back to that", function()
    meddle()
    local agreed = PLAYBOOK:gsub("EnableDnsHostnames = true", "EnableDnsHostnames = false"):gsub('Team = "a"', 'Team = "b"')
    -- One of them is put right by the same run that remembers the others.
    write((agreed:gsub("RetentionInDays = 7", "RetentionInDays = 14")))
    expect(0, "apply p.lua -y", "1 updated")
    expect(0, "drift", "No drift")
    outside("ec2.CreateTags Resources=" .. vpc .. " Tags.0.Key=Team Tags.0.Value=c")
    write((agreed:gsub("RetentionInDays = 7", "RetentionInDays = 14"):gsub('Team = "b"', 'Team = "c"')))
    expect(2, "drift")
    expect(0, "plan p.lua --detailed-exitcode", "No changes")
    expect(2, "drift") -- a plan remembers nothing
    expect(0, "apply p.lua -y", "No changes")
    expect(0, "drift", "No drift")
    write((agreed:gsub("RetentionInDays = 7", "RetentionInDays = 14"):gsub('Team = "b"', 'Team = "d"')))
    expect(0, "apply p.lua -y", "1 updated")
    expect(0, "rollback last -y --playbook p.lua")
    assert.match('"c"', expect(0, "exec ec2.DescribeVpcs VpcIds=" .. vpc .. " --json"), 1, true)
  end)

  it("is none of what the playbook looks away from by now", function()
    outside "logs.PutRetentionPolicy logGroupName=/spec retentionInDays=30"
    write((PLAYBOOK:gsub('LogGroup "log" {',
      'LogGroup("log", { ignore = { "RetentionInDays" }, timeouts = { delete = "5m" } }) {')))
    expect(2, "drift")
    expect(0, "apply p.lua -y", "No changes")
    expect(0, "drift", "No drift")
    local before = expect(0, "state pull before.db", "serial %d+"):match "serial %d+"
    expect(0, "apply p.lua -y", "No changes")
    assert.match(before .. "%f[%D]", expect(0, "state pull after.db"))
    write(PLAYBOOK)
    expect(0, "apply p.lua -y", "1 updated")
  end)

  it("makes anew what is gone", function()
    outside "ssm.DeleteParameter Name=/spec/p"
    expect(0, "drift --repair SSM.Parameter.p -y")
    expect(0, "drift")
    expect(0, "plan p.lua --detailed-exitcode")
  end)

  it("accepts a property until its declaration changes", function()
    meddle()
    expect(0, "drift --accept EC2.VPC.main.EnableDnsHostnames --accept Logs.LogGroup.log", "is accepted as it is")
    local text = expect(2, "drift")
    assert.match("Team", text)
    assert.is_nil(text:find("RetentionInDays", 1, true))
    expect(0, "drift --accept EC2.VPC.main.Tags.Team")
    expect(0, "drift", "No drift")
    text = expect(0, "plan p.lua --detailed-exitcode")
    assert.match("accepted: EC2%.VPC%.main%.EnableDnsHostnames is false, declared is true", text)
    assert.match("accepted: EC2%.VPC%.main%.Tags%.Team is b, declared is a", text:gsub('"', ""))
    -- Another change of the same thing leaves the acceptance alone.
    write((PLAYBOOK:gsub('Team = "a"', 'Team = "a", More = "x"')))
    expect(0, "apply p.lua -y")
    expect(0, "plan p.lua --detailed-exitcode", "accepted: EC2%.VPC%.main%.EnableDnsHostnames")
    -- A new declaration counts again.
    write((PLAYBOOK:gsub("RetentionInDays = 7", "RetentionInDays = 14")))
    expect(2, "plan p.lua --detailed-exitcode", "RetentionInDays: 30 .* 14")
    expect(0, "apply p.lua -y")
    write(PLAYBOOK)
    expect(2, "plan p.lua --detailed-exitcode", "RetentionInDays: 14 .* 7")
  end)

  it("takes globs", function()
    meddle()
    expect(0, "drift --accept EC2.* --accept *.log")
    expect(0, "drift")
    expect(0, "drift --repair E*.VPC.* -y")
    expect(0, "plan p.lua --detailed-exitcode --refresh=false", "accepted: Logs%.LogGroup%.log")
    expect(3, "drift --repair SNS.* -y", "has not drifted")
  end)

  it("accepts all that is named or nothing", function()
    meddle()
    expect(3, "drift --accept Logs.LogGroup.log --accept EC2.Subnet.one", "has not drifted")
    expect(2, "drift", "Logs%.LogGroup%.log")
    expect(0, "drift --accept Logs.LogGroup.log --accept EC2.VPC.main")
    expect(0, "drift")
  end)

  it("ends an acceptance by repairing it", function()
    meddle()
    expect(0, "drift --accept Logs.LogGroup.log")
    expect(0, "drift --repair Logs.LogGroup.log.RetentionInDays -y", "30 .* 7")
    local text = expect(2, "plan p.lua --detailed-exitcode")
    assert.is_nil(text:find("accepted", 1, true))
    assert.is_nil(text:find("RetentionInDays", 1, true))
  end)

  it("refuses what makes no sense", function()
    meddle()
    outside "ssm.DeleteParameter Name=/spec/p"
    expect(3, "drift --accept SSM.Parameter.p", "is gone")
    expect(3, "drift --accept EC2.Subnet.one", "has not drifted")
    expect(3, "drift --accept EC2.VPC.main.CidrBlock", "what has: EnableDnsHostnames, Tags")
    expect(3, "drift --repair EC2.VPC.mian -y", "did you mean EC2%.VPC%.main")
    expect(3, "drift --repair EC2.VPC.main --accept EC2.VPC.main", "two runs")
    expect(3, "drift --repair EC2.VPC.main", "nobody is there to answer")
  end)

  it("names what bears the stack's tags and is not in its state", function()
    expect(0, "state rm SSM.Parameter.p")
    local text = expect(0, "drift", "not in its state")
    assert.match("%? AWS::SSM::Parameter /spec/p  %(SSM%.Parameter%.p%)", text)
    assert.match('"type":"orphan"', expect(0, "drift --json"))
    outside(("ec2.CreateSubnet VpcId=%s CidrBlock=10.0.9.0/24"):format(vpc))
    text = expect(0, "drift")
    assert.is_nil(text:find("EC2::Subnet", 1, true))
    text = expect(0, "drift --orphans=false")
    assert.is_nil(text:find("not in its state", 1, true))
  end)
end)
