-- Undoing a run, against the simulated account.
local folder = require "spec.cmd.folder"

local HEAD = 'local cso = require "cso"\nlocal EC2 = cso.aws.EC2\ncso.stack { name = "spec" }\n'
local VPC = 'local vpc = EC2.VPC "one" { CidrBlock = "10.0.0.0/16" }\ncso.output { vpc = vpc.VpcId }\n'
local SUBNET = 'EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24" }\n'

describe("csorun rollback", function()
  local place = folder "--sim"
  local csorun = place.csorun

  --- Applies a playbook; gives the id of the run.
  local function apply(text)
    local file = assert(io.open(place.dir .. "/p.lua", "w"))
    file:write(HEAD .. text)
    file:close()
    local status, told = csorun "apply p.lua -y --json"
    assert.equal(0, status, told)
    return (told:match '"run":"([^"]+)"')
  end

  before_each(place.open)

  after_each(place.close)

  it("deletes what the run made, and only that", function()
    apply(VPC)
    local second = apply(VPC .. SUBNET)
    local status, text = csorun("rollback " .. second .. " -y")
    assert.equal(0, status, text)
    assert.match("1 deleted", text)
    assert.match("EC2%.VPC%.one", (select(2, csorun "state list")))
    assert.is_nil((select(2, csorun "state list")):find("Subnet", 1, true))
    assert.match("^vpc%-", (select(2, csorun "output vpc --raw")))
    status, text = csorun("rollback " .. second .. " -y")
    assert.equal(0, status, text)
    assert.match("is undone already", text)
  end)

  it("says what can't be undone", function()
    local first = apply(VPC)
    apply(VPC .. SUBNET)
    local status, text = csorun("rollback " .. first .. " -y")
    assert.equal(6, status)
    assert.match("EC2%.Subnet%.a was made later and needs EC2%.VPC%.one", text)
    local changed = apply((VPC:gsub('"10.0.0.0/16"', '"10.0.0.0/16", EnableDnsHostnames = true')) .. SUBNET)
    status, text = csorun("rollback " .. first .. " -y")
    assert.equal(6, status)
    assert.match(changed .. " (apply) touched EC2.VPC.one", text, 1, true)
    status, text = csorun "rollback 20010101T000000Z-000000"
    assert.equal(3, status)
    assert.match("there is no run", text)
  end)
end)
