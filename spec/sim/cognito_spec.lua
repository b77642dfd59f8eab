local support = require "spec.sim.support"

describe("Cognito's user pools", function()
  local sim, pool
  local function idp(op, params) return sim:json("cognito-idp", "AWSCognitoIdentityProviderService." .. op, params) end

  before_each(function()
    sim = support.world { latency = "realistic" }
    pool = assert(idp("CreateUserPool", { PoolName = "p" })).UserPool.Id
  end)

  it("go back to defaults where an update says nothing", function()
    assert(idp("UpdateUserPool", { UserPoolId = pool, AdminCreateUserConfig = { AllowAdminCreateUserOnly = true } }))
    assert.is_true(idp("DescribeUserPool", { UserPoolId = pool }).UserPool.AdminCreateUserConfig.AllowAdminCreateUserOnly)
    assert(idp("UpdateUserPool", { UserPoolId = pool }))
    assert.is_false(idp("DescribeUserPool", { UserPoolId = pool }).UserPool.AdminCreateUserConfig.AllowAdminCreateUserOnly)
  end)

  it("stay while they have a domain, whose name is nobody else's", function()
    assert(idp("CreateUserPoolDomain", { UserPoolId = pool, Domain = "front" }))
    assert.equal("CREATING", idp("DescribeUserPoolDomain", { Domain = "front" }).DomainDescription.Status)
    sim.time = sim.time + 11
    assert.equal("ACTIVE", idp("DescribeUserPoolDomain", { Domain = "front" }).DomainDescription.Status)
    local other = assert(idp("CreateUserPool", { PoolName = "q" })).UserPool.Id
    local _, code = idp("CreateUserPoolDomain", { UserPoolId = other, Domain = "front" })
    assert.equal("InvalidParameterException", code)
    _, code = idp("DeleteUserPool", { UserPoolId = pool })
    assert.equal("InvalidParameterException", code)
    assert(idp("DeleteUserPoolDomain", { UserPoolId = pool, Domain = "front" }))
    assert.same({}, idp("DescribeUserPoolDomain", { Domain = "front" }).DomainDescription)
    assert(idp("DeleteUserPool", { UserPoolId = pool }))
  end)

  it("give a secret to clients that want one, and check their flows", function()
    local params = { UserPoolId = pool, ClientName = "c", GenerateSecret = true, AllowedOAuthFlowsUserPoolClient = true,
      AllowedOAuthFlows = { "code" }, AllowedOAuthScopes = { "openid" }, CallbackURLs = { "https://a.test/" } }
    local made = assert(idp("CreateUserPoolClient", params)).UserPoolClient
    assert.equal(51, #made.ClientSecret)
    params.AllowedOAuthFlows = { "code", "client_credentials" }
    local _, code = idp("CreateUserPoolClient", params)
    assert.equal("InvalidOAuthFlowException", code)
  end)
end)
