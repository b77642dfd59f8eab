--- The protocols by name; each has decode(service, op, req, problems), encode(service, op,
--- output, request_id) and fault(service, op, fault, request_id).
local json = require "sim.protocol.json"
local query = require "sim.protocol.query"
local rest = require "sim.protocol.rest"

return {
  json = json,
  cbor = json.cbor,
  query = query,
  ec2 = query,
  ["rest-json"] = rest,
  ["rest-xml"] = rest,
}
