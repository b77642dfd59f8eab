--- The query protocol and its elder dialect of EC2: form bodies in, XML out.
local check = require "sim.check"
local read = require "sim.protocol.read"
local text = require "sim.protocol.text"
local write = require "sim.protocol.write"

local query = {}

-- Parameters that belong to the protocol (or to version 2 of signing), not to the operation.
local protocol_keys = { Action = true, Version = true }

--- The parameters of a request as decoded pairs, wherever they travel.
---@param req table
---@return table pairs
function query.parameters(req)
  if req.parameters then return req.parameters end
  local source = req.body
  if not source or source == "" then source = req.query or "" end
  req.parameters = text.pairs(source, true)
  return req.parameters
end

--- The value of one top-level parameter.
---@param req table
---@param name string
---@return string?
function query.parameter(req, name)
  for _, p in ipairs(query.parameters(req)) do
    if p[1] == name then return p[2] end
  end
end

-- "Tag.1.Key" = v  →  tree.Tag["1"].Key = v
local function insert(tree, key, value)
  if not key:find(".", 1, true) then
    if tree[key] == nil then tree[key] = value end
    return
  end
  local node, last = tree, nil
  for part in key:gmatch("[^.]+") do
    if last then
      local nxt = node[last]
      if type(nxt) ~= "table" then
        nxt = {}
        node[last] = nxt
      end
      node = nxt
    end
    last = part
  end
  if last then node[last] = value end
end

--- Wire → input.
---@param service table sim service
---@param op table botocore operation
---@param req table
---@param problems sim.Problem[]
---@return table
function query.decode(service, op, req, problems)
  local tree = {}
  for _, p in ipairs(query.parameters(req)) do
    if not protocol_keys[p[1]] and not p[1]:find("^X%-Amz%-") then insert(tree, p[1], p[2]) end
  end
  if not op.input then
    local stray = next(tree)
    if stray then check.problem(problems, "unknown", stray) end
    return {}
  end
  return read.compile(service.model, op.input.shape, service.protocol == "ec2" and "ec2" or "query")(tree, "", problems)
end

local function namespace(service, op)
  local ns = op and op.output and op.output.xmlNamespace or service.metadata.xmlNamespace
  if type(ns) == "table" then ns = ns.uri end
  return ns and ' xmlns="' .. ns .. (service.protocol == "ec2" and ns:sub(-1) ~= "/" and "/" or "") .. '"' or ""
end

local head = '<?xml version="1.0" encoding="UTF-8"?>\n'
local type_header = { "content-type", "text/xml;charset=UTF-8" }

local function answer(status, body, request_id)
  return { status = status, body = body, headers = { type_header, { "x-amzn-requestid", request_id } } }
end

--- Output → response.
function query.encode(service, op, output, request_id)
  local w = op.sim_writer
  if not w then
    w = op.output and write.xml_raw(service.model, { shape = op.output.shape }) or false
    op.sim_writer = w
    op.sim_open = head .. "<" .. op.name .. "Response" .. namespace(service, op) .. ">"
    local wrapper = op.output and (op.output.resultWrapper or op.name .. "Result") or ""
    -- EC2 puts the members straight under the response element: its wrapper is nothing.
    if service.protocol == "ec2" then op.sim_tags = { "", "" } else
      op.sim_tags = { "<" .. wrapper .. ">", "</" .. wrapper .. ">" }
    end
  end
  local out, n = { op.sim_open }, 1
  if service.protocol == "ec2" then
    out[2], n = "<requestId>" .. request_id .. "</requestId>", 2
  end
  if w then w(out, n, output, op.sim_tags[1], op.sim_tags[2]) end
  if service.protocol ~= "ec2" then
    out[#out + 1] = "<ResponseMetadata><RequestId>" .. request_id .. "</RequestId></ResponseMetadata>"
  end
  out[#out + 1] = "</" .. op.name .. "Response>"
  return answer(200, table.concat(out), request_id)
end

--- Error → response.
function query.fault(service, _op, fault, request_id)
  local code, message = text.xml(fault.code), text.xml(fault.message or fault.code)
  if service.protocol == "ec2" then
    return answer(fault.status, head .. "<Response><Errors><Error><Code>" .. code .. "</Code><Message>" .. message
      .. "</Message></Error></Errors><RequestID>" .. request_id .. "</RequestID></Response>", request_id)
  end
  local out = { head, "<ErrorResponse", namespace(service), "><Error><Type>",
    fault.status < 500 and "Sender" or "Receiver", "</Type><Code>", code, "</Code><Message>", message, "</Message>" }
  if fault.fields and fault.shape then
    write.xml_raw(service.model, { shape = fault.shape })(out, #out, fault.fields, "", "")
  end
  out[#out + 1] = "</Error><RequestId>" .. request_id .. "</RequestId></ErrorResponse>"
  return answer(fault.status, table.concat(out), request_id)
end

return query
