-- Policy, conditions and rehearsals as a user meets them, on the simulated account.
local folder = require "spec.cmd.folder"
local json = require "cso.std.json"
local shell = require "spec.cmd.shell_line"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "ruled" }
local EC2 = cso.aws.EC2
]]

local OPEN = HEAD .. [[
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
EC2.SecurityGroup("web", OPTIONS) { VpcId = vpc, GroupDescription = "web",
  SecurityGroupIngress = { { IpProtocol = "tcp", FromPort = 22, ToPort = 22, CidrIp = "0.0.0.0/0" } } }
]]

describe("csorun under policy", function()
  local place = folder "--sim"
  local csorun, write, read = place.csorun, place.write, place.read

  before_each(place.open)

  after_each(place.close)

  it("takes from rules only what they may say, and no folder without any", function()
    local rule = [[local cso = require "cso" cso.policy "T-1" { on = "EC2.VPC", %s }]]
    write("p.lua", HEAD .. 'EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }\n')
    for said, wanted in pairs {
      ["fix = function() return { CidrBlok = 1 } end"] = "CidrBlok is no property",
      ["fix = function() return { VpcId = 'x' } end"] = "VpcId is an attribute",
      ["fix = function() return { InstanceTenancy = {} } end"] = "InstanceTenancy must be a string",
      ["fix = function() return 5 end"] = "fix gave a number",
      ["deny = function() return {} end"] = "it gave a table",
      ["deny = function(_, plan) return #plan:all 'EC2.Vcp' == 0 end"] = "there is no type EC2.Vcp",
      ["deny = function() os.exit(0) end"] = "os.exit would end csorun",
    } do
      write("r.lua", rule:format(said))
      local status, text = csorun "plan p.lua --policy r.lua"
      assert.equal(3, status, said .. "\n" .. text)
      assert.match(wanted, text, 1, true)
      assert.match("at r.lua:1\n", text)
    end
    write("r.lua", rule:format "warn = function() return 'a\\n\\27[2Jb' end")
    local _, text = csorun "plan p.lua --policy r.lua"
    assert.match("\\x1b[2Jb", text, 1, true)
    assert(require("lfs").mkdir(place.dir .. "/none"))
    local status
    status, text = csorun "plan p.lua --policy none"
    assert.equal(3, status, text)
    assert.match("no file of rules", text)
  end)

  it("lets a rule set what a declaration may say, references too", function()
    write("p.lua", HEAD .. [[
local key = cso.aws.KMS.Key "k" { Description = "a" }
cso.policy "T-2" { on = "Logs.LogGroup", fix = function() return { KmsKeyId = key.Arn } end }
cso.aws.Logs.LogGroup "l" { LogGroupName = "/a/b" }
]])
    local status, text = csorun "apply p.lua -y"
    assert.equal(0, status, text)
    status, text = csorun "plan p.lua --detailed-exitcode"
    assert.equal(0, status, text)
  end)

  it("denies with the place, does nothing, and writes reports", function()
    write("p.lua", (OPEN:gsub("OPTIONS", "{}")))
    local status, text = csorun "plan p.lua --policy builtin --policy-out sarif:o.sarif --policy-out junit:o.xml --out plan.json"
    assert.equal(6, status, text)
    assert.match("deny CSO%-EC2%-001 .-EC2%.SecurityGroup%.web: SSH %(port 22%) is open to 0%.0%.0%.0/0\n *at p%.lua:5", text)
    assert.is_nil(io.open(place.dir .. "/plan.json"))
    assert.equal("2.1.0", json.decode(read "o.sarif").version)
    assert.match('<failure message="SSH', read "o.xml")
    status, text = csorun "apply p.lua -y --policy builtin"
    assert.equal(6, status, text)
    status, text = csorun "state list"
    assert.is_true(status == 3 or not text:match("EC2%.VPC"), text)
    status = csorun "apply p.lua -y"
    assert.equal(0, status)
    -- What is there already is judged, too, and written plans are no way around it.
    status = csorun "plan p.lua --policy builtin"
    assert.equal(6, status)
    write("p.lua", (OPEN:gsub("OPTIONS", "{}"):gsub("10%.0%.0%.0/16", "10.1.0.0/16")))
    assert.equal(0, (csorun "plan p.lua --out plan.json"))
    assert.equal(6, (csorun "apply plan.json --policy builtin"))
  end)

  it("takes exceptions with a reason, and no misspelt ones", function()
    write("p.lua", (OPEN:gsub("OPTIONS", '{ policy = { skip = { ["CSO-EC2-001"] = "a bastion" } } }')))
    local status, text = csorun "plan p.lua --policy builtin --full"
    assert.equal(0, status, text)
    assert.match("skip CSO%-EC2%-001  EC2%.SecurityGroup%.web: a bastion", text)
    write("p.lua", (OPEN:gsub("OPTIONS", '{ policy = { skip = { ["CSO-EC2-01"] = "a bastion" } } }')))
    status, text = csorun "plan p.lua --policy builtin"
    assert.equal(3, status, text)
    assert.match("did you mean CSO%-EC2%-001%?", text)
    write("p.lua", (OPEN:gsub("OPTIONS", '{ policy = { skip = { ["CSO-EC2-001"] = " " } } }')))
    status, text = csorun "plan p.lua"
    assert.equal(3, status, text)
    assert.match("needs the reason why CSO%-EC2%-001", text)
  end)

  it("takes rules from files, folders, the environment and the playbook", function()
    write("p.lua", HEAD .. 'EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }\n')
    os.execute(("mkdir '%s/rules'"):format(place.dir))
    write("rules/team.lua", [[local cso = require "cso"
cso.policy "TEAM-001" { on = "EC2.VPC", deny = function(r) if not (r.Tags and r.Tags.Owner) then return "no owner" end end,
  good = { ["EC2.VPC.a"] = { Tags = { Owner = "x" } } }, bad = { ["EC2.VPC.a"] = { CidrBlock = "10.0.0.0/16" } } }]])
    for _, words in ipairs { "plan p.lua --policy rules", "plan p.lua --policy rules/team.lua" } do
      local status, text = csorun(words)
      assert.equal(6, status, text)
      assert.match("deny TEAM%-001", text)
    end
    local text, status = shell("env CSO_POLICY=rules $B/csorun --sim plan p.lua", place.dir)
    assert.equal(6, status, text)
    status, text = csorun "policy test rules/team.lua"
    assert.equal(0, status, text)
    status, text = csorun "policy show CSO-EC2-1"
    assert.equal(3, status)
    assert.match("did you mean CSO%-EC2%-001%?", text)
    write("p.lua", HEAD .. [[EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
cso.policy "OWN-001" { on = "EC2.VPC", fix = function(r) if not r.Tags then return { Tags = { Owner = "me" } } end end }]])
    status, text = csorun "plan p.lua --policy rules"
    assert.equal(0, status, text)
    assert.match('Owner = "me"', text)
    assert.match("fix OWN%-001 .-sets Tags\n *at p%.lua:4", text)
  end)

  it("judges what goes", function()
    write("p.lua", HEAD .. [[EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
cso.policy "OWN-001" { on = "EC2.VPC", actions = "delete", deny = function(r) return r.CidrBlock .. " stays" end }]])
    assert.equal(0, (csorun "apply p.lua -y"))
    local status, text = csorun "destroy p.lua -y"
    assert.equal(6, status, text)
    assert.match("OWN%-001 EC2%.VPC%.main: 10%.0%.0%.0/16 stays", text)
    assert.match("at p%.lua:4", text)
    assert.match("EC2%.VPC%.main", (select(2, csorun "state list")))
    write("p.lua", HEAD .. [[EC2.VPC("main", { policy = { skip = { ["OWN-001"] = "moving out" } } }) { CidrBlock = "10.0.0.0/16" }
cso.policy "OWN-001" { on = "EC2.VPC", actions = "delete", deny = function(r) return r.CidrBlock .. " stays" end }]])
    assert.equal(0, (csorun "destroy p.lua -y"))
  end)

  it("says what a rule got wrong, at its line", function()
    write("p.lua", HEAD .. [[EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
cso.policy "OWN-001" { on = "EC2.VPC", deny = function(r) return r.CidrBlok end }]])
    local status, text = csorun "plan p.lua"
    assert.equal(3, status, text)
    assert.match("did you mean CidrBlock%?", text)
    assert.match("at p%.lua:5", text)
  end)

  it("asks conditions before and after a change", function()
    write("p.lua", HEAD .. [[local limit = cso.env { limit = cso.t.integer { default = 0 } }.limit
local vpc = EC2.VPC("main", { pre = { ["it is not tiny"] = function(r) return r.CidrBlock ~= "10.0.0.0/28" end } }) {
  CidrBlock = "10.0.0.0/28" }
EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.0.0/28" }]])
    local status, text = csorun "apply p.lua -y"
    assert.equal(6, status, text)
    assert.match("precondition of EC2%.VPC%.main does not hold: it is not tiny", text)
    assert.match("at p%.lua:5", text)
    assert.equal("", (select(2, csorun "state list")):match("EC2") or "")
    write("p.lua", HEAD .. [[local vpc = EC2.VPC("main", { post = {
  ["its default group is known"] = function(r) return r.DefaultSecurityGroup ~= nil end,
  ["it is blue"] = function(r) return r.Tags and r.Tags.Color == "blue", "tag it" end } }) {
  CidrBlock = "10.0.0.0/16" }
EC2.Subnet("a", { after = { vpc } }) { VpcId = vpc, CidrBlock = "10.0.0.0/24" }]])
    status, text = csorun "apply p.lua -y"
    assert.equal(6, status, text)
    assert.match("postcondition of EC2%.VPC%.main does not hold: it is blue", text)
    assert.match("tag it", text)
    local _, list = csorun "state list"
    assert.match("EC2%.VPC%.main", list)
    assert.is_nil(list:match("EC2%.Subnet%.a"))
    -- It stands, and still breaks its promise.
    status, text = csorun "plan p.lua"
    assert.equal(6, status, text)
  end)

  it("rehearses, tells what would fail, and changes nothing", function()
    write("p.lua", HEAD .. [[local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
EC2.Subnet "far" { VpcId = vpc, CidrBlock = "10.9.0.0/24" }
cso.step "never" { run = function() error("a step ran") end }]])
    local status, text = csorun "apply p.lua -y --rehearse"
    assert.equal(1, status, text)
    assert.match("create EC2%.Subnet%.far: .-InvalidSubnet%.Range", text)
    assert.match("at p%.lua:5", text)
    assert.match("taken for passed: step%.never", text)
    status, text = csorun "plan p.lua --rehearse --json"
    assert.equal(1, status, text)
    local types = {}
    for line in text:gmatch("[^\n]+") do types[#types + 1] = assert(json.decode(line)).type end
    assert.equal("rehearsed", types[#types])
    assert.equal("rehearsal_failed", types[#types - 1])
    assert.is_nil((select(2, csorun "state list")):match("EC2"))
  end)
end)
