-- Plans that are written down and carried out later, against the simulated account.
local folder = require "spec.cmd.folder"
local json = require "cso.std.json"
local planfile = require "cso.cmd.planfile"

local PLAYBOOK = [[
local cso = require "cso"
local env = cso.env { cidr = cso.t.cidr { default = "10.0.0.0/16" }, word = cso.t.string { default = "hunter2" } }
cso.stack { name = "spec" }
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "main" { CidrBlock = env.cidr }
EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", Tags = { Note = cso.file "note.txt" } }
EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24" }
cso.output { word = cso.secret(env.word) }
]]

describe("a saved plan", function()
  local place = folder "--sim"
  local csorun, write, read = place.csorun, place.write, place.read

  before_each(function()
    place.open()
    write("p.lua", PLAYBOOK)
    write("note.txt", "one")
  end)

  after_each(place.close)

  it("is readable, holds no secret, and is done as it stands without a question", function()
    local status, text = csorun "plan p.lua --out x.json"
    assert.equal(0, status, text)
    local saved = json.decode(read "x.json")
    assert.equal("create", saved.actions[1].action)
    assert.equal("EC2.Subnet.a", saved.actions[1].address)
    assert.is_string(saved.hashes.files["note.txt"])
    assert.is_nil(read("x.json"):find("hunter2", 1, true))
    status, text = csorun "apply x.json"
    assert.equal(0, status, text)
    assert.match("Applied: 3 created", text)
    status, text = csorun "apply x.json"
    assert.equal(3, status)
    assert.match("has a state now, and had none", text)
  end)

  it("shows false as it shows any value", function()
    write("p.lua", (PLAYBOOK:gsub("CidrBlock = env.cidr", "CidrBlock = env.cidr, EnableDnsSupport = false")))
    csorun "plan p.lua --out x.json"
    local seen
    for _, action in ipairs(json.decode(read "x.json").actions) do
      for _, c in ipairs(action.changes) do
        if c.path == "EnableDnsSupport" then seen = c end
      end
    end
    assert.is_false(seen.after)
    local _, text = csorun "plan p.lua --json"
    assert.match('"after":false,"path":"EnableDnsSupport"', text)
  end)

  it("tells the calls, and who needs what is lost", function()
    local status, text = csorun "plan p.lua --calls"
    assert.equal(0, status, text)
    assert.match("EC2%.VPC%.main  ec2%.CreateVpc", text)
    assert.match("2 × ec2%.CreateSubnet", text)
    assert.equal(0, (csorun "apply p.lua -y"))
    text = select(2, csorun "plan p.lua --calls --set cidr=10.0.0.0/15")
    assert.match("needed by EC2%.Subnet%.a, EC2%.Subnet%.b", text)
    assert.match("EC2%.VPC%.main  ec2%.DeleteVpc\n  EC2%.VPC%.main  ec2%.CreateVpc", text)
    text = select(2, csorun "plan p.lua --calls --json --set cidr=10.0.0.0/15")
    assert.match('"operation":"DeleteVpc"', text)
    assert.match('"affects":%["EC2%.Subnet%.a"', text)
  end)

  it("says what keeps it from knowing a call", function()
    write("s.lua", [[local cso = require "cso"
      cso.stack { name = "calls" }
      cso.aws.SSM.Parameter "p" { Name = "/p", Type = "String", Value = "x" }]])
    local _, text = csorun "plan s.lua --calls"
    assert.match("SSM.Parameter.p  ssm.PutParameter", text, 1, true)
    text = select(2, csorun "plan s.lua --calls --refresh=false")
    assert.match("SSM.Parameter.p  ssm: as its kind decides on its way (what is there decides, which --refresh=false",
      text, 1, true)
    text = select(2, csorun "plan s.lua --calls --refresh=false --json")
    assert.match('"why":"what is there decides', text, 1, true)
  end)

  it("is refused when a file that the playbook read says something else", function()
    csorun "plan p.lua --out x.json"
    write("note.txt", "two")
    local status, text = csorun "apply x.json"
    assert.equal(3, status)
    assert.match("file note%.txt changed", text)
    assert.match("nothing was changed", text)
  end)

  it("is refused when a value of the environment is another one", function()
    csorun "plan p.lua --out x.json --set word=one"
    local status, text = csorun "apply x.json"
    assert.equal(3, status)
    assert.match("was made with %-%-set word", text)
    status, text = csorun "apply x.json --set word=two"
    assert.equal(3, status)
    assert.match("environment word changed", text)
    assert.equal(0, (csorun "apply x.json --set word=one"))
  end)

  it("is refused when it was altered", function()
    csorun "plan p.lua --out x.json"
    write("x.json", (read("x.json"):gsub("10%.0%.1%.0", "10.0.9.0")))
    local status, text = csorun "apply --plan x.json"
    assert.equal(3, status)
    assert.match("was altered", text)
    write("x.json", "{}")
    assert.match("is no plan of csorun", (select(2, csorun "apply x.json")))
  end)

  it("is refused when the stack moved on", function()
    assert.equal(0, (csorun "apply p.lua -y"))
    csorun "plan p.lua --destroy --out d.json"
    write("note.txt", "two")
    assert.equal(0, (csorun "apply p.lua -y"))
    local status, text = csorun "apply d.json"
    assert.equal(3, status)
    assert.match("file note%.txt changed", text)
    assert.match("was at serial 1 and is at 2", text)
  end)

  it("tells which action would be another one", function()
    local saved = { path = "x.json", hashes = { salt = "s" }, outputs = json.array {}, moves = json.array {}, actions = {
      { address = "a", action = "create", type = "T", reasons = json.array {}, changes = json.array {} } } }
    local function check(action, changes)
      return planfile.check_actions({ session = {} }, saved, { actions = { { address = "a", action = action, type = "T",
        changes = changes or {} } }, nodes = { a = {} } })
    end
    assert.is_true(check "create")
    assert.match("a: create was planned, now it would be noop", select(2, check "noop").message)
    assert.match("a: create would change other things",
      select(2, check("create", { { path = "P", after = 1 } })).message)
  end)

  it("is not done with another secret, which it does not show", function()
    write("s.lua", [[
local cso = require "cso"
cso.stack { name = "spec" }
cso.aws.SSM.Parameter "p" { Name = "/p", Type = "String", Value = cso.secret(os.getenv "WORD") }
]])
    assert.equal(0, (csorun("plan s.lua --out x.json", "WORD=hunter2")))
    assert.is_nil(read("x.json"):find("hunter2", 1, true))
    local status, text = csorun("apply x.json", "WORD=hunter3")
    assert.equal(3, status)
    assert.match("the secret SSM%.Parameter%.p Value is another one", text)
    status, text = csorun("apply x.json", "WORD=hunter2")
    assert.equal(0, status, text)
  end)

  it("is not done with other options, and is no playbook", function()
    csorun "plan p.lua --out x.json --target EC2.VPC.main"
    for _, option in ipairs { "--target 'EC2.*'", "--exclude EC2.Subnet.a", "--replace EC2.VPC.main", "--env e.yaml",
      "--overlay o.yaml", "--refresh=false" } do
      local status, text = csorun("apply x.json " .. option)
      assert.equal(3, status, option)
      assert.match("other_options", text)
    end
    for _, command in ipairs { "plan", "destroy" } do
      local status, text = csorun(command .. " x.json")
      assert.equal(3, status)
      assert.match("x%.json is no playbook.*csorun apply x%.json", text)
    end
    local status, text = csorun "apply x.json --target EC2.VPC.main"
    assert.equal(0, status, text)
  end)

  it("keeps what was left out of it", function()
    assert.equal(0, (csorun "plan p.lua --out x.json --exclude 'EC2.Subnet.*'"))
    local status, text = csorun "apply x.json"
    assert.equal(0, status, text)
    assert.match("Applied: 1 created", text)
    status, text = csorun "plan p.lua --exclude EC2.VPC.main --detailed-exitcode"
    assert.equal(0, status, text)
    status, text = csorun "plan p.lua --exclude EC2.VPC.mian"
    assert.equal(3, status)
    assert.match("did you mean EC2%.VPC%.main", text)
  end)

  it("takes the users of a target along when it goes", function()
    assert.equal(0, (csorun "apply p.lua -y"))
    local _, text = csorun "plan p.lua --destroy --target EC2.Subnet.a"
    assert.match("Plan: 1 to delete", text)
    _, text = csorun "plan p.lua --destroy --target EC2.VPC.main"
    assert.match("Plan: 3 to delete", text)
  end)
end)
