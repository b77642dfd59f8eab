-- Records that go from one stack to another, and what is left when that is killed in the middle.
local folder = require "spec.cmd.folder"
local shell = require "spec.cmd.shell_line"
local state = require "cso.state"

local BOTH = [[
local cso = require "cso"
cso.stack { name = "a" }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
cso.aws.EC2.Subnet "s" { VpcId = vpc, CidrBlock = "10.0.1.0/24" }
cso.aws.EC2.VPC "stays" { CidrBlock = "10.9.0.0/16" }
]]

local LEFT = [[
local cso = require "cso"
cso.stack { name = "a" }
cso.aws.EC2.VPC "stays" { CidrBlock = "10.9.0.0/16" }
]]

local MOVED = BOTH:gsub('"a"', '"b"'):gsub("cso%.aws%.EC2%.VPC \"stays\".-\n", "")

-- Kills itself after so many steps of a move.
local KILLED = [[
local state, steps = require "cso.state", tonumber(arg[1])
local a = assert(state.open { path = ".cso/sim-a.db", write = true })
local b = assert(state.open { path = ".cso/sim-b.db", create = true, write = true })
local move = { id = "move-1", stack = "b", place = ".cso/sim-b.db", addresses = { "EC2.Subnet.s", "EC2.VPC.main" } }
local here, there = a:begin_run { command = "state mv", who = "x" }, b:begin_run { command = "state mv", who = "x" }
local luggage
local list = {
  function() luggage = a:part(move) end,
  function() b:arrive(move, luggage, there, "a") end,
  function() a:depart(move, here) end,
}
for i = 1, steps do list[i]() end
os.execute "kill -9 $PPID"
]]

describe("csorun state mv --to", function()
  local place = folder "--sim"
  local csorun, write = place.csorun, place.write

  local function addresses(name)
    local store, list = assert(state.open { path = ("%s/.cso/sim-%s.db"):format(place.dir, name) }), {}
    for i, record in ipairs(store:resources()) do list[i] = record.address end
    store:close()
    return table.concat(list, " ")
  end

  local function settled()
    local status, text = csorun "plan a.lua --detailed-exitcode"
    assert.equal(0, status, text)
    status, text = csorun "plan b.lua --detailed-exitcode"
    assert.equal(0, status, text)
  end

  before_each(function()
    place.open()
    write("a.lua", BOTH)
    write("b.lua", MOVED)
    write("killed.lua", KILLED)
    assert.equal(0, (csorun "apply a.lua -y"))
  end)

  after_each(place.close)

  it("moves what is named, and both plans are empty", function()
    local status, text = csorun "state mv --stack a --to b EC2.VPC.main EC2.Subnet.*"
    assert.equal(0, status, text)
    assert.match("EC2%.Subnet%.s is of stack b from now on", text)
    write("a.lua", LEFT)
    settled()
    assert.equal("EC2.VPC.stays", addresses "a")
    assert.equal("EC2.Subnet.s EC2.VPC.main", addresses "b")
    status, text = csorun "destroy b.lua -y"
    assert.equal(0, status, text)
    assert.match("2 deleted", text)
    assert.equal(0, (csorun "plan a.lua --detailed-exitcode"))
  end)

  it("refuses to tear apart, to overwrite, and to guess", function()
    local status, text = csorun "state mv --stack a --to b EC2.VPC.main"
    assert.equal(3, status)
    assert.match("EC2%.Subnet%.s depends on EC2%.VPC%.main and would stay", text)
    status, text = csorun "state mv --stack a --to b EC2.VPC.mian"
    assert.equal(3, status)
    assert.match("did you mean EC2%.VPC%.main", text)
    status, text = csorun "state mv --stack a --to a EC2.VPC.stays"
    assert.equal(3, status)
    assert.match("have one state", text)
    status, text = csorun "state mv --stack a EC2.VPC.stays"
    assert.equal(3, status)
    assert.match("needs FROM and TO", text)
    write("b.lua", 'local cso = require "cso"\ncso.aws.EC2.VPC "stays" { CidrBlock = "10.5.0.0/16" }\n')
    assert.equal(0, (csorun "apply b.lua -y"))
    status, text = csorun "state mv --stack a --to b EC2.VPC.stays"
    assert.equal(3, status)
    assert.match("stack b has a EC2%.VPC%.stays already", text)
    assert.equal("EC2.Subnet.s EC2.VPC.main EC2.VPC.stays", addresses "a")
    assert.equal(0, (csorun "plan a.lua --detailed-exitcode"))
  end)

  it("waits for nobody who holds the other state", function()
    assert.equal(0, (csorun "state mv --stack a --to b EC2.VPC.main EC2.Subnet.s"))
    local store = assert(state.open { path = place.dir .. "/.cso/sim-b.db" })
    local lock = assert(store:lock { command = "apply", who = "somebody", pid = 1 })
    local status, text = csorun "state mv --stack a --to b EC2.VPC.stays"
    lock.close()
    store:close()
    assert.equal(5, status)
    assert.match("locked: apply by somebody", text)
    assert.equal("EC2.VPC.stays", addresses "a")
  end)

  local function killed_after(steps)
    local text, status = shell(("$B/csorun-lua killed.lua %d"):format(steps), place.dir)
    assert.equal(137, status, text)
  end

  it("is taken back when it was killed before the records arrived", function()
    killed_after(1)
    assert.equal("EC2.VPC.stays", addresses "a")
    local status, text = csorun "apply a.lua -y"
    assert.equal(0, status, text)
    assert.match("No changes", text)
    assert.equal("EC2.Subnet.s EC2.VPC.main EC2.VPC.stays", addresses "a")
    assert.equal("", addresses "b")
  end)

  it("is finished when it was killed after they arrived", function()
    for steps = 2, 3 do
      killed_after(steps)
      write("a.lua", LEFT)
      settled()
      local status, text = csorun "apply a.lua -y"
      assert.equal(0, status, text)
      assert.match("No changes", text)
      settled()
      assert.equal("EC2.VPC.stays", addresses "a")
      assert.equal("EC2.Subnet.s EC2.VPC.main", addresses "b")
      if steps == 2 then
        os.execute(("rm -rf '%s/.cso'"):format(place.dir))
        write("a.lua", BOTH)
        assert.equal(0, (csorun "apply a.lua -y"))
      end
    end
  end)

  it("does not come back when the new owner has destroyed what arrived", function()
    killed_after(2)
    write("a.lua", LEFT)
    assert.equal(0, (csorun "destroy b.lua -y"))
    local status, text = csorun "apply a.lua -y"
    assert.equal(0, status, text)
    assert.match("No changes", text)
    assert.equal("EC2.VPC.stays", addresses "a")
  end)
end)
