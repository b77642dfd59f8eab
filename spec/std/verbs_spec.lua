local verbs = require "cso.std.verbs"

describe("cso.std.verbs", function()
  it("knows what only reads", function()
    for name in ([[DescribeVpcs GetObject ListBuckets HeadObject BatchGetItem BatchDescribeTypeConfigurations
      Query Scan LookupEvents SimulatePrincipalPolicy DecodeAuthorizationMessage IsMemberInGroups
      ListObjectsV2]]):gmatch("%S+") do
      assert.is_true(verbs.reads(name), name)
      assert.is_false(verbs.mutates(name), name)
    end
  end)

  it("takes everything else for a change, and words that only begin alike", function()
    for name in ([[CreateVpc PutObject BatchWriteItem RunInstances Invoke IssueCertificate ReceiveMessage
      AssumeRole StartQuery HasteMakes BatchDeleteImage Publish]]):gmatch("%S+") do
      assert.is_true(verbs.mutates(name), name)
    end
  end)

  it("lets the HTTP method speak where it tells", function()
    assert.is_false(verbs.mutates("Fetch", "GET"))
    assert.is_false(verbs.mutates("Fetch", "HEAD"))
    assert.is_true(verbs.mutates("Fetch", "POST"))
  end)

  it("knows what is harmless without being a read", function()
    for name in ("AssumeRole StartQuery ReceiveMessage DescribeVpcs"):gmatch("%S+") do
      assert.is_true(verbs.harmless(name), name)
    end
    for name in ("CreateVpc StartInstances PutObject"):gmatch("%S+") do
      assert.is_false(verbs.harmless(name), name)
    end
  end)
end)
