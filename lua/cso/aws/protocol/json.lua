--- The JSON RPC protocols 1.0 and 1.1.
local event_stream = require "cso.aws.protocol.event_stream"
local json_body = require "cso.aws.protocol.json_body"
local json_fault = require "cso.aws.protocol.json_fault"

local protocol = {}

--- Builds the request of an operation.
---@param S table
---@param op table
---@param params table
---@return table request
function protocol.build(S, op, params)
  local meta = S:metadata()
  local headers = {
    { "X-Amz-Target", (meta.targetPrefix or "") .. "." .. op.name },
    { "Content-Type", "application/x-amz-json-" .. (meta.jsonVersion or "1.0") },
  }
  if meta.awsQueryCompatible then headers[3] = { "x-amzn-query-mode", "true" } end
  return {
    method = op.http and op.http.method or "POST",
    path = "/",
    query = {},
    headers = headers,
    body = op.input and json_body.write(S, op.input, params) or "{}",
  }
end

--- Reads a successful answer.
---@param S table
---@param op table
---@param response table
---@return table output
---@return string? request_id
function protocol.parse(S, op, response)
  local id = response.headers["x-amzn-requestid"]
  if not op.output then return {}, id end
  local stream = json_fault.event_stream(S, op.output)
  if stream then
    local ref = S:shape(op.output.shape).members[stream]
    local events, out = event_stream.read(S, ref, response.body, json_body, op.output)
    out = out or {}
    out[stream] = events
    return out, id
  end
  return json_body.parse(S, op.output, response.body), id
end

protocol.fault = json_fault.read

return protocol
