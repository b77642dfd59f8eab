-- What an answer may cost, and what the user may raise it to.
local client = require "cso.aws.client"
local config = require "cso.aws.config"
local credentials = require "cso.aws.credentials"

local MIB = 1 << 20

local function ec2(env, http)
  local loaded = assert(config.load { env = env, region = "eu-west-2", read = function() end })
  return client.new { service = "ec2", config = loaded, http = http, sleep = function() end, retry = { attempts = 1 },
    now = function() return 0 end, credentials = credentials.static { access_key = "A", secret_key = "s" } }
end

local function images(count, padding)
  local one = ("<item><imageId>ami-1</imageId><description>%s</description></item>"):format(("x"):rep(padding))
  return "<DescribeImagesResponse><imagesSet>" .. one:rep(count) .. "</imagesSet></DescribeImagesResponse>"
end

describe("an answer", function()
  it("has the usual bounds, and those that CSORUN_MAX_ANSWER says", function()
    local asked
    local function http(request)
      asked = request
      return { status = 200, headers = {}, body = images(1, 1) }
    end
    assert(assert(ec2({}, http)):call("DescribeImages", {}))
    assert.equal(48 * MIB, asked.max_body)
    assert.equal(60, asked.timeout)
    assert(assert(ec2({ CSORUN_MAX_ANSWER = "480m" }, http)):call("DescribeImages", {}))
    assert.equal(480 * MIB, asked.max_body)
    assert.equal(600, asked.timeout)
    for _, text in ipairs { "much", "0", "-1M" } do
      local c, e = ec2({ CSORUN_MAX_ANSWER = text }, http)
      assert.is_nil(c)
      assert.equal("config", e.class)
      assert.matches("CSORUN_MAX_ANSWER", e.message)
    end
  end)

  it("larger than the usual bound is read, when it is let in", function()
    local body = images(900000, 1)
    assert.is_true(#body > 48 * MIB)
    local c = assert(ec2({ CSORUN_MAX_ANSWER = "256M" }, function() return { status = 200, headers = {}, body = body } end))
    local output, e = c:call("DescribeImages", {})
    assert.is_true(output ~= nil and #output.Images == 900000, e and e.message)
  end)
end)
