local hash = require "host.hash"

local hex, unhex = hash.hex_encode, hash.hex_decode

describe("host.hash digests", function()
  it("agree with the published vectors", function()
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      hash.sha256_hex "abc")
    assert.equal(hash.sha256_hex "abc", hex(hash.sha256 "abc"))
    assert.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      hash.sha256_hex "")
    assert.equal("a9993e364706816aba3e25717850c26c9cd0d89d", hash.sha1_hex "abc")
    assert.equal("900150983cd24fb0d6963f7d28e17f72", hex(hash.md5 "abc"))
    assert.equal("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" ..
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f", hash.sha512_hex "abc")
  end)

  it("hmac_sha256 agrees with RFC 4231", function()
    local cases = {
      { ("\x0b"):rep(20), "Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
      { "Jefe", "what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
      { ("\xaa"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    }
    for _, case in ipairs(cases) do assert.equal(case[3], hex(hash.hmac_sha256(case[1], case[2]))) end
    assert.equal(32, #hash.hmac_sha256("", ""))
  end)

  it("crc32 and crc32c agree with the check values", function()
    assert.equal(0xCBF43926, hash.crc32 "123456789")
    assert.equal(0xE3069283, hash.crc32c "123456789")
    assert.equal(0, hash.crc32 "")
    assert.equal(0, hash.crc32c "")
    assert.equal(0x8A9136AA, hash.crc32c(("\0"):rep(32)))
    assert.equal(0x62A8AB43, hash.crc32c(("\xff"):rep(32)))
  end)
end)

describe("host.hash encodings", function()
  it("go both ways for every length", function()
    for n = 0, 70 do
      local data = hash.random(n)
      assert.equal(data, unhex(hex(data)))
      assert.equal(data, hash.base64_decode(hash.base64_encode(data)))
      assert.equal(data, hash.base64_decode((hash.base64_encode(data):gsub("=", ""))))
    end
    assert.equal("Zm9vYmE=", hash.base64_encode "fooba")
    assert.equal("\xfb\xff", hash.base64_decode "-_8")
    assert.equal("foobar", hash.base64_decode "Zm9v\r\nYmFy\n")
    assert.equal("\xab", unhex "AB")
  end)

  it("refuse what is none", function()
    for _, text in ipairs { "A", "AAAA=", "=", "A=", "AA=A", "AAA==", "AA===", "A*AA", "AAAAA", "====" } do
      local data, err = hash.base64_decode(text)
      assert.is_nil(data, text)
      assert.equal("base64", err.code)
    end
    for _, text in ipairs { "a", "0g", "  ", "0x" } do assert.is_nil((unhex(text))) end
  end)
end)

describe("host.hash random and equal", function()
  it("makes version 4 UUIDs that differ", function()
    local seen = {}
    for _ = 1, 100 do
      local id = hash.uuid()
      assert.matches("^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$", id)
      assert.is_nil(seen[id])
      seen[id] = true
    end
  end)

  it("gives as many bytes as asked", function()
    for _, n in ipairs { 0, 1, 255, 257, 100000 } do assert.equal(n, #hash.random(n)) end
    assert.has_error(function() hash.random(-1) end)
    assert.has_error(function() hash.random(2 ^ 40) end)
  end)

  it("compares", function()
    assert.is_true(hash.equal("", ""))
    assert.is_true(hash.equal("ab", "ab"))
    assert.is_false(hash.equal("ab", "ac"))
    assert.is_false(hash.equal("ab", "abc"))
  end)
end)

describe("host.hash sealing", function()
  it("scrypt agrees with RFC 7914", function()
    assert.equal("77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442" ..
      "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
      hex(hash.scrypt("", "", 16, 1, 1, 64)))
    assert.has_error(function() hash.scrypt("", "", 15, 1, 1, 64) end)
    local key, err = hash.scrypt("", "", 1 << 40, 8, 1, 64)
    assert.is_nil(key)
    assert.equal("scrypt", err.code)
  end)

  it("aes_gcm agrees with the GCM specification's cases 13, 14 and 16", function()
    local zero = ("\0"):rep(32)
    local nonce = ("\0"):rep(12)
    assert.equal("530f8afbc74536b9a963b4f1c4cb738b", hex(hash.aes_gcm_seal(zero, nonce, "")))
    assert.equal("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
      hex(hash.aes_gcm_seal(zero, nonce, ("\0"):rep(16))))
    local sealed = hash.aes_gcm_seal(
      unhex "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
      unhex "cafebabefacedbaddecaf888",
      unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf" ..
        "0e2449a6b525b16aedf5aa0de657ba637b39"),
      unhex "feedfacedeadbeeffeedfacedeadbeefabaddad2")
    assert.equal("76fc6ece0f4e1768cddf8853bb2d551b", hex(sealed:sub(-16)))
  end)

  it("opens what it sealed, and nothing else", function()
    local key, nonce = hash.random(32), hash.random(12)
    local sealed = hash.aes_gcm_seal(key, nonce, "the text", "context")
    assert.equal("the text", hash.aes_gcm_open(key, nonce, sealed, "context"))
    local function refused(...)
      local text, err = hash.aes_gcm_open(...)
      assert.is_nil(text)
      assert.equal("aes_gcm", err.code)
    end
    refused(key, nonce, sealed, "other context")
    refused(key, nonce, sealed)
    refused(hash.random(32), nonce, sealed, "context")
    for i = 1, #sealed do
      local changed = sealed:sub(1, i - 1) .. string.char(sealed:byte(i) ~ 1) .. sealed:sub(i + 1)
      refused(key, nonce, changed, "context")
      refused(key, nonce, sealed:sub(1, i - 1), "context")
    end
    assert.has_error(function() hash.aes_gcm_seal("short", nonce, "") end)
    assert.has_error(function() hash.aes_gcm_seal(key, "short", "") end)
  end)
end)
