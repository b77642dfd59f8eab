local gzip = require "host.gzip"

describe("host.gzip", function()
  local text = ("one line of text\n"):rep(10000)

  it("packs and unpacks", function()
    for _, s in ipairs { "", "x", text } do assert.equal(s, gzip.inflate(gzip.deflate(s))) end
  end)

  it("writes no time into the header", function()
    assert.equal("\x1f\x8b\x08\0\0\0\0\0", gzip.deflate(text):sub(1, 8))
    assert.equal(gzip.deflate(text), gzip.deflate(text))
  end)

  it("reads members that follow each other", function()
    assert.equal("ab", gzip.inflate(gzip.deflate("a") .. gzip.deflate("b")))
  end)

  it("stops at the limit", function()
    local out, e = gzip.inflate(gzip.deflate(text), #text - 1)
    assert.is_nil(out)
    assert.matches("more than allowed", e.message)
    assert.equal(text, gzip.inflate(gzip.deflate(text), #text))
  end)

  it("refuses what is damaged or cut", function()
    for _, bad in ipairs { "", "hello", gzip.deflate(text):sub(1, 60), gzip.deflate("abc"):sub(1, -2) } do
      local out, e = gzip.inflate(bad)
      assert.is_nil(out)
      assert.equal("gzip", e.code)
    end
  end)
end)
