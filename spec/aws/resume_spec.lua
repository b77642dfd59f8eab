-- Content that breaks off on its way into a file.
local checksum = require "cso.aws.checksum"
local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local raw = require "spec.support.raw_server"
local task = require "cso.task"

local WHOLE = "0123456789"

-- Runs fn(get, heads): get(params) fetches into a file and gives content, output or error; heads are the
-- requests. answers[i](connection) serves the i-th one.
local function with(answers, fn)
  local ok, e = task.run(function()
    return task.scope(function()
      local heads, name = {}, os.tmpname()
      local server = raw.listen(function(c)
        heads[#heads + 1] = c:request()
        answers[#heads](c)
      end)
      local s3 = assert(client.new { service = "s3", region = "eu-west-2", endpoint = server.url, sleep = function() end,
        credentials = credentials.static { access_key = "A", secret_key = "s" }, retry = { attempts = 4 } })
      fn(function(params)
        params = params or {}
        params.Bucket, params.Key = "jar", "k"
        local output, failure = s3:call("GetObject", params, { to_file = name })
        local file = assert(io.open(name, "rb"))
        local content = file:read("a")
        file:close()
        return content, output, failure
      end, heads)
      os.remove(name)
      server.close()
      return true
    end)
  end)
  if not ok then error(e, 0) end
end

local function part(status, more, sent, length)
  return function(c)
    c:send(("HTTP/1.1 %d X\r\netag: \"e\"\r\ncontent-length: %d\r\n%s\r\n%s"):format(status, length or #sent, more, sent))
    if length then
      task.sleep(0.05)
      c:reset()
    end
  end
end

local function header(head, name) return head:lower():match("\r\n" .. name .. ": ([^\r]*)") end

describe("content that breaks off", function()
  local sum = "x-amz-checksum-crc32: " .. checksum.sum("CRC32", WHOLE) .. "\r\n"

  it("goes on where it stopped, more than once, and is checked as a whole", function()
    with({ part(200, sum, "012", 10), part(206, "", "34", 7), part(206, "", "56789") }, function(get, heads)
      local content, output = get()
      assert.equal(WHOLE, content)
      assert.equal(10, output.ContentLength)
      assert.is_nil(header(heads[1], "range"))
      assert.equal("bytes=3-", header(heads[2], "range"))
      assert.equal('"e"', header(heads[2], "if%-match"))
      assert.equal("bytes=5-", header(heads[3], "range"))
    end)
  end)

  it("is refused when what came together is not what it should be, and begins again", function()
    with({ part(200, sum, "0!2", 10), part(206, "", "3456789"), part(200, sum, WHOLE) }, function(get, heads)
      local content = get()
      assert.equal(WHOLE, content)
      assert.is_nil(header(heads[3], "range"))
    end)
  end)

  it("goes on in the caller's own range", function()
    with({ part(206, "", "23", 4), part(206, "", "45") }, function(get, heads)
      assert.equal("2345", (get { Range = "bytes=2-5" }))
      assert.equal("bytes=4-5", header(heads[2], "range"))
    end)
  end)

  it("begins again when the object was replaced meanwhile", function()
    with({ part(200, "", "old", 10), part(412, "", "<Error><Code>PreconditionFailed</Code></Error>"),
      part(200, "", "new") }, function(get)
      assert.equal("new", (get()))
    end)
  end)

  it("begins again where ranges are not served", function()
    with({ part(200, "", "012", 10), part(200, "", WHOLE), part(200, "", WHOLE) }, function(get)
      assert.equal(WHOLE, (get()))
    end)
  end)
end)

describe("content that finds no room", function()
  it("is not asked for again", function()
    local ok, e = task.run(function()
      return task.scope(function()
        local server = raw.listen(function(c)
          c:request()
          c:answer(200, "connection: close\r\n", WHOLE)
        end)
        local s3 = assert(client.new { service = "s3", region = "eu-west-2", endpoint = server.url, sleep = function() end,
          credentials = credentials.static { access_key = "A", secret_key = "s" }, retry = { attempts = 4 } })
        local _, failure = s3:call("GetObject", { Bucket = "jar", Key = "k" }, { to_file = "/dev/full" })
        assert.equal("config", failure.class)
        assert.matches("the disk is full", failure.message)
        assert.equal(1, server.connections)
        server.close()
        return true
      end)
    end)
    if not ok then error(e, 0) end
  end)
end)
