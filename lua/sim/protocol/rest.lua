--- rest-json and rest-xml: parts of the input travel in the URI, the query string and headers;
--- the body is the rest, or one member of it ("payload").
local check = require "sim.check"
local json = require "cso.std.json"
local read = require "sim.protocol.read"
local text = require "sim.protocol.text"
local write = require "sim.protocol.write"
local xml = require "cso.std.xml"

local rest = {}

-- Where each member of a structure travels, worked out once per operation.
local function places(service, shape_name)
  local known = service.rest_places
  local p = known[shape_name]
  if p then return p end
  local S = service.model
  local shape = S:shape(shape_name)
  p = { shape = shape, uri = {}, query = {}, headers = {}, prefixes = {}, elsewhere = {}, body = false }
  for name, ref in next, shape.members or {} do
    local m = { name = name, ref = ref, shape = S:shape(ref.shape), wire = ref.locationName or name }
    if ref.location == "uri" then p.uri[m.wire] = m
    elseif ref.location == "querystring" then p.query[m.wire] = m
    elseif ref.location == "header" then p.headers[#p.headers + 1] = m
    elseif ref.location == "headers" then p.prefixes[#p.prefixes + 1] = m
    elseif ref.location == "statusCode" then p.status = m
    elseif name ~= shape.payload then p.body = true end
    if ref.location or name == shape.payload then p.elsewhere[name] = true end
    if ref.location == "querystring" and m.shape.type == "map" then p.query_map = m end
  end
  table.sort(p.headers, function(a, b) return a.wire < b.wire end)
  if shape.payload then
    local ref = shape.members[shape.payload]
    p.payload = { name = shape.payload, ref = ref, shape = S:shape(ref.shape) }
  end
  known[shape_name] = p
  return p
end

local function scalar(m, v, problems)
  local shape = m.shape
  if shape.type == "string" and (m.ref.jsonvalue or shape.jsonvalue) then return v end
  local got = read.text_scalar(shape.type)(v, m.name, problems)
  local limits = check.compile(shape)
  if limits and got ~= nil then limits(got, m.name, problems) end
  return got
end

local function read_query(service, p, req, literals, input, problems)
  for _, pair in ipairs(text.pairs(req.query or "")) do
    local m = p.query[pair[1]]
    if m and m.shape.type == "list" then
      local list = input[m.name] or {}
      input[m.name] = list
      local item = { name = m.name, ref = m.shape.member, shape = service.model:shape(m.shape.member.shape) }
      list[#list + 1] = scalar(item, pair[2], problems)
    elseif m and m.shape.type ~= "map" then
      input[m.name] = scalar(m, pair[2], problems)
    elseif p.query_map then
      local map = input[p.query_map.name] or {}
      input[p.query_map.name] = map
      map[pair[1]] = pair[2]
    elseif not literals[pair[1]] and not pair[1]:find("^[Xx]%-[Aa]mz%-") and pair[1] ~= "x-id" then
      check.problem(problems, "unknown", pair[1])
    end
  end
end

local function read_headers(service, p, req, input, problems)
  for _, m in ipairs(p.headers) do
    local v = req.headers[m.wire:lower()]
    if v then
      if m.shape.type == "list" then
        local list = {}
        local item = { name = m.name, ref = m.shape.member, shape = service.model:shape(m.shape.member.shape) }
        for part in v:gmatch("[^,]+") do list[#list + 1] = scalar(item, part:match("^%s*(.-)%s*$"), problems) end
        input[m.name] = list
      else
        input[m.name] = scalar(m, v, problems)
      end
    end
  end
  for _, m in ipairs(p.prefixes) do
    local map, lead = {}, (m.ref.locationName or ""):lower()
    for k, v in next, req.headers do
      if k:sub(1, #lead) == lead then map[k:sub(#lead + 1)] = v end
    end
    if next(map) or m.shape.type == "map" then input[m.name] = map end
  end
end

local function document(service, req, problems, name)
  local body = req.body
  if not body or body == "" then return nil end
  local v, err
  if service.protocol == "rest-xml" then v, err = xml.decode(body) else v, err = json.decode(body) end
  if v == nil or err then
    check.problem(problems, "type", name, nil, service.protocol == "rest-xml" and "an XML document" or "a JSON document")
  end
  return v
end

local function read_body(service, op, p, req, input, problems)
  local form = service.protocol == "rest-xml" and "xml" or "json"
  if p.payload then
    local kind = p.payload.shape.type
    if kind == "blob" or kind == "string" then
      if req.body and req.body ~= "" or kind == "blob" then input[p.payload.name] = req.body or "" end
      return
    end
    local v = document(service, req, problems, p.payload.name)
    if v ~= nil then
      input[p.payload.name] = read.compile(service.model, p.payload.ref.shape, form)(v, p.payload.name, problems)
    end
  elseif p.body or (req.body and req.body ~= "" and req.body ~= "{}") then
    local v = document(service, req, problems, op.name)
    if v == nil then v = {} end
    local reader = p.reader or read.body(service.model, p.shape, form, p.elsewhere)
    p.reader = reader
    for k, item in next, reader(v, "", problems) or {} do input[k] = item end
  end
end

--- Wire → input. `req.uri` holds the values that the router took from the path.
function rest.decode(service, op, req, problems)
  if not op.input then return {} end
  local p, input = places(service, op.input.shape), {}
  for wire, v in next, req.uri or {} do
    local m = p.uri[wire]
    if m then input[m.name] = scalar(m, v, problems) end
  end
  read_query(service, p, req, req.literals or {}, input, problems)
  read_headers(service, p, req, input, problems)
  read_body(service, op, p, req, input, problems)
  for _, name in ipairs(p.shape.required or {}) do
    if input[name] == nil and p.elsewhere[name] and not problems[1] then
      check.problem(problems, "missing", name)
    end
  end
  return input
end

local function content_type(service)
  return service.protocol == "rest-xml" and "text/xml" or "application/json"
end

local function id_headers(service, request_id)
  if service.name == "s3" then
    return { { "x-amz-request-id", request_id }, { "x-amz-id-2", request_id .. request_id } }
  end
  return { { "x-amzn-requestid", request_id } }
end

local xml_head = '<?xml version="1.0" encoding="UTF-8"?>\n'

local function xml_document(service, ref, v, root, skip)
  local ns = ref.xmlNamespace or service.metadata.xmlNamespace
  if type(ns) == "table" then ns = ns.uri end
  if skip then
    local copy = {}
    for k, item in next, v do if not skip[k] then copy[k] = item end end
    v = copy
  end
  local out = {}
  write.xml(service.model, { shape = ref.shape })(out, v, root)
  if ns then out[1] = out[1]:gsub(">$", ' xmlns="' .. ns .. '">') end
  return xml_head .. table.concat(out)
end

local function json_document(service, ref, v, skip)
  local body = write.json(service.model, { shape = ref.shape }, "json")(v)
  if skip then
    local shape = service.model:shape(ref.shape)
    for name in next, skip do body[shape.members[name].locationName or name] = nil end
  end
  return json.encode(body)
end

local function write_body(service, op, p, output, headers)
  if p.payload then
    local v = output[p.payload.name]
    local kind = p.payload.shape.type
    if kind == "blob" or kind == "string" then return v or "", nil end
    if v == nil then return "", nil end
    if service.protocol == "rest-xml" then
      local root = p.payload.ref.locationName or p.payload.ref.shape
      return xml_document(service, p.payload.ref, v, root), content_type(service)
    end
    return json.encode(write.json(service.model, p.payload.ref, "json")(v)), content_type(service)
  elseif p.body then
    local special = service.facts.documents and service.facts.documents[op.name]
    if special then return xml_head .. special(output), content_type(service) end
    if service.protocol == "rest-xml" then
      return xml_document(service, op.output, output, op.output.locationName or op.name .. "Response"
        , p.elsewhere), content_type(service)
    end
    return json_document(service, op.output, output, p.elsewhere), content_type(service)
  end
  local _ = headers
  return service.protocol == "rest-json" and (op.output and "{}" or "") or "", content_type(service)
end

--- Output → response.
function rest.encode(service, op, output, request_id)
  local headers = id_headers(service, request_id)
  local status = op.http.responseCode or 200
  if not op.output then return { status = status, headers = headers, body = "" } end
  local p = places(service, op.output.shape)
  for _, m in ipairs(p.headers) do
    if output[m.name] ~= nil then
      headers[#headers + 1] = { m.wire, write.header(m.ref, m.shape, output[m.name]) }
    end
  end
  for _, m in ipairs(p.prefixes) do
    for k, v in next, output[m.name] or {} do
      headers[#headers + 1] = { (m.ref.locationName or "") .. k, tostring(v) }
    end
  end
  if p.status and output[p.status.name] then status = output[p.status.name] end
  -- Part of an object: a status that no model states.
  if output._status then status = output._status end
  local body, kind = write_body(service, op, p, output, headers)
  if kind and not output.ContentType then headers[#headers + 1] = { "content-type", kind } end
  return { status = status, headers = headers, body = body }
end

--- Error → response.
function rest.fault(service, _op, fault, request_id)
  local headers = id_headers(service, request_id)
  if fault.status == 304 then return { status = 304, headers = headers, body = "" } end
  headers[#headers + 1] = { "content-type", content_type(service) }
  if service.protocol == "rest-json" then
    headers[#headers + 1] = { "x-amzn-errortype", fault.code }
    local body = {}
    if fault.fields and fault.shape then
      body = write.json(service.model, { shape = fault.shape }, "json")(fault.fields)
    end
    body.message, body.Message = fault.message, fault.message
    return { status = fault.status, headers = headers, body = json.encode(body) }
  end
  local code, message = text.xml(fault.code), text.xml(fault.message or fault.code)
  local inner = {}
  if fault.fields then
    for k, v in next, fault.fields do
      if type(v) ~= "table" then inner[#inner + 1] = "<" .. k .. ">" .. text.xml(tostring(v)) .. "</" .. k .. ">" end
    end
    table.sort(inner)
  end
  local core = "<Code>" .. code .. "</Code><Message>" .. message .. "</Message>" .. table.concat(inner)
  local body
  if service.name == "s3" then
    body = "<Error>" .. core .. "<RequestId>" .. request_id .. "</RequestId><HostId>" .. request_id
      .. "</HostId></Error>"
  else
    body = "<ErrorResponse><Error><Type>" .. (fault.status < 500 and "Sender" or "Receiver") .. "</Type>" .. core
      .. "</Error><RequestId>" .. request_id .. "</RequestId></ErrorResponse>"
  end
  return { status = fault.status, headers = headers, body = xml_head .. body }
end

return rest
