-- What becomes of things when their declarations say more, or less, than before: nothing is left as it was
-- in silence, nothing is made anew for a word that only goes with calls, nothing is made twice.
local world = require "spec.scenario.world"

local BOOK = [[
local cso = require "cso"
local A, key = cso.aws, "arn:aws:iam::" .. cso.account().id .. ":root"
local env = cso.env { more = cso.t.boolean { default = false }, web = cso.t.boolean { default = false },
  less = cso.t.boolean { default = false },
  alone = cso.t.boolean { default = false }, foreign = cso.t.boolean { default = false },
  script = cso.t.string { default = "one" } }
cso.stack { name = "words" }
local vpc = A.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local subnets = {}
for i, zone in ipairs { "eu-west-2a", "eu-west-2b" } do
  subnets[i] = A.EC2.Subnet(zone) { VpcId = vpc, CidrBlock = ("10.0.%d.0/24"):format(i), AvailabilityZone = zone }
end
A.ElasticLoadBalancingV2.TargetGroup "tg" { VpcId = vpc, Port = 80, Protocol = "HTTP",
  HealthCheckIntervalSeconds = env.more and 10 or nil, HealthCheckPath = env.more and "/health" or nil,
  TargetGroupAttributes = env.more and { { Key = "deregistration_delay.timeout_seconds", Value = "30" },
    { Key = "stickiness.type", Value = "app_cookie" } } or env.less and { { Key = "slow_start.duration_seconds", Value = "0" } } or nil }
A.KMS.Key "k" { BypassPolicyLockoutSafetyCheck = env.more or nil, KeyPolicy = { Version = "2012-10-17", Statement = {
  { Effect = "Allow", Principal = { AWS = key }, Action = "kms:*", Resource = "*" } } } }
A.Logs.LogGroup("log", { protect = env.more }) { RetentionInDays = 7 }
A.S3.Bucket "site" { WebsiteConfiguration = env.web and { IndexDocument = "index.html", ErrorDocument = "404.html",
  RoutingRules = { { RoutingRuleCondition = { KeyPrefixEquals = "a/" }, RedirectRule = { ReplaceKeyPrefixWith = "b/" } } } } or nil }
A.SNS.Topic "topic" { Subscription = env.foreign and { { Protocol = "email", Endpoint = "a@example.com" } } or nil }
if not env.alone then
  local template = A.EC2.LaunchTemplate "web" { TagSpecifications = env.more
    and { { ResourceType = "launch-template", Tags = { { Key = "Team", Value = "web" } } } } or nil, LaunchTemplateData = { InstanceType = "t3.micro",
    UserData = cso.base64("#!/bin/sh\necho begin\necho " .. env.script .. "\necho end\n") } }
  A.AutoScaling.AutoScalingGroup "web" { MinSize = "1", MaxSize = "2", VPCZoneIdentifier = subnets,
    LaunchTemplate = { LaunchTemplateId = template.LaunchTemplateId, Version = template.LatestVersionNumber } }
end
]]

local function run(p, words, expected)
  local code, text = p:csorun(words)
  assert.equal(expected or 0, code, words .. "\n" .. text)
  return text
end

local function has(text, wanted) assert.truthy(text:find(wanted, 1, true), ("%q not in:\n%s"):format(wanted, text)) end
local function lacks(text, other) assert.is_nil(text:find(other, 1, true), text) end

local function place(fn)
  world.run({ files = { ["words.lua"] = BOOK } }, fn)
end

describe("a declaration that says less", function()
  it("goes back to what a service begins with, and says what stays", function()
    place(function(p)
      run(p, "apply words.lua -y --set alone=true --set more=true --set web=true")
      has(run(p, "plan words.lua --set alone=true --set more=true --set web=true --detailed-exitcode"), "No changes")
      has(p:inventory(), "404.html")
      local text = run(p, "apply words.lua -y --set alone=true")
      has(text, "HealthCheckIntervalSeconds: 10 → 30")
      has(text, 'stays: ElasticLoadBalancingV2.TargetGroup.tg.HealthCheckPath is "/health", and is declared no longer')
      has(text, 'stays: ElasticLoadBalancingV2.TargetGroup.tg.TargetGroupAttributes["stickiness.type"] is "app_cookie"')
      has(text, 'TargetGroupAttributes: [{ Key = "deregistration_delay.timeout_seconds", Value = "30" }] → '
        .. '[{ Key = "deregistration_delay.timeout_seconds", Value = "300" }]')
      has(text, "- WebsiteConfiguration:")
      lacks(text, "replace")
      lacks(p:inventory(), "404.html")
      has(run(p, "plan words.lua --set alone=true --detailed-exitcode"), "No changes")
    end)
  end)

  it("takes back single keys of a list of attributes", function()
    place(function(p)
      run(p, "apply words.lua -y --set alone=true --set more=true")
      local function delay()
        local _, group = next(p.sim.world.store.places["123456789012/eu-west-2/elbv2/TargetGroup"].rows)
        return group._attributes["deregistration_delay.timeout_seconds"], group._attributes["stickiness.type"]
      end
      assert.equal("30", delay())
      local text = run(p, "apply words.lua -y --set alone=true --set less=true")
      has(text, 'TargetGroupAttributes["stickiness.type"] is "app_cookie", and is declared no longer')
      assert.same({ "300", "app_cookie" }, { delay() })
      has(run(p, "plan words.lua --set alone=true --set less=true --detailed-exitcode"), "No changes")
    end)
  end)
end)

describe("a declaration that says more", function()
  it("replaces nothing for what only goes with calls, and protects a log group in place", function()
    place(function(p)
      run(p, "apply words.lua -y --set alone=true")
      local text = run(p, "apply words.lua -y --set alone=true --set more=true")
      has(text, "BypassPolicyLockoutSafetyCheck goes with later calls")
      has(text, "DeletionProtectionEnabled: false → true")
      lacks(text, "replace")
      has(run(p, "plan words.lua --set alone=true --set more=true --detailed-exitcode"), "No changes")
    end)
  end)

  it("makes nothing a second time for a property that only Cloud Control sets", function()
    place(function(p)
      run(p, "apply words.lua -y --set alone=true")
      local before = p:inventory()
      local text = run(p, "apply words.lua -y --set alone=true --set foreign=true", 3)
      has(text, "Subscription is set through the Cloud Control API only")
      assert.equal(before, p:inventory())
    end)
  end)
end)

describe("a group of instances", function()
  it("gets the version of its template back with a rollback; scripts are compared by their lines", function()
    place(function(p)
      run(p, "apply words.lua -y")
      local text = run(p, "apply words.lua -y --set script=two")
      has(text, "-  | echo one")
      has(text, "+  | echo two")
      run(p, "rollback last -y")
      has(run(p, "plan words.lua --detailed-exitcode"), "No changes")
      run(p, "apply words.lua -y --set more=true")
      has(run(p, "exec ec2.DescribeLaunchTemplates"), "Team")
      has(run(p, "plan words.lua --detailed-exitcode --set more=true"), "No changes")
      run(p, "apply words.lua -y")
      lacks(run(p, "exec ec2.DescribeLaunchTemplates"), "Team")
      has(run(p, "plan words.lua --detailed-exitcode"), "No changes")
      run(p, "destroy words.lua -y")
    end)
  end)
end)

describe("what another stack took over", function()
  it("is said to be that stack's by the plan that would delete it", function()
    place(function(p)
      run(p, "apply words.lua -y --set alone=true")
      run(p, "import --type EC2.VPC --tag cso:stack=words --take --out other.lua -y")
      local text = run(p, "destroy words.lua", 3)
      has(text, "somebody else's: its tags say that it is stack other (EC2.VPC.main)")
    end)
  end)
end)
