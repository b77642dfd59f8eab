-- Bodies in signed chunks: AWS's documented examples, and the host's reader beside the pure functions.
local chunks = require "cso.aws.chunks"
local hash = require "cso.std.hash"
local http = require "cso.http"
local server = require "cso.http.server"
local sigv4 = require "cso.std.sigv4"
local task = require "cso.task"

-- The keys and times of "Signature Calculations for the Authorization Header: Transferring Payload in
-- Multiple Chunks" in the S3 API reference, and of the page on trailing headers.
local who = { access_key = "AKIAIOSFODNN7EXAMPLE", secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  region = "us-east-1", service = "s3", time = 1369353600 }
local BODY = ("a"):rep(66560)

local function seed(hash_word, more)
  local headers = { { "Host", "s3.amazonaws.com" }, { "x-amz-storage-class", "REDUCED_REDUNDANCY" },
    { "Content-Encoding", "aws-chunked" }, { "x-amz-decoded-content-length", "66560" } }
  for _, h in ipairs(more) do headers[#headers + 1] = h end
  return assert(sigv4.sign { method = "PUT", path = "/examplebucket/chunkObject.txt", headers = headers,
    body_hash = hash_word, content_sha256 = true, double_encode = false, normalize = false,
    access_key = who.access_key, secret_key = who.secret_key, region = who.region,
    service = who.service, time = who.time }).signature
end

describe("the documented examples", function()
  it("sign a body in chunks", function()
    local last = seed("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", { { "Content-Length", "66824" } })
    assert.equal("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", last)
    for _, step in ipairs {
      { BODY:sub(1, 65536), "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648" },
      { BODY:sub(65537), "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497" },
      { "", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9" },
    } do
      last = assert(chunks.chunk(who, last, step[1])).signature
      assert.equal(step[2], last)
    end
    local whole = assert(chunks.body(BODY, { who = who,
      seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9" }))
    assert.equal(66824, #whole)
    assert.truthy(whole:find("b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", 1, true))
  end)

  it("sign trailers", function()
    local last = seed("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", { { "x-amz-trailer", "x-amz-checksum-crc32c" } })
    assert.equal("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e", last)
    for _, data in ipairs { BODY:sub(1, 65536), BODY:sub(65537), "" } do
      last = assert(chunks.chunk(who, last, data)).signature
    end
    assert.equal("2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992", last)
    local sum = hash.base64_encode(hash.sum("crc32c", BODY))
    assert.equal("sOO8/Q==", sum)
    assert.equal("d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
      assert(chunks.trailer(who, last, { { "x-amz-checksum-crc32c", sum } })).signature)
  end)

  it("have asymmetric twins, filled up to one length", function()
    local twin = { access_key = "A", secret_key = "S", region_set = "*", service = "s3", time = 0 }
    local lengths = {}
    for _ = 1, 20 do
      local whole = assert(chunks.body("abc", { who = twin, seed = "00", chunk = 2,
        trailers = { { "x-amz-checksum-crc32", "AAAAAA==" } } }))
      lengths[#whole] = true
      local last, seen = "00", 0
      for signature in whole:gmatch("%x;chunk%-signature=(%x+)%**\r\n") do
        seen = seen + 1
        local text = chunks.chunk(twin, last, ({ "ab", "c", "" })[seen]).string_to_sign
        assert.is_true(sigv4.verify_text("A", "S", text, signature))
        last = signature
      end
      assert.equal(3, seen)
    end
    local count = 0
    for _ in pairs(lengths) do count = count + 1 end
    assert.equal(1, count)
  end)
end)

-- What arrives at a server when the host frames a body.
local function sent(request)
  local got
  local ok, e = task.run(function()
    local s = assert(server.serve { handler = function(r)
      got = r
      return { status = 200 }
    end })
    request.url, request.method = s.url .. "/k", "PUT"
    local answer = assert(http.request(request))
    assert.equal(200, answer.status)
    s.close()
    return true
  end)
  if not ok then error(e, 0) end
  return got
end

describe("the host's reader", function()
  local path = os.tmpname()
  local function write(text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end
  teardown(function() os.remove(path) end)

  local function trailing(name, data)
    return { { "x-amz-checksum-" .. name, hash.base64_encode(hash.sum(name, data)) } }
  end

  for _, size in ipairs { 0, 1, 15, 16, 17, 255, 256, 1000, 65536, 65537, 200000 } do
    it(("frames %d bytes as the pure functions do"):format(size), function()
      local data = ("0123456789abcdef"):rep(size // 16 + 1):sub(1, size)
      write(data)
      for _, o in ipairs { { chunk = 16 }, { chunk = 8192, checksum = "crc32" },
        { chunk = 65536, checksum = "sha256", sign = true }, { chunk = 1000, sign = true } } do
        local trailers = o.checksum and trailing(o.checksum, data)
        local want = assert(chunks.body(data, { chunk = o.chunk, trailers = trailers,
          who = o.sign and who, seed = o.sign and "5eed" }))
        local sign
        if o.sign then
          sign = { seed = "5eed" }
          for k, v in pairs(who) do sign[k] = v end
        end
        local got = sent { from_file = path, chunked = { chunk = o.chunk, checksum = o.checksum, sign = sign,
          trailer = o.checksum and "x-amz-checksum-" .. o.checksum } }
        assert.is_true(want == got.body)
        assert.equal(tostring(#want), got.headers["content-length"])
        if size > 0 then
          local again = sent { body = data, chunked = { chunk = o.chunk, checksum = o.checksum, sign = sign,
            trailer = o.checksum and "x-amz-checksum-" .. o.checksum } }
          assert.is_true(want == again.body)
        end
      end
    end)
  end

  it("computes each checksum on the way", function()
    local data = ("checksum"):rep(5000)
    write(data)
    for _, name in ipairs { "crc32", "crc32c", "crc64nvme", "md5", "sha1", "sha256", "sha512", "xxhash64",
      "xxhash3", "xxhash128" } do
      local got = sent { from_file = path, chunked = { chunk = 777, checksum = name, trailer = "x-sum" } }
      assert.equal("x-sum:" .. hash.base64_encode(hash.sum(name, data)),
        got.body:match("\r\n0\r\n([^\r]*)\r\n\r\n$"), name)
    end
  end)

  it("sends a part of a file", function()
    write "0123456789"
    assert.equal("345", sent({ from_file = path, from_at = 3, from_length = 3 }).body)
    assert.equal("789", sent({ from_file = path, from_at = 7 }).body)
    assert.equal("2\r\n89\r\n0\r\n\r\n", sent({ from_file = path, from_at = 8, chunked = {} }).body)
    for _, bad in ipairs { { from_at = 11 }, { from_at = 5, from_length = 6 } } do
      local ok, e = task.run(function()
        bad.from_file, bad.url, bad.method = path, "http://127.0.0.1:1/", "PUT"
        return http.request(bad)
      end)
      assert.is_nil(ok)
      assert.matches("shorter", e.message)
    end
  end)

  it("refuses wrong use", function()
    local function refused(chunked, message)
      assert.error_matches(function()
        require("host.http").request { method = "PUT", url = "http://127.0.0.1:1/", body = "x", chunked = chunked }
      end, message)
    end
    refused({ chunk = 0 }, "1 byte")
    refused({ checksum = "crc32" }, "trailer")
    refused({ checksum = "crc33", trailer = "x" }, "the name of none")
    refused({ checksum = "crc32", trailer = "a b" }, "no name")
    refused({ sing = {} }, "unknown option")
    refused({ sign = { access_key = "a" } }, "secret_key is missing")
  end)
end)
