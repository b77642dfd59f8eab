local credentials = require "cso.aws.credentials"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local token = require "cso.aws.token"

local function vectors()
  local file = assert(io.open("spec/vectors/tokens.json", "rb"))
  local list = assert(json.decode(file:read "a"))
  file:close()
  return list
end

local function keys(session_token)
  if session_token == json.null then session_token = nil end
  return credentials.static({ access_key = "AKIDTOKEN", secret_key = "secret", token = session_token }):get()
end

local function make(kind, params)
  return token.make(kind, params, { keys = keys(), region = "eu-west-2", time = 1767225600 })
end

-- The order of the parameters is the signer's own business; their signature is not.
local function parts(text)
  local url = text:match "^k8s%-aws%-v1%.(.*)$"
  if url then text = hash.base64_decode(url) end
  local front, query = text:match "^([^?]*)%?(.*)$"
  local list = {}
  for pair in query:gmatch "[^&]+" do list[#list + 1] = pair end
  table.sort(list)
  return { front, list }
end

describe("a token", function()
  for i, case in ipairs(vectors()) do
    it(("for %s is botocore's (%d)"):format(case.kind, i), function()
      local got, _, expires = token.make(case.kind, case.params,
        { keys = keys(case.session_token), region = "eu-west-2", time = case.time })
      assert.same(parts(case.want), parts(got))
      assert.equal(case.time + (case.kind == "eks" and 60 or 900), expires)
      assert.is_nil(got:find("^https:"))
    end)
  end

  it("for a cache names it and its user", function()
    local got = assert(make("elasticache", { CacheName = "sessions", UserId = "app" }))
    assert.matches("^sessions/%?Action=connect&User=app&X%-Amz%-Algorithm=AWS4%-HMAC%-SHA256", got)
    assert.matches("elasticache%%2Faws4_request", got)
    assert.matches("ResourceType=ServerlessCache",
      (assert(make("elasticache", { CacheName = "s", UserId = "app", ResourceType = "ServerlessCache" }))))
  end)

  it("is not made of what is missing, unknown or no host", function()
    for _, bad in ipairs { { "rds", { Host = "h", Port = "1" }, "needs DBUser" }, { "rdx", {}, "no tokens" },
      { "eks", { ClusterName = "c", Host = "h" }, "takes no Host" }, { "eks", { ClusterName = "" }, "needs" },
      { "rds", { Host = "h/x?", Port = "1", DBUser = "u" }, "no name of a host" } } do
      local got, e = make(bad[1], bad[2])
      assert.is_nil(got)
      assert.equal("usage", e.class)
      assert.matches(bad[3], e.message)
    end
  end)
end)
