local hash = require "host.hash"

local hex, unhex = hash.hex_encode, hash.hex_decode

-- Bytes that depend on place and length.
local function pattern(n)
  local out = {}
  for i = 0, n - 1 do out[#out + 1] = string.char((i * 7 + n * 13 + (i >> 8)) & 255) end
  return table.concat(out)
end

local xxh = {
  { 0, "ef46db3751d8e999", "2d06800538d394c2", "99aa06d3014798d86001c324468d497f" },
  { 1, "2078e1ad38ad738b", "8a21d78b1538b1c0", "79d2c79e874f72cd8a21d78b1538b1c0" },
  { 3, "02111685904e601f", "a3fe531c8676a3ff", "a8c718fa615b2572a3fe531c8676a3ff" },
  { 4, "cbc202ed667b8c3b", "85543c55666bb354", "4b6e7f3610a1b33ae36ac726069aad2f" },
  { 8, "f2f90f03e79ed3e7", "70d12370c8ab8ff7", "7ff4234c477024d763f017e9525f0a34" },
  { 9, "3da3e44772561257", "940adb331664b60b", "5557e3af9737b2d1913e8acf6360c9c1" },
  { 16, "da4c0205837acf28", "80fab3970543d33f", "285cf7896b153281da3f37ef08fe40ac" },
  { 17, "8b3c8c1c3fb652b2", "74aaab3f7c4a3722", "7364457aaab79cbddc715e27f8b4e1d0" },
  { 31, "d2d95b0c89b90efe", "b08ba81d34063bc0", "c5decc8eacb097eaccd1c53ae9654d7d" },
  { 32, "7e891bae5e2d993a", "c1e7977abf23f8a0", "c4554c993f5092646388f315b803a064" },
  { 33, "ccda8f376486ddca", "d685e2fb7b67df80", "982d301c18eff46f6b96799ca3e6c1d4" },
  { 64, "cf35552f599ba94d", "1b1bf114c7371f1b", "5914f5995a136fedce6033110f0e190c" },
  { 65, "cfc3000756650876", "ef7ca506b5d107cf", "af3bc7b0311c386a2bdc134b10f39b2a" },
  { 128, "db69645e5f1b9117", "e9549af9a74093e6", "6366d7603fd45b4ae5ba6e4129933089" },
  { 129, "0c9f65875c51a27b", "3c4c38c221575d6b", "d16cb6987a6a00bd526049daa0c21087" },
  { 240, "c6bf781076f6df5a", "857ad2e9048f175f", "46b98efe83fa53d71ad5eca40286e738" },
  { 241, "9339cfc9092bc44b", "512e4112b470bb3c", "f626fd6a1784544b512e4112b470bb3c" },
  { 256, "2104991804ccea01", "ff5a1cefade75bb9", "2f433606b2ebce2dff5a1cefade75bb9" },
  { 1024, "8dbee03b461b9097", "71bee625238addb4", "a3da96fbd688736171bee625238addb4" },
  { 1025, "3ae091f6443f8b69", "965f6bf7d5137135", "6d1b734715947b2e965f6bf7d5137135" },
  { 1088, "2d5be3716ffc0113", "6fbd78941891b1b5", "519fe7a413618f426fbd78941891b1b5" },
  { 1089, "6c3753afe8b03e22", "2e12c8547c8ce21f", "14eedec09ef21c762e12c8547c8ce21f" },
  { 2048, "b68967c6f7200d34", "3293e8238bd8f743", "7e487a6edeb1f3fe3293e8238bd8f743" },
  { 2049, "45c25a18d31ae158", "3757c5f1ada04f42", "c44a39dc705e27343757c5f1ada04f42" },
  { 65537, "c0a1ddf24ecaac25", "5d5007cc86523f32", "57122750173f26435d5007cc86523f32" },
}

describe("host.hash digests", function()
  it("gives the head of a digest over several parts as a number", function()
    local whole = hash.sha256("a" .. "\0" .. "bc")
    for n = 1, 7 do
      assert.equal((string.unpack(">I" .. n, whole)), hash.sha256_head(n, "a", "\0", "bc"))
      assert.equal((string.unpack(">I" .. n, hash.sha256(""))), hash.sha256_head(n))
    end
    assert.has_error(function() hash.sha256_head(0, "a") end)
    assert.has_error(function() hash.sha256_head(8, "a") end)
    assert.has_error(function() hash.sha256_head(5, {}) end)
  end)

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

  it("sums bear AWS's names, and are big-endian", function()
    local function sum(name, text) return hex(hash.sum(name, text)) end
    assert.equal("cbf43926", sum("crc32", "123456789"))
    assert.equal("e3069283", sum("crc32c", "123456789"))
    assert.equal("ae8b14860a799888", sum("crc64nvme", "123456789"))
    assert.equal("0000000000000000", sum("crc64nvme", ""))
    for _, name in ipairs { "md5", "sha1", "sha256", "sha512" } do
      assert.equal(hash[name] "abc", hash.sum(name, "abc"))
    end
    -- From the reference library, for each of the lengths at which these hashes change their ways.
    for _, case in ipairs(xxh) do
      local text = pattern(case[1])
      for i, name in ipairs { "xxhash64", "xxhash3", "xxhash128" } do
        assert.equal(case[i + 1], sum(name, text), name .. " of " .. case[1])
      end
    end
    assert.error_matches(function() hash.sum("crc16", "") end, "no checksum")
  end)

  it("sums parts of files", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:write(pattern(40000))
    file:close()
    assert.equal(hash.sum("xxhash3", pattern(40000):sub(101, 20100)), hash.file_sum("xxhash3", path, 100, 20000))
    assert.equal(hash.sum("sha256", ""), hash.file_sum("sha256", path, 40000, 0))
    assert.equal("file", select(2, hash.file_sum("md5", path, 39999, 2)).code)
    os.remove(path)
    assert.equal("enoent", select(2, hash.file_sum("md5", path, 0, 1)).code)
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
