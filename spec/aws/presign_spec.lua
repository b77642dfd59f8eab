local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local file = require "cso.aws.file"
local json = require "cso.std.json"

local function vectors()
  local handle = assert(io.open("spec/vectors/presign.json", "rb"))
  local list = assert(json.decode(handle:read("a")))
  handle:close()
  return list
end

-- The order of the parameters is the signer's own business; their signature is not.
local function parts(url)
  local front, query = url:match("^([^?]*)%?(.*)$")
  local list = {}
  for pair in query:gmatch("[^&]+") do
    list[#list + 1] = pair:find("=", 1, true) and pair or pair .. "="
  end
  table.sort(list)
  return { front, list }
end

describe("presigned URLs", function()
  for _, case in ipairs(vectors()) do
    it(("of %s.%s are botocore's: %s"):format(case.service, case.operation, case.url:sub(1, 60)), function()
      local c = assert(client.new { service = case.service, region = case.region,
        credentials = credentials.static { access_key = case.access_key,
          secret_key = case.secret_key, token = case.token },
        clock = function() return case.time end })
      assert.same(parts(case.url), parts(assert(c:presign(case.operation, case.params, case.expires, case.method))))
    end)
  end

  it("work for a second to seven days, and carry no files", function()
    local c = assert(client.new { service = "codeartifact", region = "eu-west-2",
      credentials = credentials.static { access_key = "AKID", secret_key = "secret" },
      clock = function() return 1700000000 end })
    for _, seconds in ipairs { 0, -1, 604801, 1.5 } do
      local url, e = c:presign("ListDomains", {}, seconds)
      assert.is_nil(url)
      assert.equal("usage", e.class)
    end
    local path = os.tmpname()
    local _, e = c:presign("PublishPackageVersion", { domain = "dom", repository = "rep", format = "generic",
      package = "p", packageVersion = "1", assetName = "a", assetSHA256 = ("0"):rep(64),
      assetContent = assert(file.of(path)) }, 60)
    os.remove(path)
    assert.matches("can't carry a file", e.message)
  end)
end)
