--- The REST protocols: members are bound to path, query string, headers and body. What the
--- body looks like is the one thing in which the JSON and the XML flavour differ.
local deep = require "cso.std.deep"
local event_stream = require "cso.aws.protocol.event_stream"
local event_write = require "cso.aws.protocol.event_write"
local headers = require "cso.aws.protocol.headers"
local json = require "cso.std.json"
local json_body = require "cso.aws.protocol.json_body"
local json_fault = require "cso.aws.protocol.json_fault"
local scalar = require "cso.aws.protocol.scalar"
local shape = require "cso.aws.protocol.shape"
local xml_answer = require "cso.aws.protocol.xml_answer"
local xml_body = require "cso.aws.protocol.xml_body"

local null = json.null

-- The bucket of an S3 path belongs to the endpoint: the rule set puts it into the host or the
-- path by itself.
local function template_of(S, op)
  local uri = op.http and op.http.requestUri or "/"
  if S.name == "s3" then
    local s = op.input and S:shape(op.input.shape)
    local bucket = s and s.members and s.members.Bucket
    if bucket and bucket.contextParam then uri = uri:gsub("^/{Bucket}", "") end
  end
  return uri
end

local function plan_of(S, op)
  local cache = shape.cache(S, "rest plan")
  local plan = cache[op.name]
  if plan then return plan end
  local path, query = template_of(S, op):match("^([^?]*)%??(.*)$")
  plan = { path = path, query = {}, labels = {}, bound = {}, body_members = {}, named = {}, headers = {} }
  for pair in query:gmatch("[^&]+") do
    local k, v = pair:match("^([^=]*)=?(.*)$")
    plan.query[#plan.query + 1] = { k, v }
  end
  if op.input then
    local s = S:shape(op.input.shape)
    plan.payload = shape.trait(S, op.input, "payload")
    for _, name in ipairs(shape.names(s)) do
      local ref = s.members[name]
      local location = shape.location(S, ref)
      local m = {
        name = name, ref = ref, location = location,
        -- A map of headers without a prefix has none.
        wire = shape.trait(S, ref, "locationName") or (location == "headers" and "" or name),
      }
      if location == "querystring" and S:shape(ref.shape).type ~= "map" then plan.named[m.wire] = m end
      if location == "header" then plan.headers[m.wire:lower()] = name end
      if location == "uri" then
        plan.labels[m.wire] = m
      elseif location == "header" or location == "headers" or location == "querystring" then
        plan.bound[#plan.bound + 1] = m
      elseif name ~= plan.payload then
        plan.body_members[#plan.body_members + 1] = name
      end
    end
    if plan.payload then
      local ref = s.members[plan.payload]
      plan.payload_ref = ref
      plan.payload_kind = S:shape(ref.shape).type
      plan.payload_union = S:shape(ref.shape).union
      plan.events = S:shape(ref.shape).eventstream
    end
  end
  cache[op.name] = plan
  return plan
end

local function fill_path(S, plan, params)
  return (plan.path:gsub("{([^}]*)}", function(label)
    local name = label:gsub("%+$", "")
    local m = plan.labels[name]
    local v = m and params[m.name]
    -- An empty one would make another address: that of all things instead of one.
    if v == nil or v == "" then
      error({ fault = { code = "MissingLabel", class = "usage",
        message = ("%s must not be empty: it is part of the request's path"):format(name) } }, 0)
    end
    local text = headers.query_text(S, m.ref, v)
    return label:sub(-1) == "+" and scalar.encode_path(text) or scalar.encode(text)
  end))
end

local function has(list, name)
  for _, h in ipairs(list) do
    if h[1]:lower() == name then return true end
  end
end

-- A line break would begin a header of its own.
local function put_header(list, member, name, text)
  if (name .. text):find("[%z\1-\8\10-\31\127]") then
    error({ fault = { code = "InvalidHeader", class = "usage",
      message = ("%s holds a line break or another control character, and travels in a header"):format(member) } }, 0)
  end
  list[#list + 1] = { name, text }
end

-- The query names that members have taken in this call.
local function given(plan, params)
  local names = {}
  for wire, m in next, plan.named do
    if params[m.name] ~= nil then names[wire] = true end
  end
  return names
end

local function dialect(codec, read_fault, xml)
  local protocol = {}

  local function put_body(S, op, plan, params, request)
    if plan.payload then
      local v = params[plan.payload]
      if v == null then v = nil end
      if plan.payload_kind == "blob" or plan.payload_kind == "string" then
        if v == nil then return end
        request.body = v
        request.streaming = true
        if S.name ~= "s3" then
          return plan.payload_kind == "blob" and "application/octet-stream" or "text/plain"
        end
        return
      end
      if plan.events and v ~= nil then
        request.events = event_write.messages(S, plan.payload_ref, v, codec)
        request.body = table.concat(request.events)
        return "application/vnd.amazon.eventstream"
      end
      if v == nil then
        request.body = plan.payload_union and "" or codec.empty
      else
        request.body = codec.write(S, plan.payload_ref, v, plan.payload)
      end
    elseif #plan.body_members > 0 then
      local some = false
      for _, name in ipairs(plan.body_members) do
        if params[name] ~= nil and params[name] ~= null then some = true end
      end
      if some then
        local own = {}
        for _, name in ipairs(plan.body_members) do own[name] = params[name] end
        request.body = codec.write(S, op.input, own)
      else
        request.body = codec.empty
      end
    end
    return request.body ~= "" and codec.content_type or nil
  end

  --- Builds the request of an operation.
  ---@param S table
  ---@param op table
  ---@param params table
  ---@return table request
  function protocol.build(S, op, params)
    local plan = plan_of(S, op)
    local request = {
      method = op.http and op.http.method or "POST",
      path = fill_path(S, plan, params),
      query = {}, headers = {}, body = "",
    }
    for i, pair in ipairs(plan.query) do request.query[i] = pair end
    for _, m in ipairs(plan.bound) do
      local v = params[m.name]
      if v == nil or v == null then goto continue end
      if m.location == "querystring" then
        headers.put_query(request.query, S, m.ref, m.wire, v, given(plan, params))
      elseif m.location == "headers" then
        -- A map yields to members that have a header of their own.
        for k, item in deep.sorted_pairs(v) do
          local name = m.wire .. k
          if not (plan.headers[name:lower()] and params[plan.headers[name:lower()]] ~= nil) then
            put_header(request.headers, ("%s.%s"):format(m.name, k), name, tostring(item))
          end
        end
      elseif type(v) ~= "table" or next(v) ~= nil then
        put_header(request.headers, m.name, m.wire, headers.text(S, m.ref, v))
      end
      ::continue::
    end
    local content_type = put_body(S, op, plan, params, request)
    if content_type and not has(request.headers, "content-type") then
      request.headers[#request.headers + 1] = { "Content-Type", content_type }
    end
    return request
  end

  local function read_payload(S, s, payload, response, out)
    local ref = s.members[payload]
    local target = S:shape(ref.shape)
    if target.eventstream then
      out[payload] = event_stream.read(S, ref, response.body, codec)
    elseif target.type == "blob" or target.type == "string" then
      out[payload] = response.body or ""
    elseif response.body and response.body ~= "" or xml and not target.union then
      out[payload] = codec.parse(S, ref, response.body)
    end
  end

  --- Reads a successful answer.
  ---@param S table
  ---@param op table
  ---@param response table
  ---@return table output
  ---@return string? request_id
  function protocol.parse(S, op, response)
    local id = response.headers["x-amzn-requestid"] or response.headers["x-amz-request-id"]
    if not op.output then return {}, id end
    local s = S:shape(op.output.shape)
    local out
    local payload = shape.trait(S, op.output, "payload")
    if payload then
      out = {}
      read_payload(S, s, payload, response, out)
    else
      out = codec.parse(S, op.output, response.body)
    end
    headers.read_all(S, s, response, out)
    return out, id
  end

  protocol.fault = read_fault
  return protocol
end

local function xml_fault(_S, _op, response)
  local fault = xml_answer.read_fault(response.body) or {}
  local h = response.headers
  fault.request_id = fault.request_id or h["x-amzn-requestid"] or h["x-amz-request-id"]
  return fault
end

return {
  ["rest-json"] = dialect(json_body, json_fault.read),
  ["rest-xml"] = dialect(xml_body, xml_fault, true),
}
