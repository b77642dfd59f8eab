--- Pages without end, and keys that lead out of their place.
local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local json = require "cso.std.json"
local raw = require "spec.support.raw_server"
local task = require "cso.task"
local watched = require "spec.support.watched"

local function tables(token_of)
  local n = 0
  return assert(client.new { service = "dynamodb", region = "eu-west-2", clock = function() return 1700000000 end,
    now = function() return 0 end, random = function() return 0 end, sleep = function() end,
    credentials = credentials.static { access_key = "AKID", secret_key = "secret" },
    http = function()
      n = n + 1
      return { status = 200, headers = {}, body = json.encode { TableNames = json.array { "t" .. n },
        LastEvaluatedTableName = token_of(n) } }
    end }), function() return n end
end

local function walk(c, most)
  local seen = 0
  local ok, e = pcall(function()
    for _ in c:each("ListTables") do
      seen = seen + 1
      if seen == most then break end
    end
  end)
  return ok, e, seen
end

describe("pages", function()
  it("whose token comes again are an error, also when it comes in turns", function()
    for period = 1, 9 do
      local c, calls = tables(function(n) return "token-" .. n % period end)
      local ok, e = walk(c, 1000)
      assert.is_false(ok, period)
      assert.equal("RepeatedToken", e.code)
      assert.equal("service", e.class)
      assert.is_true(calls() < 40, period)
    end
  end)

  it("whose tokens are ever new cost no memory", function()
    local c = tables(function(n) return "token-" .. n end)
    walk(c, 50)
    collectgarbage()
    collectgarbage()
    local before = collectgarbage("count")
    local ok, _, seen = walk(c, 5000)
    collectgarbage()
    collectgarbage()
    assert.is_true(ok)
    assert.equal(5000, seen)
    assert.is_true(collectgarbage("count") - before < 256)
  end)
end)

local KEYS = { "../outside", "../../../../tmp/outside", "/absolute", "a/../../outside", "./here", "nul\0x", "..",
  "a/..", "~/home", "a//b", ("x"):rep(4096), "line\nbreak" }

local function listing(key)
  local escaped = key:gsub("[&<>]", "_"):gsub("%c", function(c) return ("&#%d;"):format(c:byte()) end)
  return '<?xml version="1.0"?><ListBucketResult><Contents><Key>' .. escaped .. "</Key><Size>4</Size>"
    .. "<LastModified>2026-01-01T00:00:00Z</LastModified><ETag>&quot;e&quot;</ETag></Contents></ListBucketResult>"
end

-- Everything below a directory.
local function files_below(dir)
  local found = {}
  local pipe = assert(io.popen(("find '%s' -type f -printf '%%P\\0'"):format(dir)))
  for path in pipe:read("a"):gmatch("[^\0]+") do found[#found + 1] = path end
  pipe:close()
  table.sort(found)
  return found
end

describe("csorun s3 cp --recursive", function()
  it("writes nothing outside of its target, whatever the keys are", function()
    local made = io.popen("mktemp -d")
    local dir = made:read("l")
    made:close()
    for i, key in ipairs(KEYS) do
      local outcome
      local _, e = task.run(function()
        local server = raw.listen(function(c)
          while true do
            local head = c:request()
            if not head then return end
            if head:find("list-type", 1, true) then
              c:answer(200, "content-type: application/xml\r\n", listing(key))
            elseif head:find("^HEAD") then
              c:send("HTTP/1.1 200 OK\r\netag: \"e\"\r\ncontent-length: 4\r\n"
                .. "last-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n")
            else
              c:answer(206, "etag: \"e\"\r\ncontent-range: bytes 0-3/4\r\n", "evil")
            end
          end
        end)
        os.execute(("mkdir -p '%s/%d/target'"):format(dir, i))
        outcome = watched.run({ "s3", "cp", "--recursive", "s3://bucket/", ("%s/%d/target"):format(dir, i) },
          { env = { AWS_ENDPOINT_URL = server.url, AWS_MAX_ATTEMPTS = "1" } })
        server.close()
      end)
      assert.is_nil(e)
      assert.is_true(outcome.ended)
      assert.equal(0, outcome.signal)
      assert.is_nil(outcome.err:find("internal", 1, true), outcome.err)
    end
    for _, path in ipairs(files_below(dir)) do assert.matches("^%d+/target/", path) end
    assert.is_nil(io.open("/absolute"))
    assert.is_nil(io.open("/tmp/outside"))
    os.execute(("rm -rf '%s'"):format(dir))
  end)
end)
