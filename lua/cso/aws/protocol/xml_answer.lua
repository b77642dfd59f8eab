--- Answers of the query and EC2 protocols, and the error documents of all XML protocols.
local shape = require "cso.aws.protocol.shape"
local xml_body = require "cso.aws.protocol.xml_body"

local answer = {}

local function child(node, name)
  if type(node) ~= "table" then return nil end
  for i = 1, #node, 2 do
    if node[i] == name then return node[i + 1] end
  end
end

local function text(node, name)
  local found = child(node, name)
  if type(found) == "table" then return found.text end
  return found
end

--- Reads a successful answer.
---@param S table
---@param op table
---@param response table { status, headers, body }
---@return table output
---@return string? request_id
function answer.parse(S, op, response)
  local root, err = xml_body.decode(response.body)
  if not root then error({ malformed = err.message or "not XML" }, 0) end
  local meta = child(root, "ResponseMetadata")
  local id = text(meta, "RequestId") or text(root, "requestId")
    or response.headers["x-amzn-requestid"]
  if not op.output then return {}, id end
  local start = root
  local wrapper = shape.trait(S, op.output, "resultWrapper")
  if wrapper then start = child(root, wrapper) or {} end
  return xml_body.reader(S, op.output)(start), id
end

--- Takes an XML error document apart.
---@param body string?
---@return table? fault { code, message, request_id, node, extra }
function answer.read_fault(body)
  if not body or body == "" then return nil end
  local root = xml_body.decode(body)
  if not root then return nil end
  local node = root
  if root.name ~= "Error" then
    local errors = child(root, "Errors")
    node = child(errors or root, "Error")
  end
  if not node then return nil end
  return {
    code = text(node, "Code"),
    message = text(node, "Message") or text(node, "message"),
    type = text(node, "Type"),
    request_id = text(root, "RequestId") or text(root, "RequestID") or text(root, "requestId"),
    node = node,
    fields = function(S, ref) return xml_body.reader(S, ref)(node) end,
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
