-- While a playbook waits for the account, what its state remembers is looked at.
local world = require "spec.scenario.world"

local PLAYBOOK = [[
local cso = require "cso"
cso.stack { name = "ahead" }
local ec2 = cso.api.ec2 {}
for _ = 1, 3 do ec2:DescribeRegions {} end
ec2:DescribeAvailabilityZones {}
cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
cso.aws.SSM.Parameter "note" { Name = "/ahead/note", Type = "String", Value = "VALUE" }
]]

-- The calls of one csorun, in the order in which the account saw them.
local function seen(p, words)
  local list = {}
  local listen = p.watched
  p.watched = function(moment, _, operation)
    if moment == "before" then list[#list + 1] = operation end
  end
  local code, text = p:csorun(words)
  p.watched = listen
  return list, code, text
end

local function at(list, operation)
  for i, name in ipairs(list) do
    if name == operation then return i end
  end
  error(operation .. " was not called: " .. table.concat(list, " "), 2)
end

local function times(list, operation)
  local n = 0
  for _, name in ipairs(list) do n = n + (name == operation and 1 or 0) end
  return n
end

describe("looking ahead", function()
  it("overlaps with the evaluation, asks nothing twice and finds what the plan needs", function()
    world.run({ files = { ["a.lua"] = (PLAYBOOK:gsub("VALUE", "one")) } }, function(p)
      assert.equal(0, (p:csorun "apply a.lua -y"))
      local list, code, text = seen(p, "plan a.lua --detailed-exitcode")
      assert.equal(0, code, text)
      assert.is_true(at(list, "DescribeVpcs") < at(list, "DescribeAvailabilityZones"), table.concat(list, " "))
      assert.equal(1, times(list, "DescribeVpcs"))
      assert.equal(1, times(list, "GetParameter"))
      -- Somebody changes it; the next look ahead must see that.
      p:write("a.lua", (PLAYBOOK:gsub("VALUE", "two")))
      list, code, text = seen(p, "apply a.lua -y")
      assert.equal(0, code, text)
      assert.is_true(at(list, "DescribeVpcs") < at(list, "DescribeAvailabilityZones"))
      code, text = p:csorun "plan a.lua --detailed-exitcode"
      assert.equal(0, code, text)
    end)
  end)

  it("is done for what takes part only, and for saved plans", function()
    world.run({ files = { ["a.lua"] = (PLAYBOOK:gsub("VALUE", "one")) } }, function(p)
      assert.equal(0, (p:csorun "apply a.lua -y"))
      local list, code, text = seen(p, "plan a.lua --detailed-exitcode --exclude SSM.*")
      assert.equal(0, code, text)
      assert.is_true(at(list, "DescribeVpcs") < at(list, "DescribeAvailabilityZones"), table.concat(list, " "))
      assert.equal(0, times(list, "GetParameter"))
      list, code, text = seen(p, "plan a.lua --detailed-exitcode --target SSM.Parameter.note")
      assert.equal(0, code, text)
      assert.is_true(at(list, "GetParameter") < at(list, "DescribeAvailabilityZones"), table.concat(list, " "))
      assert.equal(0, times(list, "DescribeVpcs"))
      p:write("a.lua", (PLAYBOOK:gsub("VALUE", "two")))
      assert.equal(0, (p:csorun "plan a.lua --out p.json"))
      list, code, text = seen(p, "apply p.json")
      assert.equal(0, code, text)
      assert.is_true(at(list, "DescribeVpcs") < at(list, "DescribeAvailabilityZones"), table.concat(list, " "))
      assert.equal(2, times(list, "DescribeVpcs") + times(list, "PutParameter"))
    end)
  end)

  it("goes on beside the opening of a shared state, and leaves no lock when the playbook fails", function()
    local book = PLAYBOOK:gsub("VALUE", "one"):gsub('name = "ahead"', 'name = "ahead", state = "s3://states/a.db"')
    world.run({ files = { ["a.lua"] = book, ["bad.lua"] = book .. "error('no')\n",
      ["b.lua"] = 'local cso = require "cso"\ncso.stack { name = "b" }\ncso.aws.S3.Bucket "b" { BucketName = "states" }\n' } },
      function(p)
      assert.equal(0, (p:csorun "apply b.lua -y"))
      local code, text = p:csorun "apply a.lua -y"
      assert.equal(0, code, text)
      local list
      list, code, text = seen(p, "plan a.lua --detailed-exitcode")
      assert.equal(0, code, text)
      assert.is_true(at(list, "GetObject") < at(list, "DescribeAvailabilityZones"), table.concat(list, " "))
      assert.equal(1, times(list, "DescribeVpcs"))
      for _ = 1, 3 do
        assert.is_true(p:csorun "apply bad.lua -y" ~= 0)
        code, text = p:csorun "apply a.lua -y"
        assert.equal(0, code, text)
        assert.not_match("taken over", text)
      end
      p:write("a.lua", (book:gsub('"one"', '"two"')))
      code, text = p:csorun "apply a.lua -y"
      assert.equal(0, code, text)
      code, text = p:csorun "plan a.lua --detailed-exitcode"
      assert.equal(0, code, text)
    end)
  end)

  it("is not done where nothing is to be looked at, and harms nothing when the playbook fails", function()
    world.run({ files = { ["a.lua"] = (PLAYBOOK:gsub("VALUE", "one")) } }, function(p)
      assert.equal(0, (p:csorun "apply a.lua -y"))
      local list = seen(p, "plan a.lua --refresh=false")
      assert.equal(0, times(list, "DescribeVpcs"))
      p:write("bad.lua", (PLAYBOOK:gsub("VALUE", "one")) .. "error('no')\n")
      local _, code = seen(p, "apply bad.lua -y")
      assert.is_true(code ~= 0)
      local again, text = p:csorun "plan a.lua --detailed-exitcode"
      assert.equal(0, again, text)
    end)
  end)
end)
