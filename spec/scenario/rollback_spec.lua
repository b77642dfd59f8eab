-- A run that creates, changes, replaces and deletes is undone: what is there afterwards is what the
-- playbook before it says, however often and wherever the undoing was killed.
local edited = require "spec.scenario.edited"
local life = require "spec.life.harness"
local world = require "spec.scenario.world"

local OLD, NEW = edited.old, edited.new
local FILES = { ["old.lua"] = OLD, ["new.lua"] = NEW }

local function good(p, words)
  local code, text = p:csorun(words)
  assert.equal(0, code, words .. "\n" .. text)
  return text
end

local function inventory(p) return table.concat(life.inventory(p.sim.dump()), "\n") end

local function settled(p, before, label)
  local code, text = p:csorun "plan old.lua --detailed-exitcode"
  assert.equal(0, code, label .. text)
  assert.equal(before, inventory(p), label)
end

describe("rollback", function()
  it("brings back what a run changed, replaced and deleted, and takes away what it made", function()
    world.run({ files = FILES, seed = 1 }, function(p)
      good(p, "apply old.lua -y")
      local before = inventory(p)
      good(p, "apply new.lua -y")
      local secret = "exec secretsmanager.GetSecretValue SecretId=net/db --query SecretString --reveal"
      local made = good(p, secret)
      assert.is_nil(good(p, "rollback last -y"):find("can't be brought back", 1, true))
      settled(p, before, "")
      assert.not_equal(made, good(p, secret))
      -- And that run is one like any other.
      good(p, "rollback last -y --accept-loss")
      assert.equal(made, good(p, secret))
      local code, text = p:csorun "plan new.lua --detailed-exitcode"
      assert.equal(0, code, text)
    end)
  end)

  it("brings back what was destroyed", function()
    world.run({ files = FILES, seed = 1 }, function(p)
      good(p, "apply old.lua -y")
      local before = inventory(p)
      good(p, "destroy old.lua -y")
      good(p, "rollback last -y --accept-loss")
      settled(p, before, "")
      good(p, "destroy old.lua -y")
      assert.equal("", inventory(p))
    end)
  end)

  it("undoes a run that was killed", function()
    world.run({ files = FILES, seed = 1 }, function(p)
      for at = 2, 26, 6 do
        p:open()
        assert(os.execute(("rm -rf '%s/.cso'"):format(p.dir)))
        good(p, "apply old.lua -y")
        local before = inventory(p)
        p.calls, p.kill = {}, { at = at, moment = at % 4 == 2 and "after" or "before" }
        local code, text = p:csorun "apply new.lua -y"
        p.kill = nil
        if code == 0 then break end
        assert.equal(137, code, text)
        local label = ("apply killed at call %d, %s\n"):format(at, p.calls[at])
        good(p, "rollback last -y --accept-loss")
        settled(p, before, label)
      end
    end)
  end)

  it("is not needed to go on forwards after a kill, made secrets included", function()
    world.run({ files = FILES, seed = 1 }, function(p)
      for at = 1, 8 do
        p:open()
        assert(os.execute(("rm -rf '%s/.cso'"):format(p.dir)))
        good(p, "apply old.lua -y")
        p.calls, p.kill = {}, { at = at, moment = at % 2 == 0 and "after" or "before" }
        local code, text = p:csorun "apply new.lua -y"
        p.kill = nil
        assert.equal(137, code, text)
        good(p, "apply new.lua -y")
        code, text = p:csorun "plan new.lua --detailed-exitcode"
        assert.equal(0, code, ("killed at call %d, %s\n"):format(at, p.calls[at]) .. text)
      end
    end)
  end)

  it("goes on where it was killed", function()
    world.run({ files = FILES, seed = 1 }, function(p)
      for at = 1, 40, 5 do
        p:open()
        assert(os.execute(("rm -rf '%s/.cso'"):format(p.dir)))
        good(p, "apply old.lua -y")
        local before = inventory(p)
        local run = good(p, "apply new.lua -y --json"):match '"run":"([^"]+)"'
        p.calls, p.kill = {}, { at = at, moment = at % 2 == 0 and "after" or "before" }
        local code, text = p:csorun("rollback " .. run .. " -y --accept-loss")
        p.kill = nil
        local label = ("rollback killed at call %d, %s\n"):format(at, p.calls[at] or "none")
        if code ~= 0 then
          assert.equal(137, code, label .. text)
          good(p, "rollback " .. run .. " -y --accept-loss")
        end
        settled(p, before, label)
        assert.match("is undone already", good(p, "rollback " .. run .. " -y"), 1, true)
        if code == 0 then break end
      end
    end)
  end)

  it("undoes a replacement that was being made beside the old one", function()
    local book = [[
local cso = require "cso"
local env = cso.env { cidr = cso.t.cidr { default = "10.0.0.0/16" } }
cso.stack { name = "swap" }
local vpc = cso.aws.EC2.VPC("main", { replace = "create_first" }) { CidrBlock = env.cidr }
cso.output { vpc = vpc.VpcId }
]]
    world.run({ files = { ["swap.lua"] = book }, seed = 1 }, function(p)
      for _, point in ipairs { { 1, "before" }, { 1, "after" }, { 2, "before" }, { 2, "after" } } do
        p:open()
        assert(os.execute(("rm -rf '%s/.cso'"):format(p.dir)))
        good(p, "apply swap.lua -y")
        local id = good(p, "output swap.lua vpc")
        p.calls, p.kill = {}, { at = point[1], moment = point[2] }
        local code = p:csorun "apply swap.lua -y --set cidr=10.1.0.0/16"
        p.kill = nil
        assert.equal(137, code)
        good(p, "rollback last -y --accept-loss")
        assert.match("ec2/Vpc=1", p:counts(), 1, true)
        local label = ("killed %s call %d\n"):format(point[2], point[1])
        local changed, text = p:csorun "plan swap.lua --detailed-exitcode"
        assert.equal(0, changed, label .. text)
        -- The last call deletes the old one: only after it there is nothing that could be kept.
        if point[1] == 1 or point[2] == "before" then assert.equal(id, good(p, "output swap.lua vpc"), label) end
        assert.equal(1, select(2, good(p, "state list --stack swap"):gsub("EC2%.VPC%.main", "")), label)
      end
    end)
  end)

  it("takes a VPC's id from the VPC, not from an instance in it that is made anew", function()
    local book = [[
local cso = require "cso"
local env = cso.env { type = cso.t.string { default = "x86_64" } }
cso.stack { name = "inside" }
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "z" { CidrBlock = "10.0.0.0/16" }
local subnet = EC2.Subnet "z" { VpcId = vpc, CidrBlock = "10.0.0.0/24" }
local server = EC2.Instance "a" { SubnetId = subnet, ImageId = cso.api.ssm:GetParameter {
  Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-" .. env.type }.Parameter.Value,
  InstanceType = env.type == "arm64" and "t4g.micro" or "t3.micro" }
EC2.SecurityGroup("inner", { after = { server } }) { GroupDescription = "inner " .. env.type, VpcId = vpc }
cso.output { vpc = vpc.VpcId, subnet = subnet.SubnetId, server = server.InstanceId }
]]
    world.run({ files = { ["inside.lua"] = book }, seed = 1 }, function(p)
      good(p, "apply inside.lua -y")
      good(p, "apply inside.lua -y --set type=arm64")
      local text = good(p, "rollback last --playbook inside.lua --plan")
      assert.match("server: .-known after apply", text)
      assert.not_match("vpc:", text, 1, true)
      assert.not_match("EC2.Instance.a.VpcId", text, 1, true)
      good(p, "rollback last --playbook inside.lua -y --accept-loss")
      assert.equal(0, (p:csorun "plan inside.lua --detailed-exitcode"))
    end)
  end)

  it("undoes at once what a failing run did, when that is asked for", function()
    local failing = NEW .. 'EC2.Subnet("bad", { after = { alb } }) { VpcId = vpc, CidrBlock = "10.0.0.0/24" }\n'
    failing = failing:gsub("length = 30", "length = 20")
    world.run({ files = { ["old.lua"] = OLD, ["new.lua"] = failing }, seed = 1 }, function(p)
      good(p, "apply old.lua -y")
      local before = inventory(p)
      local code, text = p:csorun "apply new.lua -y --rollback-on-error"
      assert.equal(1, code, text)
      assert.match("Rolled back: nothing of the run is left", text, 1, true)
      settled(p, before, text)
    end)
  end)
end)
