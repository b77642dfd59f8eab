local hash = require "cso.std.hash"
local support = require "spec.sim.support"

describe("S3", function()
  local sim

  -- Sends one request; returns status, headers by lower-case name, and the body.
  local function s3(method, path, body, headers)
    local request = { method = method, path = path:match("^[^?]*"), query = path:match("%?(.*)$") or "", body = body or "",
      service = "s3", headers = { { "x-amz-content-sha256", hash.sha256_hex(body or "") } } }
    for k, v in pairs(headers or {}) do table.insert(request.headers, { k, v }) end
    local response = sim:send(sim:sign(request))
    if sim.defect then error(sim.defect) end
    local map = {}
    for _, h in ipairs(response.headers) do map[h[1]:lower()] = h[2] end
    return response.status, map, response.body
  end

  local function code(...)
    local status, _, body = s3(...)
    return body:match("<Code>(.-)</Code>") or status
  end

  local place = '<CreateBucketConfiguration><LocationConstraint>eu-west-2</LocationConstraint></CreateBucketConfiguration>'

  before_each(function()
    sim = support.world()
    assert.equal(200, (s3("PUT", "/jar", place)))
  end)

  it("knows whose a name is", function()
    assert.equal("BucketAlreadyOwnedByYou", code("PUT", "/jar", place))
    assert.equal("InvalidBucketName", code("PUT", "/Jar_", place))
    assert.equal("IllegalLocationConstraintException", code("PUT", "/jug"))
    sim.region = "eu-west-1"
    assert.equal("AuthorizationHeaderMalformed", code("GET", "/jar"))
  end)

  it("answers ranges and conditions", function()
    local _, made = s3("PUT", "/jar/a//b", "0123456789")
    assert.equal('"781e5e245d69b566979b86e28d23f2c7"', made.etag)
    local status, headers, body = s3("GET", "/jar/a//b", nil, { range = "bytes=-3" })
    assert.same({ 206, "bytes 7-9/10", "789" }, { status, headers["content-range"], body })
    assert.equal("InvalidRange", code("GET", "/jar/a//b", nil, { range = "bytes=10-" }))
    assert.equal(304, (s3("GET", "/jar/a//b", nil, { ["if-none-match"] = made.etag })))
    assert.equal("PreconditionFailed", code("PUT", "/jar/a//b", "x", { ["if-none-match"] = "*" }))
    assert.equal("PreconditionFailed", code("PUT", "/jar/a//b", "x", { ["if-match"] = '"other"' }))
    assert.equal("NoSuchKey", code("PUT", "/jar/none", "x", { ["if-match"] = made.etag }))
    assert.equal("BadDigest", code("PUT", "/jar/c", "x", { ["x-amz-checksum-crc32"] = "AAAAAA==" }))
  end)

  it("unwraps aws-chunked bodies", function()
    local body = "5;chunk-signature=0\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n"
    local request = { method = "PUT", path = "/jar/k", query = "", body = body, service = "s3", headers = {
      { "content-encoding", "aws-chunked" }, { "x-amz-decoded-content-length", "11" } } }
    request = sim:sign(request)
    assert.equal(200, sim:send(request).status)
    local _, headers, got = s3("GET", "/jar/k")
    assert.equal("hello world", got)
    assert.is_nil(headers["content-encoding"])
  end)

  it("hides what a marker covers and refuses to delete a bucket that holds versions", function()
    s3("PUT", "/jar?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
    local _, first = s3("PUT", "/jar/k", "one")
    s3("PUT", "/jar/k", "two")
    local _, marker = s3("DELETE", "/jar/k")
    assert.equal("true", marker["x-amz-delete-marker"])
    assert.equal("NoSuchKey", code("GET", "/jar/k"))
    local _, _, body = s3("GET", "/jar/k?versionId=" .. first["x-amz-version-id"])
    assert.equal("one", body)
    assert.equal("BucketNotEmpty", code("DELETE", "/jar"))
    s3("DELETE", "/jar/k?versionId=" .. marker["x-amz-version-id"])
    _, _, body = s3("GET", "/jar/k")
    assert.equal("two", body)
  end)

  it("rolls keys up page by page", function()
    for _, key in ipairs { "a/1", "a/2", "b", "c/1" } do s3("PUT", "/jar/" .. key, "") end
    local _, _, body = s3("GET", "/jar?list-type=2&delimiter=%2F&max-keys=2")
    assert.matches("<Prefix>a/</Prefix>", body, 1, true)
    assert.matches("<Key>b</Key>", body, 1, true)
    local token = body:match("<NextContinuationToken>(.-)</NextContinuationToken>"):gsub("=", "%%3D")
    _, _, body = s3("GET", "/jar?list-type=2&delimiter=%2F&max-keys=2&continuation-token=" .. token)
    assert.matches("<Prefix>c/</Prefix>", body, 1, true)
    assert.matches("<IsTruncated>false</IsTruncated>", body, 1, true)
  end)

  it("refuses a policy that opens the bucket while that is blocked", function()
    local policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",'
      .. '"Resource":"arn:aws:s3:::jar/*"}]}'
    assert.equal("AccessDenied", code("PUT", "/jar?policy", policy))
    assert.equal(204, (s3("DELETE", "/jar?publicAccessBlock")))
    assert.equal(200, (s3("PUT", "/jar?policy", policy)))
    s3("DELETE", "/jar?policy")
    assert.equal("NoSuchBucketPolicy", code("GET", "/jar?policy"))
  end)
end)
