local auth = require "cso.aws.auth"
local catalogue = require "cso.std.catalogue"
local client = require "cso.aws.client"
local config = require "cso.aws.config"
local credentials = require "cso.aws.credentials"

local function made(service, more)
  local opts = { service = service, region = "eu-west-2", clock = function() return 1700000000 end,
    credentials = credentials.static { access_key = "AKID", secret_key = "secret" } }
  for k, v in pairs(more or {}) do opts[k] = v end
  return assert(client.new(opts))
end

local function authorization(c, op, params)
  local prepared, e = c:signed(op, params)
  if not prepared then return nil, e end
  for _, h in ipairs(prepared.headers) do
    if h[1]:lower() == "authorization" then return h[2] end
  end
end

local function env(t) return assert(config.load { env = t, region = "eu-west-2", read = function() end }) end

describe("a call says who makes it", function()
  it("by a signature, a token or not at all, as its model says", function()
    local kinds = { ["ec2.DescribeVpcs"] = "v4", ["cognito-identity.GetId"] = "none",
      ["codecatalyst.ListSpaces"] = "bearer", ["bedrock.ListFoundationModels"] = "v4",
      ["sts.AssumeRoleWithWebIdentity"] = "none", ["ebs.PutSnapshotBlock"] = "v4" }
    for name, kind in pairs(kinds) do
      local service, operation = name:match("^(.*)%.(.*)$")
      local S = assert(catalogue.service(service))
      assert.equal(kind, auth.kind(S, S:operation(operation)), name)
    end
  end)

  it("by the service's token when the environment holds one", function()
    local given = env { AWS_BEARER_TOKEN_BEDROCK = "abc" }
    for _, service in ipairs { "bedrock", "bedrock-runtime" } do
      local c = made(service, { config = given })
      assert.equal("abc", c:bearer_token())
    end
    assert.equal("Bearer abc", authorization(made("bedrock", { config = given }), "ListFoundationModels"))
    assert.matches("^AWS4%-HMAC", authorization(made("bedrock", { config = env {} }), "ListFoundationModels"))
    assert.matches("^AWS4%-HMAC", authorization(made("ec2", { config = given }), "DescribeVpcs"))
  end)

  it("by the token of the session, and says when there is none", function()
    assert.equal("Bearer sso", authorization(made("codecatalyst", { bearer = function() return "sso" end }), "ListSpaces"))
    local _, e = authorization(made("codecatalyst"), "ListSpaces")
    assert.equal("NoToken", e.code)
    assert.equal("set AWS_BEARER_TOKEN_CODECATALYST", e.hint)
  end)

  it("never with a token in the open or of other than visible characters", function()
    local prepared = { scheme = "http", host = "example.com", headers = {} }
    assert.equal("TokenInTheOpen", select(2, auth.add_token(prepared, "abc")).code)
    prepared.host = "127.0.0.1:8080"
    assert(auth.add_token(prepared, "abc"))
    assert.equal("InvalidToken", select(2, auth.add_token(prepared, "a\r\nb")).code)
  end)
end)
