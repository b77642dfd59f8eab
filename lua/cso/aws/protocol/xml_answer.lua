--- Answers of the query and EC2 protocols, and the error documents of all XML protocols.
local shape = require "cso.aws.protocol.shape"
local xml_body = require "cso.aws.protocol.xml_body"

local answer = {}

--- Reads a successful answer.
---@param S table
---@param op table
---@param response table { status, headers, body }
---@return table output
---@return string? request_id
function answer.parse(S, op, response)
  local document <close>, err = xml_body.decode(response.body)
  if not document then error({ malformed = err.message or "not XML" }, 0) end
  local id = document:text("ResponseMetadata", "RequestId") or document:text("requestId")
    or response.headers["x-amzn-requestid"]
  if not op.output then return {}, id end
  local wrapper = shape.trait(S, op.output, "resultWrapper")
  return xml_body.read(S, op.output, document, wrapper) or {}, id
end

-- Where the error stands in a document: <Error> is the root, or in it, or in its <Errors>.
local function way_to_error(document)
  if document:name() == "Error" then return {} end
  if document:has("Errors") then
    return document:has("Errors", "Error") and { "Errors", "Error" } or nil
  end
  return document:has("Error") and { "Error" } or nil
end

--- Takes an XML error document apart.
---@param body string?
---@return table? fault { code, message, type, request_id, fields }
function answer.read_fault(body)
  if not body or body == "" then return nil end
  local document = xml_body.decode(body)
  local way = document and way_to_error(document)
  if not way then return nil end
  local function text(name)
    local steps = { table.unpack(way) }
    steps[#steps + 1] = name
    return document:text(table.unpack(steps))
  end
  return {
    code = text("Code"), message = text("Message") or text("message"), type = text("Type"),
    request_id = document:text("RequestId") or document:text("RequestID") or document:text("requestId"),
    fields = function(S, ref) return xml_body.read(S, ref, document, table.unpack(way)) end,
  }
end

--- Reads a failed answer.
---@param _S table
---@param _op table
---@param response table
---@return table? fault
function answer.fault(_S, _op, response)
  return answer.read_fault(response.body)
end

return answer
