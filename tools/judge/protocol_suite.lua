-- Runs protocol test files in the format of botocore's tests (tests/unit/protocols) against the
-- client's builders and readers.
--   csorun-lua tools/judge/protocol_suite.lua DIRECTORY [FILE PATTERN]
-- DIRECTORY holds input/*.json and output/*.json. Exit 1 when a case fails.
local catalogue = require "cso.std.catalogue"
local compress = require "cso.aws.compress"
local customize = require "cso.aws.customize"
local err = require "cso.std.err"
local failure = require "cso.aws.failure"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local lfs = require "lfs"
local protocol = require "cso.aws.protocol"
local scalar = require "cso.aws.protocol.scalar"
local sign = require "cso.aws.sign"
local cbor = require "cso.aws.protocol.cbor_codec"
local xml = require "cso.std.xml"

local directory, pattern = arg[1], arg[2] or "."
if not directory then error("usage: protocol_suite.lua DIRECTORY [PATTERN]", 0) end

local function files(kind)
  local list = {}
  for name in lfs.dir(directory .. "/" .. kind) do
    if name:match("%.json$") then list[#list + 1] = kind .. "/" .. name end
  end
  table.sort(list)
  return list
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return assert(json.decode(text, { max_depth = 400 }))
end

local function text(v)
  if type(v) == "table" then return json.encode(v) or tostring(v) end
  return tostring(v)
end

local function same(a, b)
  if a == json.null then a = nil end
  if b == json.null then b = nil end
  if type(a) == "number" and type(b) == "string" then a = scalar.number(a) end
  if type(b) == "number" and type(a) == "string" then b = scalar.number(b) end
  if type(a) == "number" and type(b) == "number" then
    return a == b or (a ~= a and b ~= b) or math.abs(a - b) < 1e-9 * math.abs(a)
  end
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for k, v in pairs(a) do
    if not same(v, b[k]) then return false end
  end
  for k, v in pairs(b) do
    if v ~= json.null and a[k] == nil then return false end
  end
  return true
end

local function tree(node)
  local out = { name = node.name, text = (node.text or ""):match("^%s*(.-)%s*$"), attrs = node.attrs }
  local keyed = {}
  for i, child in ipairs(node) do
    local t = tree(child)
    keyed[i] = { json.encode(t), t }
  end
  table.sort(keyed, function(x, y) return x[1] < y[1] end)
  for i, k in ipairs(keyed) do out["c" .. i] = k[2] end
  return out
end

local function form(body)
  local list = {}
  for pair in body:gmatch("[^&]+") do
    local k, v = pair:match("^([^=]*)=?(.*)$")
    list[#list + 1] = k .. "=" .. v:gsub("+", "%%20"):gsub("%%(%x%x)", function(h)
      return string.char(tonumber(h, 16)) end)
  end
  table.sort(list)
  return table.concat(list, "\n")
end

local function same_body(kind, got, expected)
  if kind == "query" or kind == "ec2" then return form(got) == form(expected) end
  if kind == "smithy-rpc-v2-cbor" then
    expected = hash.base64_decode(expected) or expected
    if got == expected then return true end
    return same(cbor.decode(got), cbor.decode(expected))
  end
  if got == expected then return true end
  if kind == "rest-xml" and expected:match("^%s*<") then
    local a, b = xml.decode(got, { xmlns = true }), xml.decode(expected, { xmlns = true })
    return a and b and same(tree(a), tree(b))
  end
  local a, b = json.decode(got), json.decode(expected)
  return a ~= nil and b ~= nil and same(a, b)
end

-- The tests write blobs as text, the special floats as words.
local function model_of(suite, case, kind)
  local given = case.given
  local service = { metadata = suite.metadata, shapes = suite.shapes or {}, operations = {} }
  local S = catalogue.from_tables { name = suite.metadata.serviceId or "test", service = service }
  given.http = given.http or { method = "POST", requestUri = "/" }
  if kind == "query" and given.output then given.output.resultWrapper = given.name .. "Result" end
  return S, given
end

local checks = {}

function checks.input(suite, case)
  local kind = suite.metadata.protocol
  local S, op = model_of(suite, case, kind)
  local params = case.params or {}
  for name, ref in pairs(op.input and S:shape(op.input.shape).members or {}) do
    if ref.idempotencyToken and params[name] == nil then params[name] = "00000000-0000-4000-8000-000000000000" end
  end
  local request, e = protocol.build(S, op, params)
  if not request then return "not built: " .. tostring(e.message) end
  compress.apply(op, request, 10240)
  local expected = case.serialized
  local url = suite.clientEndpoint or "https://example.com"
  local p = assert(sign.prepare(request, { url = url, headers = {} }))
  if expected.method and p.method ~= expected.method then return "method " .. p.method end
  local address = sign.url(p):gsub("^%a+://[^/]*", "")
  local wanted_path = expected.uri
  local base = url:match("^%a+://[^/]*(.*)$")
  if wanted_path and base ~= "" and wanted_path:sub(1, #base) ~= base then wanted_path = base .. wanted_path end
  if wanted_path then
    local wanted_query
    wanted_path, wanted_query = wanted_path:match("^([^?]*)%??(.*)$")
    local path, query = address:match("^([^?]*)%??(.*)$")
    if path ~= wanted_path then return ("path %s, wanted %s"):format(path, wanted_path) end
    if wanted_query ~= "" and form(query) ~= form(wanted_query) then
      return ("query %s, wanted %s"):format(query, wanted_query)
    end
  end
  local host = expected.host and expected.host:match("^[^/]*")
  if host and p.host ~= host then return ("host %s, wanted %s"):format(p.host, host) end
  local headers = {}
  for _, h in ipairs(p.headers) do headers[h[1]:lower()] = h[2] end
  for name, v in pairs(expected.headers or {}) do
    local got = headers[name:lower()]
    if got ~= v and not (name:lower() == "content-type" and got and got:find(v, 1, true)) then
      return ("header %s: %s, wanted %s"):format(name, tostring(got), v)
    end
  end
  for _, name in ipairs(expected.forbidHeaders or {}) do
    if headers[name:lower()] then return "header " .. name .. " must not be there" end
  end
  if expected.body and headers["content-encoding"] and headers["content-encoding"]:find("gzip") then return end
  if expected.body and not same_body(kind, p.body, expected.body) then
    return ("body %s, wanted %s"):format(p.body, expected.body)
  end
end

function checks.output(suite, case)
  local kind = suite.metadata.protocol
  local S, op = model_of(suite, case, kind)
  local headers = case.response.headers or {}
  local body = case.response.body or (kind == "query" and "<xml/>") or ""
  if kind == "smithy-rpc-v2-cbor" then body = hash.base64_decode(body) or body end
  if S:shape(op.output and op.output.shape or "") and op.output.shape and body:match("^AAA") then
    body = hash.base64_decode(body) or body -- an event stream
  end
  local response = { status = case.response.status_code, headers = headers, body = body }
  if case.error or case.errorCode then
    op.errors = op.errors or {}
    local e = failure.of_answer(S, op, response)
    if case.errorCode and case.errorCode ~= e.code and case.errorCode ~= e.shape then
      return ("code %s, wanted %s"):format(e.code, case.errorCode)
    end
    for k, v in pairs(case.error or {}) do
      if not (e.fields and same(e.fields[k], v)) then
        return ("field %s of %s, wanted %s"):format(k, text(e.fields or "nothing"), text(case.error))
      end
    end
    return
  end
  local output, e = protocol.parse(S, op, response)
  if not output then return "not read: " .. tostring(e.message) end
  customize.output(S, op, output, response)
  if not same(output, case.result or {}) then
    return ("read %s, wanted %s"):format(text(output), text(case.result))
  end
end

local run, failed = 0, 0
for _, kind in ipairs { "input", "output" } do
  for _, name in ipairs(files(kind)) do
    if name:find(pattern) then
      for _, suite in ipairs(read(directory .. "/" .. name)) do
        for _, case in ipairs(suite.cases) do
          run = run + 1
          local ok, why = xpcall(checks[kind], function(e) return "raised " .. debug.traceback(tostring(err.is(e)
            and e.message or e)) end, suite, case)
          if why then
            failed = failed + 1
            print(("%s %s (%s): %s"):format(name, case.id or "?", suite.description, ok and why or why))
          end
        end
      end
    end
  end
end
print(("%d cases, %d fail"):format(run, failed))
os.exit(failed == 0 and 0 or 1, true)
