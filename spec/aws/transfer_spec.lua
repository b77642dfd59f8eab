--- Files to objects and back, against the simulated S3.
local client = require "cso.aws.client"
local crc = require "cso.aws.transfer.crc"
local credentials = require "cso.aws.credentials"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local http = require "cso.http"
local parts = require "cso.aws.transfer.parts"
local sim = require "sim"
local task = require "cso.task"
local transfer = require "cso.aws.transfer"

local MIB = 1024 * 1024
local KEYS = { access_key = "AKIDTRANSFER", secret_key = "secret" }

-- Bytes without a pattern that a lost or swapped part could hide in.
local function bytes(n)
  local out = {}
  for i = 1, n // 32 + 1 do out[i] = hash.sha256("seed" .. i) end
  return table.concat(out):sub(1, n)
end

local dir, account

-- Changes the first byte of an object behind everybody's back.
local function spoil(key)
  local row = account.world.store:collection("all/global/s3/Object:jar"):get(key)
  for _, version in ipairs(row._versions) do version._body = "!" .. version._body:sub(2) end
end

-- Runs fn(client, log) against a bucket; log lists the requests; hook(request) may break one.
local function with_bucket(fn, hook)
  local ok, e = task.run(function()
    local world = assert(sim.start { credentials = { KEYS } })
    task.defer(world.close)
    account = world
    local log = {}
    local c = assert(client.new { service = "s3", region = "eu-west-2", endpoint = world.url,
      credentials = credentials.static(KEYS), retry = { attempts = 1 },
      http = function(request)
        log[#log + 1] = request
        if hook then
          local broken = hook(request)
          if broken then return nil, broken end
        end
        return http.request(request)
      end })
    assert(c:call("CreateBucket", { Bucket = "jar", CreateBucketConfiguration = { LocationConstraint = "eu-west-2" } }))
    fn(c, log)
    return true
  end)
  if not ok then error(e, 0) end
end

local function put(name, data)
  assert(fs.write_atomic(dir .. "/" .. name, data))
  return dir .. "/" .. name
end

local function count(log, method, pattern)
  local n = 0
  for _, r in ipairs(log) do
    if r.method == method and r.url:find(pattern) then n = n + 1 end
  end
  return n
end

before_each(function()
  dir = os.tmpname()
  os.remove(dir)
  assert(fs.mkdir_p(dir))
end)

after_each(function()
  for _, name in ipairs(fs.list(dir)) do fs.remove(dir .. "/" .. name) end
  require("lfs").rmdir(dir)
end)

describe("parts", function()
  it("cover the whole, and are never more than S3 takes", function()
    assert.same({}, parts.of(0))
    assert.same({ { number = 1, from = 0, length = 5 }, { number = 2, from = 5, length = 1 } }, parts.of(6, 5))
    local list = parts.of(5 * 1024 * 1024 * MIB)
    assert.is_true(#list <= 10000)
    local last = list[#list]
    assert.equal(5 * 1024 * 1024 * MIB, last.from + last.length)
  end)

  it("give the checksum of the whole", function()
    local a, b, c = bytes(1000), "", bytes(77)
    assert.equal(hash.crc32(a .. b .. c), crc.whole {
      { crc = hash.crc32(a), length = #a }, { crc = hash.crc32(b), length = 0 }, { crc = hash.crc32(c), length = #c } })
  end)
end)

describe("a transfer", function()
  it("moves small files in one call, empty ones too", function()
    with_bucket(function(c, log)
      for _, data in ipairs { "", "x", bytes(100000) } do
        assert(transfer.upload(c, { file = put("a", data), bucket = "jar", key = "k" }))
        assert(transfer.download(c, { bucket = "jar", key = "k", file = dir .. "/b" }))
        assert.equal(data, fs.read(dir .. "/b"))
      end
      assert.equal(0, count(log, "POST", "uploads"))
    end)
  end)

  it("moves large files in parts and leaves nothing beside them", function()
    with_bucket(function(c, log)
      local data, moved = bytes(12 * MIB + 5), 0
      local function progress(n) moved = moved + n end
      assert(transfer.upload(c, { file = put("a", data), bucket = "jar", key = "k", part_size = 5 * MIB,
        progress = progress, params = { ContentType = "text/plain" } }))
      assert.equal(3, count(log, "PUT", "partNumber"))
      assert.equal(#data, moved)
      local head = assert(transfer.download(c, { bucket = "jar", key = "k", file = dir .. "/b", part_size = 5 * MIB }))
      assert.equal("text/plain", head.ContentType)
      assert.is_true(data == fs.read(dir .. "/b"))
      assert.same({ "a", "b" }, fs.list(dir))
    end)
  end)

  it("gives an upload up that fails half way", function()
    with_bucket(function(c)
      local _, e = transfer.upload(c, { file = put("a", bytes(11 * MIB)), bucket = "jar", key = "k", part_size = 5 * MIB })
      assert.equal("reset", e.code)
      assert.is_nil(assert(c:call("ListMultipartUploads", { Bucket = "jar" })).Uploads)
    end, function(request)
      if request.url:find("partNumber=2") then return { code = "reset", message = "reset", sent = true } end
    end)
  end)

  it("goes on with a download where it stopped", function()
    local broken = true
    with_bucket(function(c, log)
      local data = bytes(3 * MIB)
      assert(transfer.upload(c, { file = put("a", data), bucket = "jar", key = "k" }))
      local o = { bucket = "jar", key = "k", file = dir .. "/b", part_size = MIB, parallel = 1 }
      local _, e = transfer.download(c, o)
      assert.equal("reset", e.code)
      assert.is_nil(fs.stat(dir .. "/b"))
      broken = false
      local before = count(log, "GET", "/k")
      assert(transfer.download(c, o))
      assert.equal(1, count(log, "GET", "/k") - before)
      assert.is_true(data == fs.read(dir .. "/b"))
    end, function(request)
      for _, h in ipairs(request.headers) do
        if broken and h[1] == "Range" and h[2] == "bytes=2097152-3145727" then
          return { code = "reset", message = "reset", sent = true }
        end
      end
    end)
  end)

  it("does not mix two versions of an object", function()
    local changed
    with_bucket(function(c)
      assert(transfer.upload(c, { file = put("a", bytes(2 * MIB)), bucket = "jar", key = "k" }))
      local _, e = transfer.download(setmetatable({ call = function(_, op, params)
        if op == "GetObject" and not changed then
          changed = true
          assert(c:call("PutObject", { Bucket = "jar", Key = "k", Body = "other" }))
        end
        return c:call(op, params)
      end }, { __index = c }), { bucket = "jar", key = "k", file = dir .. "/b", part_size = MIB, parallel = 1 })
      assert.equal("ObjectChanged", e.code)
      assert.is_nil(fs.stat(dir .. "/b"))
    end)
  end)

  it("refuses what arrived changed", function()
    with_bucket(function(c)
      assert(transfer.upload(c, { file = put("a", bytes(2 * MIB)), bucket = "jar", key = "k" }))
      spoil "k"
      local _, e = transfer.download(c, { bucket = "jar", key = "k", file = dir .. "/b", part_size = MIB })
      assert.equal("ChecksumMismatch", e.code)
      assert.same({ "a" }, fs.list(dir))
    end)
  end)

  it("moves what a reader gives, and hands over in order", function()
    with_bucket(function(c, log)
      for _, size in ipairs { 0, 5, 5 * MIB, 12 * MIB + 5 } do
        local data, at, out = bytes(size), 1, {}
        assert(transfer.upload(c, { bucket = "jar", key = "k", part_size = 5 * MIB, read = function(n)
          local piece = data:sub(at, at + n - 1)
          at = at + #piece
          return piece ~= "" and piece or nil
        end }))
        assert(transfer.stream(c, { bucket = "jar", key = "k", part_size = MIB,
          write = function(piece) out[#out + 1] = piece end }))
        assert.is_true(data == table.concat(out))
      end
      assert.equal(4, count(log, "PUT", "partNumber"))
    end)
  end)

  it("copies in parts of one version, with what the object says of itself", function()
    with_bucket(function(c, log)
      local data = bytes(11 * MIB)
      assert(transfer.upload(c, { file = put("a", data), bucket = "jar", key = "k ä",
        params = { ContentType = "text/x", Metadata = { a = "b" } } }))
      local o = { from = { bucket = "jar", key = "k ä" }, bucket = "jar", key = "copy", size = #data,
        threshold = MIB, part_size = 5 * MIB }
      assert(transfer.copy(c, o))
      assert.equal(3, count(log, "PUT", "copy%?partNumber"))
      local got = assert(c:call("GetObject", { Bucket = "jar", Key = "copy" }))
      assert.is_true(data == got.Body)
      assert.equal("text/x", got.ContentType)
      assert.same({ a = "b" }, got.Metadata)
      o.from.key = "none"
      local _, e = transfer.copy(c, o)
      assert.equal("NoSuchKey", e.code)
      assert.is_nil(assert(c:call("ListMultipartUploads", { Bucket = "jar" })).Uploads)
    end)
  end)

  it("makes no object of a file that changes meanwhile", function()
    local path
    with_bucket(function(c)
      path = put("a", bytes(11 * MIB))
      local _, e = transfer.upload(c, { file = path, bucket = "jar", key = "k", part_size = 5 * MIB, parallel = 1 })
      assert.equal("FileChanged", e.code)
      assert.equal(404, select(2, c:call("HeadObject", { Bucket = "jar", Key = "k" })).status)
      assert.is_nil(assert(c:call("ListMultipartUploads", { Bucket = "jar" })).Uploads)
    end, function(request)
      if request.url:find("partNumber=2") then put("a", "short") end
    end)
  end)

  it("checks the whole with each checksum that can be had from parts, and with others", function()
    with_bucket(function(c)
      local data = bytes(2 * MIB + 7)
      for _, name in ipairs { "CRC32", "CRC32C", "CRC64NVME", "SHA256" } do
        assert(c:call("PutObject", { Bucket = "jar", Key = "k", Body = data, ChecksumAlgorithm = name }))
        local function get()
          return transfer.download(c, { bucket = "jar", key = "k", file = dir .. "/b", part_size = MIB })
        end
        local head = assert(get())
        assert.is_string(head["Checksum" .. name])
        assert.is_true(data == fs.read(dir .. "/b"))
        spoil "k"
        assert.equal("ChecksumMismatch", select(2, get()).code)
      end
    end)
  end)

  describe("of an object whose checksum is one over those of its parts", function()
    -- Uploads in parts of 5, 6 and 1 MiB; `even`: 5, 5 and 1.
    local function uploaded(c, name, even)
      local data = bytes((even and 11 or 12) * MIB)
      local sizes, at, sent = even and { 5, 5, 1 } or { 5, 6, 1 }, 0, {}
      local id = assert(c:call("CreateMultipartUpload", { Bucket = "jar", Key = "k", ChecksumAlgorithm = name,
        ChecksumType = "COMPOSITE" })).UploadId
      for i, size in ipairs(sizes) do
        local out = assert(c:call("UploadPart", { Bucket = "jar", Key = "k", UploadId = id, PartNumber = i,
          ChecksumAlgorithm = name, Body = data:sub(at * MIB + 1, (at + size) * MIB) }))
        sent[i] = { PartNumber = i, ETag = out.ETag, ["Checksum" .. name] = out["Checksum" .. name] }
        at = at + size
      end
      assert(c:call("CompleteMultipartUpload", { Bucket = "jar", Key = "k", UploadId = id,
        MultipartUpload = { Parts = sent } }))
      return data
    end

    -- A client that may not ask for attributes.
    local function blind(c)
      return setmetatable({ call = function(_, op, ...)
        if op == "GetObjectAttributes" then return nil, { code = "AccessDenied", class = "service", status = 403 } end
        return c:call(op, ...)
      end }, { __index = c })
    end

    it("fetches just its parts and checks it", function()
      with_bucket(function(c, log)
        for _, name in ipairs { "SHA256", "CRC32", "CRC32C", "SHA1" } do
          local data = uploaded(c, name)
          local o = { bucket = "jar", key = "k", file = dir .. "/b" }
          local head = assert(transfer.download(c, o))
          assert.match("-3$", head["Checksum" .. name])
          assert.is_true(data == fs.read(dir .. "/b"))
          local out = {}
          assert(transfer.stream(c, { bucket = "jar", key = "k", write = function(piece) out[#out + 1] = piece end }))
          assert.is_true(data == table.concat(out))
          spoil "k"
          assert.equal("ChecksumMismatch", select(2, transfer.download(c, o)).code)
          assert.equal("ChecksumMismatch", select(2, transfer.stream(c, { bucket = "jar", key = "k",
            write = function() end })).code)
        end
        assert.equal(0, count(log, "GET", "partNumber"))
      end)
    end)

    it("asks for parts by their number where it may not ask for their sizes", function()
      with_bucket(function(c, log)
        local data = uploaded(c, "SHA256", true)
        local o = { bucket = "jar", key = "k", file = dir .. "/b" }
        assert(transfer.download(blind(c), o))
        assert.is_true(data == fs.read(dir .. "/b"))
        assert.equal(3, count(log, "GET", "partNumber"))
        spoil "k"
        assert.equal("ChecksumMismatch", select(2, transfer.download(blind(c), o)).code)
      end)
    end)

    it("is fetched as it comes where its parts can't be known", function()
      with_bucket(function(c)
        local data = uploaded(c, "SHA256")
        assert(transfer.download(blind(c), { bucket = "jar", key = "k", file = dir .. "/b" }))
        assert.is_true(data == fs.read(dir .. "/b"))
      end)
    end)

    it("is made where the kind allows nothing else", function()
      with_bucket(function(c)
        for name, kind in pairs { SHA256 = "COMPOSITE", CRC64NVME = "FULL_OBJECT", CRC32C = "FULL_OBJECT" } do
          local data = bytes(11 * MIB)
          assert(transfer.upload(c, { file = put("a", data), bucket = "jar", key = "k", part_size = 5 * MIB,
            params = { ChecksumAlgorithm = name } }))
          local head = assert(c:call("HeadObject", { Bucket = "jar", Key = "k", ChecksumMode = "ENABLED" }))
          assert.equal(kind, head.ChecksumType)
          assert.equal(kind == "COMPOSITE", head["Checksum" .. name]:find("-3", 1, true) ~= nil)
          assert(transfer.download(c, { bucket = "jar", key = "k", file = dir .. "/b" }))
          assert.is_true(data == fs.read(dir .. "/b"))
        end
      end)
    end)
  end)
end)
