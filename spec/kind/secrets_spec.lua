-- How a secret of which a digest is known is found in what keeps it.
local json = require "cso.std.json"
local secrets = require "cso.kind.secrets"
local value = require "cso.std.value"

local SALT, WORD = "salt", "k:Gw3(}e2-long"
local KEY = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"
local CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"

local function info(text, more)
  local out = { salt = SALT, digest = value.digest(SALT, text), origin = { address = "random.password.p", path = "value" } }
  for k, v in pairs(more or {}) do out[k] = v end
  return out
end

local function keeping(...)
  local texts, at = { ... }, 0
  return { spec = {
    fetch = function() return texts[1] end,
    earlier = function()
      return function()
        at = at + 1
        return texts[at]
      end
    end,
  } }
end

describe("a kept secret", function()
  it("is found whole, in JSON, in the midst of a text, and as a key before its certificate", function()
    for _, text in ipairs { WORD, json.encode { a = { { password = WORD } } }, "db://app:" .. WORD .. "@host/db",
      json.encode { url = { "db://app:" .. WORD .. "@host" } } } do
      for _, length in ipairs { #WORD, 12, false } do
        assert.equal(WORD, secrets.present(keeping(text), {}, info(WORD, { length = length or nil })), text)
      end
    end
    assert.equal(KEY, secrets.present(keeping(KEY .. CERTIFICATE), {}, info(KEY)))
  end)

  it("is not guessed out of texts that it does not stand in, nor out of what nobody made", function()
    for _, text in ipairs { "", "db://app:another-one@host", "{", "[1, 2]", ("x"):rep(5000) .. WORD } do
      assert.is_nil(secrets.present(keeping(text), {}, info(WORD)), text)
    end
    local literal = info(WORD)
    literal.origin = nil
    assert.is_nil(secrets.present(keeping("db://" .. WORD), {}, literal))
    assert.equal(WORD, secrets.present(keeping(WORD), {}, literal))
  end)

  it("is found among the earlier ones, where its service has such", function()
    assert.equal(WORD, secrets.earlier(keeping("now", "before", "a " .. WORD), {}, info(WORD)))
    assert.is_nil(secrets.earlier({ spec = {} }, {}, info(WORD)))
  end)
end)
