-- Which addresses a run is about, and runs that only look, against the simulated account.
local shell = require "spec.cmd.shell_line"

local PLAYBOOK = [[
local cso = require "cso"
cso.stack { name = "spec" }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", Tags = { Team = "a" } }
for i = 1, 2 do
  cso.aws.EC2.Subnet("s" .. i) { VpcId = vpc, CidrBlock = "10.0." .. i .. ".0/24", Tags = { Tier = i == 1 and "db" or "web" } }
end
cso.aws.Logs.LogGroup "log" { LogGroupName = "/spec", RetentionInDays = 7 }
cso.step "look" { after = { vpc }, run = function() return true end }
]]

describe("a run", function()
  local dir

  local function csorun(words)
    local text, status = shell("$B/csorun --sim " .. words, dir)
    return status, text
  end

  local function expect(status, words, ...)
    local got, text = csorun(words)
    assert.equal(status, got, words .. "\n" .. text)
    for _, pattern in ipairs { ... } do assert.match(pattern, text) end
    return text
  end

  local function planned(words)
    local out = {}
    for address in expect(0, "plan p.lua --short --json " .. words):gmatch('"type":"planned"[^\n]-"address":"([^"]+)"') do
      out[#out + 1] = address
    end
    if #out == 0 then
      for line in expect(0, "plan p.lua --json " .. words):gmatch("[^\n]+") do
        local address = line:find('"type":"planned"', 1, true) and line:match('"address":"([^"]+)"')
        out[#out + 1] = address
      end
    end
    table.sort(out)
    return out
  end

  before_each(function()
    local pipe = assert(io.popen "mktemp -d")
    dir = pipe:read "l"
    pipe:close()
    local file = assert(io.open(dir .. "/p.lua", "w"))
    file:write(PLAYBOOK)
    file:close()
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  it("is about what a condition chooses, and what that needs", function()
    assert.same({ "EC2.Subnet.s1", "EC2.VPC.main" }, planned [[--target "=tags.Tier == 'db'"]])
    assert.same({ "EC2.Subnet.s1", "EC2.Subnet.s2", "EC2.VPC.main", "step.look" }, planned "--exclude '=service == \"Logs\"'")
    assert.same({ "Logs.LogGroup.log" }, planned [[--target "=type:match('^AWS::Logs') and not exists"]])
    assert.same({ "EC2.Subnet.s2", "EC2.VPC.main" }, planned "--target 'EC2.Sub*2'")
  end)

  it("refuses a condition that is wrong, with what may stand in it", function()
    expect(3, [[plan p.lua --target "=tag.Tier == 'db'"]], "there is no tag", "did you mean tags")
    expect(3, [[plan p.lua --target "=type =="]], "unexpected symbol")
    expect(3, [[plan p.lua --target "=os.exit()"]], "there is no os")
    expect(3, [[plan p.lua --target "=true) + (1"]], "condition")
    expect(3, [[plan p.lua --target "=name == 'nobody'"]], "matches no address")
    expect(3, [[plan p.lua --exclude "=id .. 'x' == 1"]], "it was asked of")
    expect(3, [[plan p.lua --replace EC2.Subnet.s9]], "%-%-replace EC2%.Subnet%.s9 matches no address")
    expect(3, [[plan p.lua --replace step.look]], "a step is run")
  end)

  it("says that it left something out, and makes nothing anew that is left out", function()
    expect(0, "plan p.lua --target EC2.VPC.main", "1 to create, %d+ left out")
    local text = expect(0, "plan p.lua --exclude '*'", "No changes%. What was chosen needs none: .*, %d+ left out")
    assert.is_nil(text:find("is what the playbook says", 1, true))
    expect(3, "plan p.lua --exclude EC2.VPC.main --replace EC2.VPC.main", "takes no part")
    expect(3, "plan p.lua --target 'Logs.*' --replace 'EC2.*'", "takes no part")
  end)

  it("makes anew what globs and conditions name", function()
    expect(0, "apply p.lua -y")
    local text = expect(0, "plan p.lua --replace 'EC2.Subnet.*'", "2 to replace")
    assert.match("you asked for it", text)
    expect(0, [[plan p.lua --replace "=tags.Tier == 'web'"]], "1 to replace")
  end)

  it("only looks, and learns what is there", function()
    expect(0, "apply p.lua -y")
    expect(0, "plan p.lua --refresh-only --detailed-exitcode", "Nothing to learn")
    expect(0, "exec logs.PutRetentionPolicy logGroupName=/spec retentionInDays=30")
    local subnet = expect(0, "state show EC2.Subnet.s1"):match "subnet%-%x+"
    expect(0, "exec ec2.DeleteSubnet SubnetId=" .. subnet)
    expect(2, "plan p.lua --refresh-only --detailed-exitcode", "EC2%.Subnet%.s1  is gone", "7 .* 30",
      "Nothing in the account would be changed")
    expect(3, "apply p.lua --refresh-only", "nobody is there to answer")
    expect(3, "apply p.lua --refresh-only --verify x.pub", "%-%-verify is for saved plans")
    expect(3, "apply x.json --refresh-only", "a saved plan says what is to be done")
    expect(3, "apply p.lua --refresh-only --target EC2.VPC.main", "has no part in it")
    expect(0, "apply p.lua --refresh-only -y", "2 records")
    assert.is_nil(expect(0, "state list"):find("Subnet.s1", 1, true))
    -- What was applied is still known, so the plan says what differs.
    local text = expect(2, "plan p.lua --detailed-exitcode", "RetentionInDays: 30 .* 7", "1 to create")
    assert.match("1 to update", text)
    expect(0, "history", "refresh")
    expect(0, "apply p.lua -y")
    expect(0, "plan p.lua --refresh-only --detailed-exitcode", "Nothing to learn")
  end)
end)
