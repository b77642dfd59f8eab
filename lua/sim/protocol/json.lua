--- The json protocol (1.0 and 1.1), and its binary sibling rpc-v2-cbor: same shapes, other bytes.
local cbor = require "sim.protocol.cbor"
local check = require "sim.check"
local codec = require "cso.std.json"
local read = require "sim.protocol.read"
local write = require "sim.protocol.write"

local json = {}

local function make(form, decode, encode)
  local p = {}

  --- Wire → input.
  function p.decode(service, op, req, problems)
    local body = req.body
    local v = {}
    if body and body ~= "" then
      local err
      v, err = decode(body)
      if err or type(v) ~= "table" then
        check.problem(problems, "type", op.name .. "Request", nil, "a " .. form .. " document")
        return {}
      end
    end
    if not op.input then return {} end
    return read.compile(service.model, op.input.shape, form)(v, "", problems)
  end

  --- Output → response.
  function p.encode(service, op, output, request_id)
    local body
    if op.output then
      body = encode(write.json(service.model, { shape = op.output.shape }, form)(output))
    else
      body = form == "json" and "" or nil
    end
    return p.answer(service, 200, body, request_id)
  end

  --- Error → response.
  function p.fault(service, _op, fault, request_id)
    local body = {}
    if fault.fields and fault.shape then
      body = write.json(service.model, { shape = fault.shape }, form)(fault.fields)
    end
    local target = service.metadata.targetPrefix
    body.__type = fault.shape or fault.code
    if service.metadata.awsQueryCompatible and target then
      body.__type = (target:gsub("_%d+$", "")) .. "#" .. body.__type
    end
    body.message = fault.message
    local r = p.answer(service, fault.status, encode(body), request_id)
    if service.metadata.awsQueryCompatible then
      r.headers[#r.headers + 1] = { "x-amzn-query-error",
        fault.code .. ";" .. (fault.status < 500 and "Sender" or "Receiver") }
    end
    return r
  end

  return p
end

local plain = make("json", codec.decode, codec.encode)
json.decode, json.encode, json.fault = plain.decode, plain.encode, plain.fault
function plain.answer(service, status, body, request_id)
  return { status = status, body = body, headers = {
    { "content-type", "application/x-amz-json-" .. (service.metadata.jsonVersion or "1.1") },
    { "x-amzn-requestid", request_id } } }
end

json.cbor = make("cbor", cbor.decode, cbor.encode)
function json.cbor.answer(_service, status, body, request_id)
  return { status = status, body = body or cbor.encode({}), headers = {
    { "content-type", "application/cbor" }, { "smithy-protocol", "rpc-v2-cbor" },
    { "x-amzn-requestid", request_id } } }
end

return json
