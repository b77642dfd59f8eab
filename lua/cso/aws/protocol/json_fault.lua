--- Error documents of the JSON and CBOR protocols.
local json_body = require "cso.aws.protocol.json_body"

local fault = {}

--- The member of an output that is an event stream, if any.
---@param S table
---@param ref table
---@return string?
function fault.event_stream(S, ref)
  for name, member in next, S:shape(ref.shape).members or {} do
    local target = S:shape(member.shape)
    if target.eventstream then return name end
  end
end

--- "aws.protocol#Name:http://…" → "Name".
---@param code any
---@return string?
function fault.code(code)
  if type(code) ~= "string" then return code and tostring(code) end
  return (code:match("^[^:]*"):match("[^#]*$"))
end

--- Puts an error together from a decoded document and the headers.
---@param document table
---@param headers table lower-case names
---@param read fun(S: table, ref: table, document: table): table
---@return table
function fault.from(document, headers, read)
  local code = headers["x-amzn-errortype"] or document.__type or document.code or document.Code
  local out = {
    code = fault.code(code),
    message = document.message or document.Message or document.errorMessage,
    request_id = headers["x-amzn-requestid"],
    fields = function(S, ref) return read(S, ref, document) end,
  }
  -- A service that moved from the query protocol keeps its old codes in a header.
  local old, kind = (headers["x-amzn-query-error"] or ""):match("^([^;]+);([^;]*)$")
  if old then
    out.shape_code = out.code
    out.code = old
    out.type = kind
  end
  if type(out.message) ~= "string" then out.message = nil end
  return out
end

--- Reads a failed answer.
---@param _S table
---@param _op table
---@param response table
---@return table? fault
function fault.read(_S, _op, response)
  local document = json_body.decode(response.body)
  if type(document) ~= "table" then
    document = { message = response.body ~= "" and response.body or nil }
  end
  return fault.from(document, response.headers, json_body.read)
end

return fault
