-- The example files in examples/ are what users were promised: they are never edited to please the code.
local playbook = require("cso.playbook")
local value = require("cso.std.value")

local DIR = "spec/life/examples/"

local function items(operation)
  if operation == "DescribeRegions" then return { { RegionName = "eu-west-1" }, { RegionName = "eu-west-2" } } end
  return { { VolumeId = "vol-old", Size = 8, CreateTime = 0 }, { VolumeId = "vol-new", Size = 9, CreateTime = os.time() } }
end

local session = {
  client = function()
    return {
      call = function() return { Parameter = { Value = "ami-1" } } end,
      each = function(_, operation)
        local list, i = items(operation), 0
        return function()
          i = i + 1
          return list[i]
        end
      end,
    }
  end,
  region = function() return "eu-west-2" end,
  identity = function() return { Account = "123456789012", Arn = "arn:aws:iam::123456789012:user/x" } end,
}

local function load(name, opts)
  opts.session = session
  local ok, program, e = require("cso.task").run(function() return true, playbook.load(DIR .. name, opts) end)
  assert(ok, program)
  if not program then error(tostring(e) .. "\n" .. table.concat(e.problems or {}, "\n")) end
  return program
end

describe("the example three-tier.lua", function()
  local program
  setup(function() program = load("three-tier.lua", { env_file = DIR .. "three-tier.yaml" }) end)
  teardown(function() require("cso.playbook.evaluation").enter(nil) end)

  it("declares what it says", function()
    assert.are.equal("three-tier-demo", program.stack.name)
    local own = 0
    for _, decl in ipairs(program.declarations) do
      if decl.module == "" then own = own + 1 end
    end
    assert.are.equal(16, own)
    local names = {}
    for i, output in ipairs(program.outputs) do names[i] = output.name end
    assert.are.same({ "database", "password", "servers", "url" }, names)
    assert.is_true(program.checks[1].ok)
    assert.are.same({ region = "eu-west-1" }, program.by_address["S3.Bucket.backup"].target)
    assert.are.equal("demo-backup-123456789012", program.by_address["S3.Bucket.backup"].properties.BucketName)
  end)

  it("makes the step wait for all that it names", function()
    local group = "ElasticLoadBalancingV2.TargetGroup.web"
    local found = {}
    for _, address in ipairs(program.by_address["step.healthy"].depends) do found[address] = true end
    assert.is_true(found[group] and found["EC2.Instance.web-3"] and found["ElasticLoadBalancingV2.LoadBalancer.web"])
  end)

  it("renders its template as soon as the values are known", function()
    local known = { ["RDS.DBInstance.db.Endpoint.Address"] = "db.example", ["SecretsManager.Secret.db.Id"] = "arn:s" }
    local properties = program.by_address["EC2.Instance.web-1"].properties
    local text = value.resolve(properties.UserData, function(address, path) return known[address .. "." .. path] end)
    text = require("cso.std.hash").base64_decode(text)
    assert.truthy(text:find("\ndb_host=db.example\nindex=1\necho \"first of the group\" > /etc/motd\n", 1, true), text)
    assert.truthy(text:find("\ndnf install -y nginx\ndnf install -y amazon-ssm-agent\necho \"host ${HOSTNAME} uses $db_host\"",
      1, true), text)
  end)

  it("keeps its password secret", function()
    assert.is_true(value.is_sensitive(program.outputs[2].value))
    assert.is_true(value.is_sensitive(program.by_address["SecretsManager.Secret.db"].properties.SecretString))
  end)
end)

describe("the example unused-volumes.lua", function()
  it("prints its table", function()
    local printed = {}
    local program = load("unused-volumes.lua", { args = { "30" }, print = function(s) printed[#printed + 1] = s end })
    assert.are.equal("script", program.evaluated)
    local text = table.concat(printed)
    assert.truthy(text:find("eu%-west%-1%s+vol%-old%s+8"), text)
    assert.is_nil(text:find("vol-new", 1, true))
  end)
end)
