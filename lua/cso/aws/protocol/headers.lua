--- Members that travel in headers and query strings, both ways.
local deep = require "cso.std.deep"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local scalar = require "cso.aws.protocol.scalar"
local shape = require "cso.aws.protocol.shape"

local headers = {}

local function list_item(v)
  if v:find('[",]') then return '"' .. v:gsub('"', '\\"') .. '"' end
  return v
end

--- A value as header text.
---@param S table
---@param ref table
---@param v any
---@return string
function headers.text(S, ref, v)
  local s = S:shape(ref.shape)
  local kind = s.type
  if kind == "timestamp" then
    local how = shape.trait(S, ref, "timestampFormat") or "rfc822"
    return tostring(scalar.time(v, how))
  elseif kind == "list" then
    local out = {}
    local plain = S:shape(s.member.shape).type == "string"
    for i, item in ipairs(v) do
      out[i] = plain and list_item(tostring(item)) or headers.text(S, s.member, item)
    end
    return table.concat(out, ", ")
  elseif shape.trait(S, ref, "jsonvalue") then
    return hash.base64_encode(json.encode(v))
  elseif kind == "blob" then
    return hash.base64_encode(v)
  elseif type(v) == "number" then
    return scalar.number(v)
  end
  return tostring(v)
end

--- A value as query-string or path text, before percent-encoding.
---@param S table
---@param ref table
---@param v any
---@return string
function headers.query_text(S, ref, v)
  local s = S:shape(ref.shape)
  if s.type == "timestamp" then
    return tostring(scalar.time(v, shape.trait(S, ref, "timestampFormat") or "iso8601"))
  end
  if type(v) == "number" then return scalar.number(v) end
  return tostring(v)
end

--- Appends a member's query parameters.
---@param out table list of { name, value }
---@param S table
---@param ref table
---@param name string
---@param v any
---@param named table<string, any>? names that members of their own have taken; a map yields to them
function headers.put_query(out, S, ref, name, v, named)
  local s = S:shape(ref.shape)
  if s.type == "list" then
    for _, item in ipairs(v) do
      out[#out + 1] = { name, headers.query_text(S, s.member, item) }
    end
  elseif s.type == "map" then
    for k, item in deep.sorted_pairs(v) do
      if not (named and named[k]) then headers.put_query(out, S, s.value, k, item) end
    end
  else
    out[#out + 1] = { name, headers.query_text(S, ref, v) }
  end
end

local function split_plain(text)
  local out = {}
  local i = 1
  while i <= #text + 1 do
    local from, to, quoted = text:find('^%s*"(.-[^\\])"%s*', i)
    if not from then from, to, quoted = text:find('^%s*"()"%s*', i) end
    if from and (to == #text or text:sub(to + 1, to + 1) == ",") then
      out[#out + 1] = type(quoted) == "string" and quoted:gsub('\\(["\\])', "%1") or ""
      i = to + 2
    else
      local stop = text:find(",", i, true) or #text + 1
      out[#out + 1] = text:sub(i, stop - 1):match("^%s*(.-)%s*$")
      i = stop + 1
    end
  end
  return out
end

-- HTTP dates hold a comma of their own.
local function split_dates(text)
  local out, pending = {}, nil
  for part in (text .. ","):gmatch("([^,]*),") do
    part = part:match("^%s*(.-)%s*$")
    if pending then
      out[#out + 1] = pending .. ", " .. part
      pending = nil
    elseif part:match("^%a%a%a$") then
      pending = part
    else
      out[#out + 1] = part
    end
  end
  return out
end

--- Reads header text as a value of the member's type.
---@param S table
---@param ref table
---@param text string
---@return any
function headers.read(S, ref, text)
  local s = S:shape(ref.shape)
  local kind = s.type
  if kind == "timestamp" then return scalar.read_time(text) end
  if kind == "integer" or kind == "long" or kind == "short" or kind == "byte" then
    return math.tointeger(tonumber(text)) or tonumber(text)
  end
  if kind == "float" or kind == "double" then return scalar.read_float(text) end
  if kind == "boolean" then return text:lower() == "true" end
  if kind == "blob" then return hash.base64_decode(text) end
  if kind == "list" then
    local dates = S:shape(s.member.shape).type == "timestamp"
    local out = (dates and split_dates or split_plain)(text)
    for i, item in ipairs(out) do out[i] = headers.read(S, s.member, item) end
    return json.array(out)
  end
  if shape.trait(S, ref, "jsonvalue") then
    return json.decode(hash.base64_decode(text) or "") or text
  end
  return text
end

--- Reads the members of an output that the header block and status carry.
---@param S table
---@param s table shape
---@param response table
---@param out table
function headers.read_all(S, s, response, out)
  for name, ref in next, s.members or {} do
    local location = shape.location(S, ref)
    if location == "statusCode" then
      out[name] = response.status
    elseif location == "header" then
      local text = response.headers[(shape.trait(S, ref, "locationName") or name):lower()]
      if text then out[name] = headers.read(S, ref, text) end
    elseif location == "headers" then
      local prefix = (shape.trait(S, ref, "locationName") or ""):lower()
      local map = {}
      for k, v in next, response.headers do
        if k:sub(1, #prefix) == prefix then
          map[(response.written and response.written[k] or k):sub(#prefix + 1)] = v
        end
      end
      out[name] = map
    end
  end
end

return headers
