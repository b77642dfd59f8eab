local support = require "spec.sim.support"

local function code_of(response)
  return response.status, response.body:match("<Code>(.-)</Code>") or response.body:match('"__type":"(.-)"')
end

describe("the gate", function()
  local sim
  before_each(function() sim = support.world() end)

  local function sts() return support.form("sts", "GetCallerIdentity") end
  local function kms() return support.json("kms", "TrentService.ListKeys", {}) end

  it("lets a signed request through", function()
    local response = sim:send(sim:sign(sts()))
    assert.equal(200, response.status)
    assert.truthy(response.body:find("<Account>123456789012</Account>", 1, true))
  end)

  it("lets a presigned request through until it expires", function()
    local request = { method = "GET", path = "/", service = "sts", body = "", headers = {},
      query = "Action=GetCallerIdentity&Version=2011-06-15" }
    sim:sign(request, { presign = 60 })
    assert.equal(200, sim:send(request).status)
    sim.time = sim.time + 61
    assert.same({ 403, "SignatureDoesNotMatch" }, { code_of(sim:send(request)) })
  end)

  it("lets asymmetric signatures through, and no others of their kind", function()
    assert.equal(200, sim:send(sim:sign(sts(), { region_set = "eu-west-2,us-*" })).status)
    assert.equal(200, sim:send(sim:sign(sts(), { region_set = "*" })).status)
    local request = { method = "GET", path = "/", service = "sts", body = "", headers = {},
      query = "Action=GetCallerIdentity&Version=2011-06-15" }
    assert.equal(200, sim:send(sim:sign(request, { presign = 60, region_set = "*" })).status)
    assert.same({ 403, "SignatureDoesNotMatch" },
      { code_of(sim:send(sim:sign(sts(), { region_set = "*", secret = "not it" }))) })
    request = sim:sign(sts(), { region_set = "eu-west-2" })
    for _, h in ipairs(request.headers) do
      if h[1]:lower() == "x-amz-region-set" then h[2] = "*" end
    end
    assert.same({ 403, "SignatureDoesNotMatch" }, { code_of(sim:send(request)) })
  end)

  it("refuses what is not signed, in the service's own words", function()
    local request = sts()
    assert.same({ 403, "MissingAuthenticationToken" }, { code_of(sim:send(request)) })
    assert.same({ 400, "MissingAuthenticationTokenException" }, { code_of(sim:send(kms())) })
  end)

  it("refuses unknown keys", function()
    local other = { key = "AKIDOTHER" }
    assert.same({ 403, "InvalidClientTokenId" }, { code_of(sim:send(sim:sign(sts(), other))) })
    assert.same({ 400, "UnrecognizedClientException" }, { code_of(sim:send(sim:sign(kms(), other))) })
    local ec2 = support.form("ec2", "DescribeVpcs")
    assert.same({ 401, "AuthFailure" }, { code_of(sim:send(sim:sign(ec2, other))) })
  end)

  it("refuses a wrong secret", function()
    local other = { secret = "not it" }
    assert.same({ 403, "SignatureDoesNotMatch" }, { code_of(sim:send(sim:sign(sts(), other))) })
    assert.same({ 400, "InvalidSignatureException" }, { code_of(sim:send(sim:sign(kms(), other))) })
  end)

  it("refuses an altered body, query or header", function()
    local request = sim:sign(sts())
    request.body = request.body .. "&X=1"
    assert.equal(403, sim:send(request).status)
    request = sim:sign(sts())
    request.query = "a=b"
    assert.equal(403, sim:send(request).status)
    request = sim:sign(sts())
    request.headers[1][2] = "application/x-www-form-urlencoded"
    assert.equal(403, sim:send(request).status)
  end)

  it("refuses a scope of another region or service", function()
    assert.equal(403, sim:send(sim:sign(sts(), { region = "eu-nowhere-1" })).status)
    local request = sim:sign(sts())
    for _, h in ipairs(request.headers) do
      if h[1]:lower() == "authorization" then h[2] = h[2]:gsub("eu%-west%-2", "eu-west-1") end
    end
    assert.same({ 403, "SignatureDoesNotMatch" }, { code_of(sim:send(request)) })
  end)

  it("refuses clocks that are more than fifteen minutes off", function()
    assert.equal(200, sim:send(sim:sign(sts(), { time = sim.time - 890 })).status)
    local late = sim:sign(support.form("ec2", "DescribeVpcs"), { time = sim.time - 910 })
    assert.same({ 400, "RequestExpired" }, { code_of(sim:send(late)) })
    assert.same({ 400, "InvalidSignatureException" }, { code_of(sim:send(sim:sign(kms(), { time = sim.time + 910 }))) })
  end)

  it("gives an assumed role credentials that need their token", function()
    local role = sim:call("sts", "AssumeRole",
      { RoleArn = "arn:aws:iam::210987654321:role/deploy", RoleSessionName = "spec" }).Credentials
    local with = { key = role.AccessKeyId, secret = role.SecretAccessKey, token = role.SessionToken }
    local response = sim:send(sim:sign(sts(), with))
    assert.truthy(response.body:find("assumed-role/deploy/spec", 1, true))
    assert.truthy(response.body:find("210987654321", 1, true))
    with.token = nil
    assert.equal(403, sim:send(sim:sign(sts(), with)).status)
  end)
end)
