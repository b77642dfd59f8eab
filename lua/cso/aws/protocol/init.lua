--- Picks a service's protocol and speaks it: params to a plain request, answers to output.
--- Everything here is pure; nothing is sent.
---
--- A request is { method, path (encoded), query = { {name, value}, … } (not encoded),
--- headers = { {name, value}, … }, body, host_prefix? }; an answer is { status,
--- headers = { lower-case name = value }, body }.
local cbor = require "cso.aws.protocol.cbor"
local deep = require "cso.std.deep"
local json = require "cso.aws.protocol.json"
local limits = require "cso.std.limits"
local query = require "cso.aws.protocol.query"
local rest = require "cso.aws.protocol.rest"
local shape = require "cso.aws.protocol.shape"

local protocol = {}

local spoken = {
  json = json,
  ["rest-json"] = rest["rest-json"],
  ["rest-xml"] = rest["rest-xml"],
  ["smithy-rpc-v2-cbor"] = cbor,
  query = query.query,
  ec2 = query.ec2,
}

local order = { "json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor", "query", "ec2" }

local function choose(meta)
  if meta.protocols then
    local offered = deep.index(meta.protocols)
    for _, name in ipairs(order) do
      if offered[name] then return name end
    end
  end
  return spoken[meta.protocol] and meta.protocol or false
end

--- The protocol to use for a service: the first of those it offers that we prefer.
---@param S table
---@return string? name
function protocol.name(S)
  local cache = shape.cache(S, "protocol")
  if cache.name == nil then cache.name = choose(S:metadata()) end
  return cache.name or nil
end

local codecs = { json = "json_body", ["rest-json"] = "json_body", ["rest-xml"] = "xml_body" }

--- What reads and writes the documents of a service's events.
---@param S table
---@return table codec
function protocol.codec(S)
  return require("cso.aws.protocol." .. (codecs[protocol.name(S)] or "json_body"))
end

local function host_prefix(S, op, params)
  local prefix = op.endpoint and op.endpoint.hostPrefix
  -- S3 Control's rules put the account into the host by themselves.
  if not prefix or S.name == "s3control" then return nil end
  return (prefix:gsub("{([^}]*)}", function(name)
    local v = params[name]
    if v == nil and op.input then
      for member, ref in next, S:shape(op.input.shape).members or {} do
        if ref.locationName == name then v = params[member] end
      end
    end
    if type(v) ~= "string" or not v:match("^[%w.%-]+$") then
      error({ fault = { code = "InvalidHostLabel", class = "usage",
        message = ("%s must contain only letters, digits, hyphens and dots: "
          .. "it becomes part of the host name"):format(name) } }, 0)
    end
    return v
  end))
end

local function guarded(fn, ...)
  local ok, a, b = pcall(fn, ...)
  if ok then return true, a, b end
  if type(a) == "table" and a.fault then return false, a.fault end
  if type(a) == "table" and a.malformed then
    return false, { code = "MalformedResponse", message = a.malformed, malformed = true }
  end
  error(a, 0)
end

local function unknown(S)
  return { code = "UnknownProtocol", class = "config", message = ("%s speaks no protocol that is known here (%s)"):format(
    S.name, tostring(S:metadata().protocol)) }
end

--- Turns checked params into a request.
---@param S table
---@param op table
---@param params table
---@return table? request
---@return table? err
function protocol.build(S, op, params)
  local name = protocol.name(S)
  if not name then return nil, unknown(S) end
  local ok, request = guarded(function()
    local r = spoken[name].build(S, op, params)
    r.host_prefix = host_prefix(S, op, params)
    return r
  end)
  if ok then return request end
  return nil, request
end

-- From this size on a collector that runs while everything it meets is still in use costs a
-- fifth of the time of reading an answer; and a hostile one could ask for more memory than there is.
local LARGE = 64 * 1024

-- What reading one answer may hold, in MiB: ten times the largest page that a service gives. Next to
-- what is read of XML there is the document.
local MOST = { json = 160, ["rest-json"] = 160, ["smithy-rpc-v2-cbor"] = 160,
  ["rest-xml"] = 96, query = 96, ec2 = 96 }

local function undisturbed(S, response, fn, ...)
  if #(response.body or "") < LARGE then return fn(...) end
  local most = MOST[protocol.name(S)] * (response.room or 1)
  most = math.ceil(most)
  local runs = collectgarbage("isrunning")
  if runs then collectgarbage("stop") end
  local results = table.pack(limits.spend(most << 20, fn, ...))
  if runs then collectgarbage("restart") end
  if results[1] then return table.unpack(results, 2, results.n) end
  if results[2] ~= "not enough memory" then error(results[2], 0) end
  return false, { code = "MalformedResponse", malformed = true,
    message = ("it takes more than %d MiB of memory (CSORUN_MAX_ANSWER raises that in proportion)"):format(most) }
end

--- An answer with the names of its headers in lower case; the same table when they are. How they
--- were written stays known to maps of headers.
---@param response table
---@return table
function protocol.plain(response)
  local headers = response.headers
  for name in next, headers or {} do
    if name:find("%u") then
      local lower, written = {}, {}
      for k, v in next, headers do lower[k:lower()], written[k:lower()] = v, k end
      return setmetatable({ headers = lower, written = written }, { __index = response })
    end
  end
  if headers then return response end
  return setmetatable({ headers = {} }, { __index = response })
end

--- Turns a successful answer into typed output.
---@param S table
---@param op table
---@param response table
---@return table? output
---@return any request_id or err
function protocol.parse(S, op, response)
  local speaks = spoken[protocol.name(S)]
  if not speaks then return nil, unknown(S) end
  local parse = speaks.parse
  response = protocol.plain(response)
  local ok, output, id = undisturbed(S, response, guarded, parse, S, op, response)
  if ok then return output, id end
  return nil, output
end

--- Takes a failed answer apart, as far as it can be read.
---@param S table
---@param op table
---@param response table
---@return table fault { code?, message?, request_id?, fields? }
function protocol.fault(S, op, response)
  if not protocol.name(S) then return {} end
  local ok, fault = undisturbed(S, response, guarded, spoken[protocol.name(S)].fault, S, op,
    protocol.plain(response))
  return ok and fault or {}
end

return protocol
