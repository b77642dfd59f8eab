-- What a run leaves half done is told as that; what is simulated lies where nothing real does.
local folder = require("spec.cmd.folder") "--region us-east-1"

local KEYS = "AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret "

describe("a run that fails after its first call for a thing", function()
  before_each(folder.open)
  after_each(folder.close)

  it("says that something was changed", function()
    folder.write("p.lua", [[
local cso = require "cso"
cso.aws.EC2.VPC "v" { CidrBlock = "10.0.0.0/16", EnableDnsSupport = cso.all {}:map(function() return "maybe" end) }
]])
    local status, text = folder.csorun("--sim p.lua -y", KEYS)
    assert.equal(7, status, text)
    assert.match("Failed: 1 done in part, 1 failed", text)
    status, text = folder.csorun("--sim state list", KEYS)
    assert.equal(0, status, text)
    assert.match("EC2.VPC.v .* partial", text)
    status, text = folder.csorun("--sim history", KEYS)
    assert.equal(0, status, text)
    assert.match("1 done in part, 1 failed", text)
  end)

  it("says that nothing was where its first call failed", function()
    folder.write("p.lua", [[
local cso = require "cso"
cso.aws.EC2.VPC "v" { CidrBlock = cso.all {}:map(function() return "10.0.0.0/5" end) }
]])
    local status, text = folder.csorun("--sim p.lua -y", KEYS)
    assert.equal(1, status, text)
    assert.match("Failed: nothing changed, 1 failed", text)
  end)
end)

describe("a stack", function()
  before_each(folder.open)
  after_each(folder.close)

  it("is not called what a simulated one's file is called", function()
    folder.write("web.lua", 'local cso = require "cso"\ncso.aws.EC2.VPC "v" { CidrBlock = "10.0.0.0/16" }')
    folder.write("sim-web.lua", folder.read "web.lua")
    folder.write("sim.lua", folder.read "web.lua")
    local status, text = folder.csorun("--sim web.lua -y", KEYS)
    assert.equal(0, status, text)
    for _, words in ipairs {
      "plan sim-web.lua", "apply sim.lua -y", "state list --stack sim-web", "destroy --stack sim-web -y",
    } do
      status, text = folder.csorun("--endpoint-url http://127.0.0.1:1 " .. words, KEYS)
      assert.equal(3, status, text)
      assert.match("a stack can't be called sim", text)
    end
    status, text = folder.csorun("--sim sim-web.lua -y", KEYS)
    assert.equal(0, status, text)
    status, text = folder.csorun("--endpoint-url http://127.0.0.1:1 plan sim-web.lua --state other.db", KEYS)
    assert.equal(0, status, text)
    assert.match("Plan: 1 to create", text)
  end)
end)
