local support = require "spec.sim.support"

describe("Secrets Manager's versions", function()
  local sim, first, second
  local function call(op, params) return sim:json("secretsmanager", "secretsmanager." .. op, params) end
  local function text(params)
    params.SecretId = "s"
    local out, code = call("GetSecretValue", params)
    return out and out.SecretString or code
  end

  before_each(function()
    sim = support.world()
    first = assert(call("CreateSecret", { Name = "s", SecretString = "one" })).VersionId
    second = assert(call("UpdateSecret", { SecretId = "s", SecretString = "two" })).VersionId
  end)

  it("have the labels of the present one and the one before", function()
    assert.same({ "two", "two", "one" }, { text {}, text { VersionStage = "AWSCURRENT" }, text { VersionStage = "AWSPREVIOUS" } })
    assert(call("UpdateSecret", { SecretId = "s", SecretString = "three" }))
    assert.equal("two", text { VersionStage = "AWSPREVIOUS" })
    -- A version without a label is found by its id alone, and listed on request.
    assert.equal("one", text { VersionId = first })
    assert.equal("ResourceNotFoundException", text { VersionId = first, VersionStage = "AWSPREVIOUS" })
    assert.equal(2, #call("ListSecretVersionIds", { SecretId = "s" }).Versions)
    assert.equal(3, #call("ListSecretVersionIds", { SecretId = "s", IncludeDeprecated = true }).Versions)
  end)

  it("change places by their labels", function()
    assert(call("UpdateSecretVersionStage", { SecretId = "s", VersionStage = "AWSCURRENT", RemoveFromVersionId = second,
      MoveToVersionId = first }))
    assert.same({ "one", "two" }, { text {}, text { VersionStage = "AWSPREVIOUS" } })
    assert(call("UpdateSecretVersionStage", { SecretId = "s", VersionStage = "MINE", MoveToVersionId = second }))
    assert.equal("two", text { VersionStage = "MINE" })
    assert(call("UpdateSecretVersionStage", { SecretId = "s", VersionStage = "MINE", RemoveFromVersionId = second }))
    assert.equal("ResourceNotFoundException", text { VersionStage = "MINE" })
  end)

  it("keep their labels where a move is wrong", function()
    for _, params in ipairs { { MoveToVersionId = first }, { RemoveFromVersionId = first, MoveToVersionId = second },
      { RemoveFromVersionId = second }, { RemoveFromVersionId = second, MoveToVersionId = ("0"):rep(32) } } do
      params.SecretId, params.VersionStage = "s", "AWSCURRENT"
      local _, code = call("UpdateSecretVersionStage", params)
      assert.equal("InvalidParameterException", code)
    end
    assert.same({ "two", "one" }, { text {}, text { VersionStage = "AWSPREVIOUS" } })
  end)

  it("of parameters are shown decrypted to who asks for it", function()
    local function ssm(op, params) return sim:json("ssm", "AmazonSSM." .. op, params) end
    assert(ssm("PutParameter", { Name = "/p", Type = "SecureString", Value = "one" }))
    assert(ssm("PutParameter", { Name = "/p", Value = "two", Overwrite = true }))
    local function history(decrypt)
      local out = {}
      for i, p in ipairs(ssm("GetParameterHistory", { Name = "/p", WithDecryption = decrypt }).Parameters) do out[i] = p.Value end
      return out
    end
    assert.same({ "one", "two" }, history(true))
    assert.not_equal("one", history(nil)[1])
  end)
end)
