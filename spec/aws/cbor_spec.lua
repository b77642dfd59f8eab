local codec = require "cso.aws.protocol.cbor_codec"
local json = require "cso.std.json"

local function decode(hex)
  return codec.decode((hex:gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end)))
end

-- The bytes are of RFC 8949, appendix A.
describe("CBOR", function()
  it("keeps the sign of numbers that no integer here can hold", function()
    assert.equal(2.0 ^ 64, decode "1bffffffffffffffff")
    assert.equal(-2.0 ^ 64, decode "3bffffffffffffffff")
    assert.equal(math.maxinteger, decode "1b7fffffffffffffff")
    assert.equal(math.mininteger, decode "3b7fffffffffffffff")
  end)

  it("reads the numbers that tags make, and takes other tags off", function()
    assert.equal(2.0 ^ 64, decode "c249010000000000000000")
    assert.equal(-2.0 ^ 64, decode "c349010000000000000000")
    assert.equal(273.15, decode "c48221196ab3")
    assert.equal(1363896240, decode "c11a514b67b0")
    assert.equal("http://www.example.com", decode "d82076687474703a2f2f7777772e6578616d706c652e636f6d")
    assert.same({ 1, 2, 3 }, decode "d9d9f783010203")
  end)

  it("has text for keys", function()
    assert.same({ ["1"] = 2, ["3"] = 4 }, decode "a201020304")
    assert.is_nil(decode "a1f501")
  end)

  it("refuses what promises more than there is", function()
    for _, hex in ipairs { "9bffffffffffffffff", "bbffffffffffffffff", "5bffffffffffffffff", "9b7fffffffffffffff",
      "81", "a161", "c201", "c480", "c482f5f5", "f0", "1c", "ff" } do
      local v, e = decode(hex)
      assert.is_nil(v, hex)
      assert.equal("cbor", e.code)
    end
  end)

  it("names the choice of a union that is newer than the model", function()
    local S = require("cso.std.catalogue").from_tables { name = "odd", service = {
      metadata = { protocol = "smithy-rpc-v2-cbor", targetPrefix = "Odd" },
      operations = { Do = { name = "Do", output = { shape = "Out" } } },
      shapes = { Out = { type = "structure", members = { u = { shape = "Union" } } }, Text = { type = "string" },
        Union = { type = "structure", union = true, members = { a = { shape = "Text" } } } } } }
    local function read(bytes)
      return (require("cso.aws.protocol").parse(S, S:operation "Do", { status = 200, headers = {}, body = bytes }))
    end
    assert.same({ u = { SDK_UNKNOWN_MEMBER = { name = "zz" } } }, read "\xa1\x61u\xa1\x62zz\x611")
    assert.same({ u = { a = "1" } }, read "\xa1\x61u\xa2\x61a\x611\x62zz\xf6")
    assert.same({ u = {} }, read "\xa1\x61u\xa0")
  end)

  it("knows nothing from false", function()
    assert.same({ false, true, json.null, json.null }, decode "84f4f5f6f7")
  end)
end)
