-- Many stacks as one: order, outputs, failures, signals, on the simulated account.
local folder = require "spec.cmd.folder"
local json = require "cso.std.json"
local shell = require "spec.cmd.shell_line"

local NETWORK = [[
local cso = require "cso"
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
cso.output { vpc = vpc.VpcId, password = cso.secret "hunter2-of-network" }
]]

local WEB = [[
local cso = require "cso"
local env = cso.env { size = cso.t.string }
local network = cso.outputs "network"
cso.aws.EC2.SecurityGroup "web" { GroupDescription = "web " .. env.size, VpcId = network.vpc }
cso.output { where = "in " .. network.vpc, password = network.password }
]]

local OTHER = [[
local cso = require "cso"
cso.stack { name = "other" }
cso.aws.EC2.VPC "o" { CidrBlock = "10.9.0.0/16" }
]]

local WORKSPACE = [[
return { stacks = {
  network = { playbook = "network.lua" },
  web = { playbook = "web.lua", needs = { "network" }, set = { size = env "SIZE" or "2" } },
  other = { playbook = "other.lua" },
} }
]]

describe("a workspace", function()
  local place = folder()
  local csorun, write = place.csorun, place.write

  before_each(function()
    place.open()
    write("network.lua", NETWORK)
    write("web.lua", WEB)
    write("other.lua", OTHER)
    write("workspace.lua", WORKSPACE)
  end)

  after_each(place.close)

  it("is no playbook", function()
    write("w.lua", 'return { stacks = { other = { playbook = "other.lua" } } }')
    for _, command in ipairs { "plan", "apply -y", "destroy -y" } do
      local status, text = csorun(command .. " w.lua --sim")
      assert.equal(3, status, text)
      assert.match("w.lua is a workspace file.-csorun plan %-%-all w.lua", text)
    end
  end)

  it("plans what the outputs are going to be, not what they were", function()
    assert.equal(0, (csorun "apply --all --sim -y"))
    -- A value that is known by now, and one that is going to be.
    write("network.lua", (NETWORK:gsub("vpc = vpc.VpcId", 'vpc = vpc.VpcId, zone = "b.test"')))
    write("web.lua", (WEB:gsub('"in " .. network.vpc', "network.zone")))
    local status, text = csorun "plan --all --sim"
    assert.equal(0, status, text)
    assert.match('web +│ +where: "in vpc%-%x+" → "b%.test"', text)
    assert.equal(0, (csorun "apply --all --sim -y"))
    write("network.lua", (NETWORK:gsub("10.0.0.0", "10.5.0.0"):gsub("vpc = vpc.VpcId", 'vpc = vpc.VpcId, zone = "b.test"')))
    status, text = csorun "plan --all --sim"
    assert.equal(0, status, text)
    assert.match("web +│ +VpcId: .-known after apply: stack network%.vpc", text)
    -- One that is not going to be there any more: nothing is applied before that is said.
    write("network.lua", (NETWORK:gsub("vpc = vpc.VpcId", "vpc_id = vpc.VpcId")))
    status, text = csorun "apply --all --sim -y"
    assert.equal(3, status, text)
    assert.match("stack network has no output vpc.-at web.lua:4.-it has password, vpc_id", text)
    assert.is_nil(text:find("network +applied"), text)
    assert.is_nil(text:find("hunter2", 1, true))
  end)

  it("is planned in an empty account, applied once, and then there is nothing to do", function()
    local status, text = csorun "plan --all --sim --detailed-exitcode"
    assert.equal(2, status, text)
    assert.match("web +│ +VpcId: %(known after apply: stack network%.vpc%)", text)
    status, text = csorun "apply --all --sim </dev/null"
    assert.equal(3, status)
    assert.match("auto%-approve", text)
    status, text = csorun "apply --all --sim -y"
    assert.equal(0, status, text)
    assert.match("network +applied.*other +applied.*web +applied", text)
    assert.is_nil(text:find("hunter2", 1, true))
    status, text = csorun "plan --all --sim --detailed-exitcode"
    assert.equal(0, status, text)
    local _, out = csorun "output --all --sim --json"
    local said = {}
    for line in out:gmatch "[^\n]+" do
      local object = json.decode(line)
      said[object.stack] = object.outputs
    end
    assert.equal("in " .. said.network.vpc, said.web.where)
    assert.same({}, said.other)
    assert.is_nil(out:find("hunter2", 1, true))
    status, text = csorun "drift --all --sim"
    assert.equal(0, status, text)
  end)

  it("gives all states the key that is asked for, also when nothing else is to be done", function()
    local function sealed(name)
      local file = assert(io.open(place.dir .. "/.cso/" .. name .. ".db", "rb"))
      local head = file:read(15)
      file:close()
      return head ~= "SQLite format 3"
    end
    write("a.lua", 'local cso = require "cso"\ncso.random.password "a" {}\n')
    write("b.lua", 'local cso = require "cso"\ncso.random.password "b" {}\n')
    write("workspace.lua", 'return { stacks = { a = { playbook = "a.lua" }, b = { playbook = "b.lua" } } }')
    local status, text = csorun "apply --all -y"
    assert.equal(0, status, text)
    assert.is_false(sealed "a")
    status, text = csorun("apply --all -y </dev/null", "P=one CSORUN_ENCRYPT=passphrase:P")
    assert.equal(0, status, text)
    assert.is_true(sealed "a" and sealed "b")
    local both = "Q=two CSORUN_ENCRYPT=passphrase:Q P=one CSORUN_ENCRYPT_OLD=passphrase:P"
    status, text = csorun("apply --all </dev/null", both)
    assert.equal(0, status, text)
    for _, name in ipairs { "a", "b" } do
      status, text = csorun("state list --stack " .. name, "Q=two CSORUN_ENCRYPT=passphrase:Q")
      assert.equal(0, status, text)
    end
  end)

  it("is destroyed backwards", function()
    assert.equal(0, (csorun "apply --all --sim -y"))
    local status, text = csorun "destroy --all --sim -y --json"
    assert.equal(0, status, text)
    local order = {}
    for line in text:gmatch "[^\n]+" do
      local object = json.decode(line)
      assert.is_table(object, line)
      assert.is_string(object.stack, line)
      if object.type == "step_done" then order[#order + 1] = object.stack end
    end
    local at = {}
    for i, name in ipairs(order) do at[name] = i end
    assert.is_true(at.web < at.network)
    local _, left = csorun "--sim exec ec2.DescribeVpcs --query 'Vpcs[].CidrBlock' --json"
    assert.same({}, json.decode(left))
  end)

  it("lets a change of one stack reach those that read it", function()
    assert.equal(0, (csorun "apply --all --sim -y"))
    write("network.lua", (NETWORK:gsub("vpc = vpc.VpcId", 'vpc = vpc.VpcId, zone = "a"')))
    write("web.lua", (WEB:gsub('"in " .. network.vpc', 'network.zone')))
    local status, text = csorun "plan --all --sim"
    assert.equal(0, status, text)
    assert.match("where: .- → \"a\"", text)
    assert.equal(0, (csorun "apply --all --sim -y"))
    local _, out = csorun "output where --stack web --sim --raw"
    assert.equal("a\n", out)
  end)

  it("hands secrets on from what keeps them", function()
    write("network.lua", NETWORK .. 'cso.aws.SecretsManager.Secret "s" { SecretString = cso.secret "hunter2-of-network" }\n')
    write("web.lua", WEB .. 'cso.aws.SSM.Parameter "x" { Type = "String", Value = network.password }\n')
    local status, text = csorun "apply --all --sim -y"
    assert.equal(0, status, text)
    assert.is_nil(text:find("hunter2", 1, true))
    status, text = csorun "plan --all --sim --detailed-exitcode"
    assert.equal(0, status, text)
    local _, out = csorun "--sim exec ssm.DescribeParameters --query 'Parameters[0].Name' --json"
    _, out = csorun("--sim exec ssm.GetParameter Name=" .. json.decode(out) .. " --query Parameter.Value --json --reveal")
    assert.equal("hunter2-of-network", json.decode(out))
  end)

  local function more(n)
    local text_of = { NETWORK }
    for i = 1, n do text_of[i + 1] = ('cso.aws.EC2.VPC "v%d" { CidrBlock = "10.%d.0.0/16" }\n'):format(i, i + 4) end
    write("network.lua", table.concat(text_of))
  end

  -- On a terminal, where somebody types these answers.
  local function answered(words, answers)
    local text, status = shell(("printf '%s' | script -qec '$B/csorun %s' /dev/null"):format(answers, words), place.dir)
    return status, text
  end

  it("asks again when a plan turns out to be another one, and only then", function()
    -- A bare chroot has neither: script(1) makes a terminal of /dev/pts.
    if not os.execute "script -qec true /dev/null >/dev/null 2>&1" then return pending "no terminal can be made here" end
    local status, text = answered("apply --all --sim", "yes\\n")
    assert.equal(0, status, text)
    assert.is_nil(text:find("another plan", 1, true), text)
    -- What is declared depends on what is there when it is asked.
    write("web.lua", [[
local cso = require "cso"
cso.env { size = cso.t.string }
for _, vpc in ipairs(cso.api.ec2 {}:DescribeVpcs {}.Vpcs) do
  cso.aws.EC2.SecurityGroup("of-" .. (vpc.CidrBlock:gsub("/.*", ""))) { GroupDescription = "x", VpcId = vpc.VpcId }
end
]])
    more(1)
    status, text = answered("apply --all --sim", "yes\\nno\\n")
    assert.equal(7, status, text)
    assert.match("EC2%.SecurityGroup%.of%-10%.5%.0%.0: noop was shown, now it is create", text)
    assert.match("Stack web has another plan now", text)
    assert.match("web +not applied: no was the answer", text)
    local _, groups = csorun "--sim exec ec2.DescribeSecurityGroups --query 'SecurityGroups[].GroupName' --json"
    assert.is_nil(groups:find("of-", 1, true), groups)
    more(2)
    status, text = answered("apply --all --sim", "yes\\nyes\\n")
    assert.equal(0, status, text)
    assert.match("Stack web has another plan now", text)
    assert.match("web +applied", text)
    more(3)
    status, text = csorun "apply --all --sim -y"
    assert.equal(0, status, text)
    assert.match("another plan than the one that was shown", text)
  end)

  it("reads outputs from states in S3, in the workspace file's place and over CSORUN_STATE", function()
    assert.equal(0, (csorun "--sim --region us-east-1 exec s3.CreateBucket Bucket=team-states"))
    write("workspace.lua", (WORKSPACE:gsub('"network.lua" }', '"network.lua", state = "s3://team-states/net.db" }')))
    local status, text = csorun "apply --all --sim --region us-east-1 -y --state s3://team-states/all/"
    assert.equal(0, status, text)
    status, text = csorun "plan --all --sim --region us-east-1 --state s3://team-states/all/ --detailed-exitcode"
    assert.equal(0, status, text)
    local _, out = csorun "output where --stack web --sim --region us-east-1 --raw --state s3://team-states/all/"
    assert.match("^in vpc%-", out)
    assert.is_nil(io.open(place.dir .. "/.cso/sim-network.db"))
    -- Encrypted, too; the stack that reads has the key as well.
    more(1)
    text = shell("SIZE=3 P=x CSORUN_ENCRYPT=passphrase:P CSORUN_ENCRYPT_OLD=none $B/csorun apply --all --sim "
      .. "--region us-east-1 -y --state s3://team-states/all/", place.dir)
    assert.match("network +applied", text)
    assert.match("web +applied", text)
    status, text = csorun "plan --all --only web --sim --region us-east-1 --state s3://team-states/all/"
    assert.equal(3, status, text)
    assert.match("is encrypted, and no key is configured", text)
  end)

  it("skips what needs a failed stack, and goes on with the rest", function()
    write("network.lua", NETWORK .. 'cso.aws.EC2.Subnet "s" { VpcId = "vpc-00000000", CidrBlock = "10.0.1.0/24" }\n')
    local status, text = csorun "apply --all --sim -y"
    assert.equal(7, status, text)
    assert.match("network +failed %(exit code 7%)", text)
    assert.match("other +applied", text)
    assert.match("web +skipped: network failed", text)
    write("network.lua", NETWORK)
    status, text = csorun "apply --all --sim -y"
    assert.equal(0, status, text)
  end)

  it("goes on after a stack's process was killed", function()
    write("other.lua", OTHER .. [[
cso.step "die" { run = function()
  if not io.open "alive" then os.execute "kill -9 $PPID" end
end }
]])
    local status, text = csorun "apply --all --sim -y"
    assert.equal(7, status, text)
    assert.match("other +failed %(exit code 137%)", text)
    assert.match("web +applied", text)
    write("alive", "")
    status, text = csorun "apply --all --sim -y"
    assert.equal(0, status, text)
    local _, out = csorun "--sim exec ec2.DescribeVpcs --query 'Vpcs[].CidrBlock' --json"
    local blocks = json.decode(out)
    table.sort(blocks)
    assert.same({ "10.0.0.0/16", "10.9.0.0/16" }, blocks)
  end)

  it("says of a locked stack who holds it, and does the others", function()
    assert.equal(0, (csorun "apply --all --sim -y"))
    local store = assert(require("cso.state").open { path = place.dir .. "/.cso/sim-network.db" })
    local lock = assert(store:lock { command = "apply", who = "somebody", pid = 1 })
    write("network.lua", (NETWORK:gsub("10.0.0.0/16", "10.7.0.0/16")))
    write("other.lua", (OTHER:gsub("10.9", "10.8")))
    local status, text = csorun "apply --all --sim -y"
    lock.close()
    store:close()
    assert.equal(7, status, text)
    assert.match("is locked: apply by somebody", text)
    assert.match("web +skipped: network failed", text)
    assert.match("other +applied", text)
  end)

  it("ends what runs when it is told to, and starts nothing more", function()
    write("network.lua", NETWORK .. [[
cso.step "slow" { run = function()
  io.open("running", "w"):close()
  cso.sleep(1)
  io.open("finished", "w"):close()
end }
]])
    local text, status = shell([[$B/csorun apply --all --sim -y & pid=$!
      while [ ! -e running ]; do sleep 0.05; done; kill -TERM $pid; wait $pid]], place.dir)
    assert.equal(130, status, text)
    assert.is_truthy(io.open(place.dir .. "/finished"), text)
    assert.is_nil(io.open(place.dir .. "/.cso/sim-web.db"))
    assert.equal(0, (csorun "apply --all --sim -y"))
  end)

  local function refused(text, message)
    write("w.lua", text)
    local status, said = csorun "plan --all w.lua --sim"
    assert.equal(3, status, said)
    assert.match(message, said)
  end

  it("says by its line what is wrong in the file", function()
    refused('return { stacks = {\n a = { playbook = "network.lua", needs = { "b" } },\n'
      .. ' b = { playbook = "web.lua", needs = { "a" } } } }', "a %-> b %-> a.*w%.lua:2")
    refused('return { stacks = {\n a = { playbook = "network.lua", needs = { "netwrok" } },\n'
      .. ' network = { playbook = "web.lua" } } }', "w%.lua:2.*did you mean network")
    refused('return { stacks = {\n a = { playbok = "network.lua" } } }', "w%.lua:2.*did you mean playbook")
    refused('return { stacks = {\n\n a = { playbook = "nothing.lua" } } }', "no playbook nothing%.lua.*w%.lua:3")
    refused('return { stacks = {\n a = { playbook = os.getenv "X" } } }', "has no os.*w%.lua:2")
    refused('return { stacks = { another = { playbook = "other.lua" } } }', "names its stack other, and w%.lua names it another")
    refused("return 3", "returns a table")
    refused("return {", "syntax error")
    refused('return { stacks = { a = { playbook = "network.lua", state = "x.db" },\n'
      .. ' b = { playbook = "web.lua", state = "x.db" } } }', "a and b have one state")
  end)

  it("lets a stack read only what it needs and what is there", function()
    write("w.lua", (WORKSPACE:gsub("needs = { \"network\" }, ", "")))
    local status, text = csorun "plan --all w.lua --only web --sim"
    assert.equal(3, status)
    assert.match("network, which is not among its needs in w%.lua.*web%.lua:3", text)
    status, text = csorun "plan --all --only web --sim"
    assert.equal(3, status)
    assert.match("stack network has no outputs yet", text)
    assert.equal(0, (csorun "apply --all --only network --sim -y"))
    write("web.lua", (WEB:gsub("network.vpc }", "network.vcp }")))
    status, text = csorun "plan --all --only web --sim"
    assert.equal(3, status)
    assert.match("has no output vcp.*web%.lua:4.*did you mean vpc", text)
    status, text = csorun "plan web.lua --set size=1 --sim"
    assert.equal(3, status)
    assert.match("run it by its workspace file", text)
    status, text = csorun "plan --all --target x --sim"
    assert.equal(3, status)
    assert.match("%-%-target is for one stack", text)
    status, text = csorun "plan --all --state x.db --sim"
    assert.equal(3, status)
    assert.match("names one state", text)
  end)
end)
