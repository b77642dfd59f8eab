-- Requests and answers on which botocore and this client agree (tools/judge/client_requests.py
-- --answers --write-vectors); here they keep us from drifting where botocore is not installed.
local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local xml = require "cso.std.xml"

local function vectors()
  local file = assert(io.open("spec/vectors/protocols/botocore.json", "rb"))
  local text = file:read("a")
  file:close()
  return assert(json.decode(text))
end

local function client_of(service)
  return assert(client.new {
    service = service, region = "eu-west-2", clock = function() return 1700000000 end, now = os.clock,
    uuid = function() return "00000000-0000-4000-8000-000000000000" end,
    credentials = credentials.static { access_key = "AKIDEXAMPLE", secret_key = "secret" },
  })
end

local function sorted(list)
  local keyed = {}
  for i, v in ipairs(list) do keyed[i] = { json.encode(v), v } end
  table.sort(keyed, function(a, b) return a[1] < b[1] end)
  for i, k in ipairs(keyed) do list[i] = k[2] end
  return list
end

local function number(text)
  local n = tonumber(text)
  return n and (math.tointeger(n) or n) or text
end

local function tree(node)
  local children = {}
  for i, child in ipairs(node) do children[i] = tree(child) end
  return { node.name, number(node.text or ""), json.array(sorted(children)) }
end

local function tree_of_vector(v)
  local children = {}
  for i, child in ipairs(v[4]) do children[i] = tree_of_vector(child) end
  return { v[1], number(v[3]), json.array(sorted(children)) }
end

local function unquote(s) return (s:gsub("+", " "):gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)) end

local function form(text)
  local list = {}
  for k, v in text:gmatch("([^&=]*)=([^&]*)") do list[#list + 1] = { unquote(k), tostring(number(unquote(v))) } end
  return sorted(list)
end

local function body_of(p, expected)
  local first = p.body:sub(1, 1)
  if type(expected) == "table" and first == "<" then
    return tree(assert(xml.decode(p.body))), tree_of_vector(expected)
  elseif type(expected) == "table" and first:match("[{%[]") then
    return json.decode(p.body), expected
  elseif type(expected) == "table" then
    for _, pair in ipairs(expected) do pair[2] = tostring(number(pair[2])) end
    return form(p.body), sorted(expected)
  end
  return p.body, expected
end

local known = vectors()

describe("requests as botocore builds them", function()
  for _, v in ipairs(known.requests) do
    it(v.service .. "." .. v.operation, function()
      local p = assert(client_of(v.service):signed(v.operation, v.params))
      assert.equal(v.request.method, p.method)
      local host, path = p.url:match("^https://([^/]*)([^?]*)")
      assert.equal(v.request.host, host)
      assert.equal(v.request.path, path)
      local headers = {}
      for _, h in ipairs(p.headers) do headers[h[1]:lower()] = h[2] end
      for name, value in pairs(v.request.headers) do
        assert(value == "…" and headers[name] or value == headers[name], name)
      end
      local query = {}
      for i, q in ipairs(p.query) do query[i] = { unquote(q[1]), tostring(number(unquote(q[2]))) } end
      for _, q in ipairs(v.request.query) do q[2] = tostring(number(q[2])) end
      assert.same(sorted(v.request.query), sorted(query))
      local got, expected = body_of(p, v.request.body)
      assert.same(expected, got)
    end)
  end
end)

-- JSON cannot tell an empty map from an empty list.
local function comparable(v)
  if v == json.null then return nil end
  if type(v) ~= "table" then return v end
  local out = {}
  for k, item in pairs(v) do out[k] = comparable(item) end
  return out
end

describe("answers as botocore reads them", function()
  for _, v in ipairs(known.answers) do
    it(v.service .. "." .. v.operation, function()
      local output, e = client_of(v.service):parse(v.operation,
        { status = 200, headers = v.headers, body = hash.base64_decode(v.body) })
      assert.is_nil(e)
      assert.same(comparable(v.output), comparable(output))
    end)
  end
end)
