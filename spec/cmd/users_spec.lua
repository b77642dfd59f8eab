-- A deletion that waits says for whom: who still uses the thing, and when only other stacks do, it ends.
local folder = require("spec.cmd.folder") "--sim"

local function sim(words) return folder.csorun(words, "CSORUN_PACE=1000") end

describe("what is still used", function()
  local vpc

  before_each(function()
    folder.open()
    folder.write("net.lua", [[
local cso = require "cso"
cso.stack { name = "net" }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
cso.output { vpc = vpc.VpcId }
]])
    assert.equal(0, (sim "net.lua --auto-approve"))
    local _, text = sim "output net.lua vpc --raw"
    vpc = text:match "vpc%-%x+"
  end)
  after_each(folder.close)

  it("is told with its stack, and waited for a while only", function()
    folder.write("app.lua", ([[
local cso = require "cso"
cso.stack { name = "app" }
cso.aws.EC2.Subnet "a" { VpcId = "%s", CidrBlock = "10.0.1.0/24" }
]]):format(vpc))
    assert.equal(0, (sim "app.lua --auto-approve"))
    local status, text = sim "destroy net.lua --auto-approve"
    assert.equal(1, status, text)
    assert.match("is used by subnet%-%x+ %(EC2%.Subnet%.a of stack app%)", text)
    assert.match("used_elsewhere", text)
    assert.match("destroy what uses it first %(stack app%)", text)
    assert.equal(0, (sim "destroy app.lua --auto-approve"))
    status, text = sim "destroy net.lua --auto-approve"
    assert.equal(0, status, text)
  end)

  it("by what is nobody's is waited for as long as was declared, and named", function()
    assert.equal(0, (sim(("exec ec2.CreateSecurityGroup GroupName=by-hand Description=x VpcId=%s"):format(vpc))))
    folder.write("net.lua", [[
local cso = require "cso"
cso.stack { name = "net" }
cso.aws.EC2.VPC("main", { timeouts = { delete = "10m" } }) { CidrBlock = "10.0.0.0/16" }
]])
    local status, text = sim "net.lua --auto-approve"
    assert.equal(0, status, text)
    status, text = sim "destroy net.lua --auto-approve"
    assert.equal(1, status, text)
    assert.match("still waiting for what still uses it after 6%d%d s", text)
    assert.match("used by sg%-%x+", text)
    assert.no.match("used_elsewhere", text)
  end)
end)
