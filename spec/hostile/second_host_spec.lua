--- Whoever answers may name another host: nothing of ours goes there.
local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local raw = require "spec.support.raw_server"
local task = require "cso.task"
local watched = require "spec.support.watched"

local function made(service, http, more)
  local opts = { service = service, region = "eu-west-2", clock = function() return 1700000000 end,
    sleep = function() end, now = function() return 0 end, random = function() return 0.5 end, http = http,
    credentials = credentials.static { access_key = "AKID", secret_key = "secret", token = "token" } }
  for k, v in pairs(more or {}) do opts[k] = v end
  return assert(client.new(opts))
end

-- A transport that gives the same answer to all, and notes where they went.
local function same_answer(answer)
  local hosts = {}
  return function(request)
    hosts[#hosts + 1] = request.url:match("^%a+://([^/]*)")
    return { status = answer.status, headers = answer.headers or {}, body = answer.body or "" }
  end, hosts
end

describe("an HTTP redirect", function()
  for _, status in ipairs { 301, 302, 303, 307, 308 } do
    it("of status " .. status .. " is not followed", function()
      for _, operation in ipairs { "sts.GetCallerIdentity", "s3.ListBuckets", "dynamodb.ListTables" } do
        local outcome, second
        local _, e = task.run(function()
          second = raw.listen(function(c) c:request() end)
          local first = raw.listen(function(c)
            if c:request() then c:answer(status, "Location: " .. second.url .. "/x\r\n", "") end
          end)
          outcome = watched.run({ "exec", operation },
            { env = { AWS_ENDPOINT_URL = first.url, AWS_MAX_ATTEMPTS = "2" } })
          first.close()
          second.close()
        end)
        assert.is_nil(e)
        assert.equal(1, outcome.code, outcome.err)
        assert.equal(0, second.connections, "the second host was called")
        assert.matches("^error: ", outcome.err)
      end
    end)
  end
end)

describe("S3's word where a bucket lives", function()
  local function hosts_after(region)
    local http, hosts = same_answer { status = 301, headers = { ["x-amz-bucket-region"] = region } }
    made("s3", http):call("HeadBucket", { Bucket = "photos" })
    return hosts
  end

  it("is followed once, to a region of the same partition", function()
    assert.same({ "photos.s3.eu-west-2.amazonaws.com", "photos.s3.eu-central-1.amazonaws.com" },
      hosts_after("eu-central-1"))
  end)

  it("is not followed out of the partition, nor to what is no region", function()
    for _, region in ipairs { "cn-north-1", "us-gov-west-1", "evil.example", "evil.example/", "x@evil.example#",
      "eu-west-1.evil.example", "", ("a"):rep(70), "eu-west-2\r\nX: y", "eu-west-2\0" } do
      assert.same({ "photos.s3.eu-west-2.amazonaws.com" }, hosts_after(region), region)
    end
  end)
end)

describe("a region that is none", function()
  it("is no part of a host name", function()
    for _, service in ipairs { "sts", "s3", "dynamodb" } do
      for _, region in ipairs { "evil.example/", "x@evil.example#", "\0", "a.b", "" } do
        local http, hosts = same_answer { status = 200 }
        local c = made(service, http, { region = region })
        local _, e = c:call(service == "sts" and "GetCallerIdentity" or service == "s3" and "ListBuckets" or "ListTables", {})
        assert.equal("config", e.class, service .. " " .. region)
        assert.equal(0, #hosts)
      end
    end
  end)
end)

describe("a service that tells where to call", function()
  local function call(address)
    local hosts = {}
    local c = made("timestream-query", function(request)
      hosts[#hosts + 1] = request.url:match("^%a+://([^/]*)")
      local body = '{"Endpoints":[{"Address":"' .. address .. '","CachePeriodInMinutes":10}]}'
      return { status = 200, headers = {}, body = #hosts == 1 and body or "{}" }
    end)
    local _, e = c:call("ListScheduledQueries", {})
    return hosts, e
  end

  it("is believed when it names a host of its partition", function()
    local hosts = call("query-cell1.timestream.eu-west-2.amazonaws.com")
    assert.equal("query-cell1.timestream.eu-west-2.amazonaws.com", hosts[2])
  end)

  it("is not when it names another", function()
    for _, address in ipairs { "evil.example", "evil.example/.amazonaws.com", "a@evil.example", "amazonaws.com.evil",
      "xamazonaws.com", "10.0.0.1", "" } do
      local hosts, e = call(address)
      assert.equal(1, #hosts, address)
      assert.equal("StrangeEndpoint", e and e.code, address)
    end
  end)
end)

describe("a clock that the service blames", function()
  -- Each answer blames the clock and names a date.
  local function dates(list)
    local at = 0
    local c = made("sts", function(request)
      at = at + 1
      for _, h in ipairs(request.headers) do
        if h[1]:lower() == "x-amz-date" then list.signed[at] = h[2] end
      end
      return { status = 403, headers = { date = list[at] or list[#list] },
        body = "<ErrorResponse><Error><Code>RequestExpired</Code><Message>m</Message></Error></ErrorResponse>" }
    end, { retry = { attempts = 1 } })
    return c
  end

  it("is corrected once in a call, and by a leap only once at all", function()
    local list = { signed = {}, "Fri, 01 Jan 2100 00:00:00 GMT" }
    local c = dates(list)
    c:call("GetCallerIdentity", {})
    assert.equal(2, #list.signed)
    assert.matches("^2100", list.signed[2])
    list[1] = "Fri, 01 Jan 2200 00:00:00 GMT"
    c:call("GetCallerIdentity", {})
    assert.matches("^2100", list.signed[#list.signed])
    assert.equal(3, #list.signed)
  end)

  it("is left alone by dates that are none", function()
    for _, date in ipairs { "", "yesterday", "Fri, 99 Foo 2100 00:00:00 GMT", ("9"):rep(400), "nan", "inf",
      "Fri, 01 Jan 99999999999999999999 00:00:00 GMT", "1e308", "0x7fffffffffffffff", "-1" } do
      local list = { signed = {}, date }
      local c = dates(list)
      local _, e = c:call("GetCallerIdentity", {})
      assert.equal("RequestExpired", e.code, date)
      for _, signed in ipairs(list.signed) do assert.matches("^%d%d%d%d%d%d%d%dT%d%d%d%d%d%dZ$", signed, 1, false) end
    end
  end)
end)

describe("a service that asks for patience", function()
  it("is not given more than its due", function()
    for _, asked in ipairs { "1e308", "9999999999999", "nan", "inf", "-5", "abc", ("9"):rep(500) } do
      local slept = 0
      local http = same_answer { status = 503, headers = { ["x-amz-retry-after"] = asked } }
      made("sts", http, { sleep = function(s) slept = math.max(slept, s) end }):call("GetCallerIdentity", {})
      assert.is_true(slept <= 26, asked)
    end
  end)
end)
