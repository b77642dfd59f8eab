local json = require "host.json"
local lfs = require "lfs"
local sigv4 = require "host.sigv4"

local DIR = "spec/vectors/sigv4"

local function vector(name)
  local file = assert(io.open(DIR .. "/" .. name))
  local text = file:read "a"
  file:close()
  return assert(json.decode(text, { name = name }))
end

local function pair_map(list)
  local map = {}
  for _, pair in ipairs(list) do map[pair[1]] = pair[2] end
  return map
end

local function request(changes)
  local r = {
    method = "GET", path = "/", headers = { { "host", "h" } }, access_key = "AK",
    secret_key = "SK", region = "r", service = "s", time = 0,
  }
  for k, v in pairs(changes or {}) do r[k] = v end
  return r
end

describe("host.sigv4", function()
  local names = {}
  for name in lfs.dir(DIR) do
    if name:match "%.json$" then names[#names + 1] = name end
  end
  table.sort(names)

  it("has vectors", function() assert.is_true(#names >= 30) end)

  for _, name in ipairs(names) do
    it("signs as AWS's own library does: " .. name, function()
      local v = vector(name)
      for _ = 1, 2 do -- the second time with a cached key
        local got = assert(sigv4.sign(v.given))
        assert.equal(v.want.canonical_request, got.canonical_request)
        assert.equal(v.want.string_to_sign, got.string_to_sign)
        assert.equal(v.want.signature, got.signature)
        if v.want.authorization then
          assert.equal(v.want.authorization, pair_map(got.headers).authorization)
        else
          local query = {}
          for _, pair in ipairs(got.query) do
            query[#query + 1] = pair[1] .. "=" .. pair[2]
            assert.truthy(v.want.url:find(query[#query], 1, true), query[#query])
          end
        end
      end
    end)
  end

  it("adds what has to travel", function()
    local got = sigv4.sign(request { token = "T", double_encode = false, body = "abc" })
    local headers = pair_map(got.headers)
    assert.equal("T", headers["x-amz-security-token"])
    assert.equal("19700101T000000Z", headers["x-amz-date"])
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      headers["x-amz-content-sha256"])
    assert.equal("host;x-amz-content-sha256;x-amz-date;x-amz-security-token", got.signed_headers)
  end)

  it("checks a received request: the same signature from exactly its signed headers", function()
    local sent = sigv4.sign(request {
      token = "T", body = "b", headers = { { "host", "h" }, { "x-a", "1" } },
    })
    local received = sigv4.sign(request {
      exact = true, body = "b", headers = {
        { "host", "h" }, { "x-a", "1" }, { "x-amz-date", "19700101T000000Z" },
        { "x-amz-security-token", "T" },
      },
    })
    assert.equal(sent.signature, received.signature)
  end)

  it("ignores an old signature of the same request", function()
    local first = sigv4.sign(request())
    local again = sigv4.sign(request { headers = {
      { "host", "h" }, { "Authorization", "old" }, { "X-Amz-Date", "old" },
    } })
    assert.equal(first.signature, again.signature)
  end)

  it("keeps the keys of many days, regions and secrets apart", function()
    local seen = {}
    for round = 1, 2 do
      for i = 1, 40 do
        local got = sigv4.sign(request { secret_key = "S" .. i % 5, region = "r" .. i })
        assert.equal(seen[i] or got.signature, got.signature, "round " .. round)
        seen[i] = got.signature
      end
    end
    local a = sigv4.sign(request { region = "ab", service = "c" }).signature
    assert.not_equal(a, sigv4.sign(request { region = "a", service = "bc" }).signature)
    assert.equal(64, #sigv4.sign(request { secret_key = ("x"):rep(4096) }).signature)
  end)

  it("refuses wrong use", function()
    local function refused(changes, message)
      assert.error_matches(function() sigv4.sign(request(changes)) end, message)
    end
    refused({ tiem = 1 }, "unknown option 'tiem'")
    refused({ time = -5 }, "epoch seconds")
    refused({ headers = { { "host" } } }, "pairs of strings")
    refused({ headers = { "host" } }, "list of pairs")
    refused({ query = "a=b" }, "list of pairs")
    refused({ presign = 604801 }, "604800")
    assert.error_matches(function() sigv4.sign {} end, "method is missing")
    local got, err = sigv4.sign(request { headers = {} })
    assert.is_nil(got)
    assert.equal("sigv4", err.code)
  end)
end)
