-- A stack of types that have no kind of their own, in two regions, through its whole life: what its plans
-- show, what a rollback brings back, and a state that is made anew from the account.
local world = require "spec.scenario.world"

local BOOK = [[
local cso = require "cso"
local S3, CF, R53, SQS = cso.aws.S3, cso.aws.CloudFront, cso.aws.Route53, cso.aws.SQS
local env = cso.env { comment = cso.t.string { default = "" }, fn = cso.t.string { default = "rewrite" },
  dead = cso.t.boolean { default = false }, name = cso.t.string { default = "cdn" } }
cso.stack { name = "site" }
local zone = R53.HostedZone "zone" { Name = "example.com." }
local bucket = S3.Bucket "content" { BucketName = "site-content-" .. cso.account().id }
local cert = cso.target { region = "us-east-1" }.aws.CertificateManager.Certificate "cert" {
  DomainName = "www.example.com", ValidationMethod = "DNS",
  DomainValidationOptions = { { DomainName = "www.example.com", HostedZoneId = zone } } }
local oac = CF.OriginAccessControl "oac" { OriginAccessControlConfig = { Name = "oac",
  OriginAccessControlOriginType = "s3", SigningBehavior = "always", SigningProtocol = "sigv4" } }
local fn = CF.Function "rewrite" { Name = env.fn, AutoPublish = true,
  FunctionConfig = { Comment = "index", Runtime = "cloudfront-js-2.0" },
  FunctionCode = "function handler(event) { return event.request; }" }
if env.name ~= "cdn" then
  cso.moved { from = "CloudFront.Distribution.cdn", to = "CloudFront.Distribution." .. env.name }
end
local dist = CF.Distribution(env.name) { DistributionConfig = { Enabled = true, Aliases = { "www.example.com" },
  Comment = env.comment ~= "" and env.comment or nil,
  Origins = { { Id = "s3", DomainName = bucket.RegionalDomainName, OriginAccessControlId = oac.Id } },
  DefaultCacheBehavior = { TargetOriginId = "s3", ViewerProtocolPolicy = "redirect-to-https",
    FunctionAssociations = { { EventType = "viewer-request", FunctionARN = fn.FunctionARN } } },
  ViewerCertificate = { AcmCertificateArn = cert.CertificateArn, SslSupportMethod = "sni-only" } } }
R53.RecordSet "www" { HostedZoneId = zone, Name = "www.example.com.", Type = "A",
  AliasTarget = { DNSName = dist.DomainName, HostedZoneId = "Z2FDTNDATAQYW2" } }
SQS.Queue "events" { FifoQueue = env.dead or nil, QueueName = env.dead and "events.fifo" or nil }
]]

local function run(p, words, expected)
  local code, text = p:csorun(words)
  assert.equal(expected or 0, code, words .. "\n" .. text)
  return text
end

local function settled(p, more)
  run(p, "plan site.lua --detailed-exitcode " .. (more or ""))
  run(p, "drift site.lua --orphans=false")
end

local function has(text, wanted) assert.truthy(text:find(wanted, 1, true), ("%q not in:\n%s"):format(wanted, text)) end

describe("types without a kind of their own", function()
  it("show what changes inside of a property, also where some of it is known later or goes", function()
    world.run({ files = { ["site.lua"] = BOOK } }, function(p)
      local first = run(p, "apply site.lua -y --set comment=hello")
      has(first, "CertificateManager.Certificate.cert  create in us-east-1\n")
      has(first, "S3.Bucket.content  create\n")
      local text = run(p, "plan site.lua --set comment=hello --set fn=other")
      has(text, '-      FunctionARN: "arn:aws:cloudfront::123456789012:function/rewrite"')
      has(text, "+      FunctionARN: (known after apply: CloudFront.Function.rewrite.FunctionARN)")
      assert.is_nil(text:find("(…)", 1, true), text)
      text = run(p, "apply site.lua -y")
      has(text, '-Comment: "hello"')
      settled(p)
    end)
  end)

  it("are what they were after a rollback: also moved, and made anew for what was not said before", function()
    world.run({ files = { ["site.lua"] = BOOK } }, function(p)
      run(p, "apply site.lua -y")
      local before = p:inventory()
      run(p, "apply site.lua -y --set name=front")
      run(p, "rollback last -y")
      settled(p)
      assert.equal(before, p:inventory())

      run(p, "apply site.lua -y --set dead=true")
      has(p:inventory(), "events.fifo")
      local text = run(p, "rollback last -y --accept-loss")
      has(text, "FifoQueue was not set before")
      assert.is_nil(p:inventory():find("events.fifo", 1, true))
      settled(p)
      -- Who rolls that back has the other queue again.
      run(p, "rollback last -y --accept-loss")
      has(p:inventory(), "events.fifo")
      settled(p, "--set dead=true")
    end)
  end)

  it("are all found again when their state is made anew, what belongs to no region once", function()
    world.run({ files = { ["site.lua"] = BOOK } }, function(p)
      run(p, "apply site.lua -y")
      local before = p:inventory()
      assert(os.execute(("rm -rf '%s/.cso'"):format(p.dir)))
      local text = run(p, "state rebuild site.lua")
      assert.is_nil(text:find("not found", 1, true), text)
      assert.is_nil(text:find("not taken", 1, true), text)
      settled(p)
      assert.equal(before, p:inventory())
      run(p, "destroy site.lua -y")
      assert.equal("", p:inventory())
    end)
  end)
end)
