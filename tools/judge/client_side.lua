-- Our side of client_requests.py and client_answers.py: reads a question per line, writes an answer per line.
local catalogue = require "cso.std.catalogue"
local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local rules = require "cso.aws.endpoint.rules"

local models, partitions = {}, nil

local function load_json(path)
  if not path or path == json.null then return nil end
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return assert(json.decode(text, { max_depth = 400 }))
end

local function describe(e)
  return { err = e.message, code = e.code, status = e.status, fields = e.fields, request_id = e.request_id }
end

local function client_of(q)
  return assert(client.new {
    model = models[q.service], region = q.region, partitions = partitions,
    clock = function() return 1700000000 end, now = os.clock,
    uuid = function() return "00000000-0000-4000-8000-000000000000" end,
    credentials = credentials.static { access_key = "AKIDEXAMPLE", secret_key = "secret" },
  })
end

local doors = {}

function doors.load(q)
  partitions = partitions or load_json(q.partitions)
  local S = catalogue.from_tables {
    name = q.service, service = load_json(q.model), rules = load_json(q.rules),
  }
  models = { [q.service] = S }
  return { ok = true }
end

function doors.build(q)
  local p, e = client_of(q):signed(q.operation, q.params)
  if not p then return describe(e) end
  return { method = p.method, url = p.url, headers = p.headers,
    body = hash.base64_encode(p.body), b64 = true }
end

function doors.parse(q)
  local output, e = client_of(q):parse(q.operation,
    { status = q.status, headers = q.headers, body = hash.base64_decode(q.body) })
  if not output then return describe(e) end
  return { output = output }
end

function doors.endpoint(q)
  local found, e = rules.resolve(models[q.service]:rules(), q.params, partitions)
  if not found then return describe(e) end
  return { url = found.url, properties = found.properties, headers = found.headers }
end

for line in io.lines() do
  local q = assert(json.decode(line, { max_depth = 400 }))
  local ok, answer = xpcall(doors[q["do"]], debug.traceback, q)
  if not ok then answer = { err = "raised: " .. tostring(answer) } end
  local encoded, text = pcall(json.encode, answer)
  if not encoded then text = json.encode { err = "cannot encode: " .. tostring(text) } end
  io.write(text, "\n")
  io.flush()
end
