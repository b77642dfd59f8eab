--- Drives a simulated world without sockets: requests are built and signed by hand, so that a spec
--- does not depend on csorun's own client.
local World = require "sim.world"
local json = require "cso.std.json"
local sigv4 = require "host.sigv4"
local xml = require "cso.std.xml"

local support = {}

support.KEY, support.SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
support.NOW = 1767225600 -- 2026-01-01T00:00:00Z

local Sim = {}
Sim.__index = Sim

--- A world whose wall clock is `sim.time`, moved by hand.
---@param options table?
function support.world(options)
  options = options or {}
  local sim = setmetatable({ time = support.NOW, region = "eu-west-2" }, Sim)
  options.seed = options.seed or 7
  options.credentials = { { access_key = support.KEY, secret_key = support.SECRET } }
  options.wall = function() return sim.time end
  options.report = function(text) sim.defect = text end
  sim.world = assert(World.new(options))
  return sim
end

local function encode(s)
  return (tostring(s):gsub("[^%w%-_.~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

-- Flattens parameters as the query protocols do; `dialect` "query" puts `.member` into lists.
local function flatten(prefix, v, dialect, out)
  if type(v) ~= "table" then
    out[#out + 1] = prefix .. "=" .. encode(v)
  elseif #v > 0 then
    for i, item in ipairs(v) do
      flatten(prefix .. (dialect == "query" and ".member." or ".") .. i, item, dialect, out)
    end
  else
    for k, item in pairs(v) do flatten(prefix == "" and k or prefix .. "." .. k, item, dialect, out) end
  end
end

support.versions = { ec2 = "2016-11-15", sts = "2011-06-15", iam = "2010-05-08" }

--- Builds a request: { method, path, query, headers (list), body, service }.
function support.form(service, operation, params)
  local out = { "Action=" .. operation, "Version=" .. support.versions[service] }
  flatten("", params or {}, service == "ec2" and "ec2" or "query", out)
  table.sort(out)
  return { method = "POST", path = "/", query = "", body = table.concat(out, "&"), service = service,
    headers = { { "content-type", "application/x-www-form-urlencoded; charset=utf-8" } } }
end

function support.json(service, target, params)
  return { method = "POST", path = "/", query = "", body = json.encode(params), service = service,
    headers = { { "content-type", "application/x-amz-json-1.1" }, { "x-amz-target", target } } }
end

--- Signs a request in place; `with` overrides key, secret, time, region, service.
function Sim:sign(request, with)
  with = with or {}
  table.insert(request.headers, { "host", "127.0.0.1:4566" })
  local query = {}
  for item in request.query:gmatch("[^&]+") do
    local k, v = item:match("^([^=]*)=?(.*)$")
    query[#query + 1] = { k, v }
  end
  local signed = sigv4.sign { method = request.method, path = request.path, query = query, headers = request.headers,
    body = request.body, access_key = with.key or support.KEY, secret_key = with.secret or support.SECRET,
    token = with.token, region = with.region or self.region, region_set = with.region_set,
    service = with.service or request.service,
    time = math.floor(with.time or self.time), presign = with.presign,
    double_encode = request.service ~= "s3", normalize = request.service ~= "s3" }
  for _, h in ipairs(signed.headers or {}) do table.insert(request.headers, h) end
  if with.presign then
    for _, q in ipairs(signed.query) do
      request.query = request.query .. (request.query ~= "" and "&" or "") .. q[1] .. "=" .. q[2]
    end
  end
  return request
end

--- Sends a request as the server would hand it over.
function Sim:send(request)
  local map = {}
  for _, h in ipairs(request.headers) do map[h[1]:lower()] = h[2] end
  return self.world:handle { method = request.method, path = request.path, raw_path = request.path,
    query = request.query, headers = map, raw_headers = request.headers, body = request.body, peer = "127.0.0.1:1" }
end

-- An element tree as plain tables: lists of `item` or `member` become sequences.
local function plain(node)
  if #node == 0 then return node.text or "" end
  local first = node[1].name
  if first == "item" or first == "member" then
    local list = {}
    for i, child in ipairs(node) do list[i] = plain(child) end
    return list
  end
  local out = {}
  for _, child in ipairs(node) do out[child.name] = plain(child) end
  return out
end

--- Calls a query or ec2 operation. Returns the answer as tables, or nil and the error's code.
function Sim:call(service, operation, params)
  local response = self:send(self:sign(support.form(service, operation, params)))
  if self.defect then error(self.defect) end
  if response.abort then return nil, "abort" end
  local tree = plain(assert(xml.decode(response.body)))
  if response.status >= 300 then
    local e = tree.Errors and tree.Errors.Error or tree.Error
    return nil, e.Code, e.Message, response.status
  end
  return tree[operation .. "Result"] or tree
end

--- Calls EC2.
function Sim:ec2(operation, params) return self:call("ec2", operation, params) end

--- Calls EC2 and expects a refusal with a code.
function Sim:refused(code, operation, params)
  local got, actual, message = self:ec2(operation, params)
  if got or actual ~= code then
    error(("%s: expected %s, got %s %s"):format(operation, code, got and "success" or tostring(actual), message or ""), 2)
  end
end

--- Calls a json operation. Returns the answer, or nil and the error's code and message.
function Sim:json(service, target, params)
  local response = self:send(self:sign(support.json(service, target, params)))
  if self.defect then error(self.defect) end
  local body = response.body ~= "" and assert(json.decode(response.body)) or {}
  if response.status >= 300 then return nil, body.__type, body.message, response.status end
  return body
end

--- Calls a rest-json operation by method and path (with query). Returns the answer, or nil and the
--- error's code, message and whole body.
function Sim:rest(service, method, path, params)
  local request = { method = method, path = path:match("^[^?]*"), query = path:match("%?(.*)$") or "", service = service,
    body = params and json.encode(params) or "", headers = { { "content-type", "application/json" } } }
  local response = self:send(self:sign(request))
  if self.defect then error(self.defect) end
  local body = response.body ~= "" and assert(json.decode(response.body)) or {}
  if response.status >= 300 then
    local map = {}
    for _, h in ipairs(response.headers) do map[h[1]:lower()] = h[2] end
    return nil, map["x-amzn-errortype"], body.message, body
  end
  return body
end

return support
