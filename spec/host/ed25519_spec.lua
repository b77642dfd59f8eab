-- Ed25519 through host.x509. The vector is number 2 of RFC 8032, section 7.1.
local hash = require "cso.std.hash"
local x509 = require "cso.std.x509"

local SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
local PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
local SIGNATURE = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
  .. "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"

-- The bytes that RFC 8410 puts before a raw key.
local function pem(kind, before, raw)
  return ("-----BEGIN %s KEY-----\n%s\n-----END %s KEY-----\n"):format(kind,
    hash.base64_encode(hash.hex_decode(before .. raw)), kind)
end

local private = pem("PRIVATE", "302e020100300506032b657004220420", SEED)
local public = pem("PUBLIC", "302a300506032b6570032100", PUBLIC)

describe("Ed25519", function()
  it("signs as the standard says", function()
    local signature, half = x509.ed25519(private, "\x72")
    assert.equal(SIGNATURE, hash.hex_encode(signature))
    assert.equal(PUBLIC, hash.hex_encode(half))
    assert.is_true(x509.ed25519_verify(public, "\x72", signature))
  end)

  it("refuses each flipped bit of a signature, another text and another length", function()
    local signature = hash.hex_decode(SIGNATURE)
    for i = 1, #signature do
      for bit = 0, 7 do
        local changed = signature:sub(1, i - 1) .. string.char(signature:byte(i) ~ 1 << bit) .. signature:sub(i + 1)
        assert.is_false(x509.ed25519_verify(public, "\x72", changed), i)
      end
    end
    assert.is_false(x509.ed25519_verify(public, "\x73", signature))
    assert.is_false(x509.ed25519_verify(public, "", signature))
    assert.is_false(x509.ed25519_verify(public, "\x72", signature:sub(1, 63)))
    assert.is_false(x509.ed25519_verify(public, "\x72", ""))
  end)

  it("takes no other kind of key, and no half for the other", function()
    local ec = x509.key { type = "ec" }
    assert.is_nil(x509.ed25519(ec, "x"))
    assert.is_nil(x509.ed25519(public, "x"))
    assert.is_nil(x509.ed25519("", "x"))
    assert.is_nil((x509.ed25519_verify(private, "x", "y")))
    assert.match("Ed25519 public key", select(2, x509.ed25519_verify("no key", "x", "y")).message)
  end)
end)
