-- Signatures of version 2, against botocore's SigV2Auth at the same time.
local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local scalar = require "cso.aws.protocol.scalar"

local PARAMS = { DomainName = "a b", ItemName = "i", Attributes = { { Name = "ü~*", Value = "50%&=" } } }

local function signed(token)
  local c = assert(client.new { service = "sdb", region = "us-east-1", clock = function() return 1700000000 end,
    credentials = credentials.static { access_key = "AKID", secret_key = "secret", token = token } })
  return assert(c:signed("PutAttributes", PARAMS))
end

describe("signature version 2", function()
  local function of(token)
    local sign_v2 = require "cso.aws.sign_v2"
    local fields = { { "Action", "PutAttributes" }, { "Version", "2009-04-15" }, { "DomainName", "a b" },
      { "Attribute.1.Name", "ü~*" }, { "Attribute.1.Value", "50%&=" }, { "Attribute.10.Name", "x" }, { "ItemName", "i" } }
    for i, f in ipairs(fields) do fields[i] = f[1] .. "=" .. scalar.encode(f[2]) end
    local p = { method = "POST", host = "sdb.amazonaws.com", path = "/", body = table.concat(fields, "&") }
    local keys = credentials.static({ access_key = "AKID", secret_key = "secret", token = token }):get()
    return sign_v2(p, keys, 1700000000)
  end

  it("is botocore's, with and without a session token", function()
    assert.equal("EBPjDJ5+VzkS95skq6IiHYWmhK1raUgGruzrDDKCog4=", of(nil).signature)
    assert.equal("QRiLVakr6kbiOoYtX9kraf7wJML6Y9/sBy7VV68xV7o=", of("T+/=").signature)
  end)

  it("goes with calls of SimpleDB, in the form and not in a header", function()
    local p = signed()
    assert.matches("SignatureVersion=2", p.body)
    assert.matches("Signature=" .. scalar.encode(p.signature):gsub("%%", "%%%%") .. "$", p.body)
    for _, h in ipairs(p.headers) do assert.not_equal("authorization", h[1]:lower()) end
    assert.matches("^POST\nsdb.amazonaws.com\n/\n", p.string_to_sign)
    assert.matches("SecurityToken=T", signed("T").body)
  end)
end)
