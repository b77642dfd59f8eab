--- An API answer for the eye: its output shapes say which numbers are times, which strings are
--- bytes and which members are secrets. Pure.
local json = require "cso.std.json"

local answer = {}

local function time_text(v)
  if type(v) ~= "number" then return v end
  local whole = math.floor(v)
  local text = os.date("!%Y-%m-%dT%H:%M:%S", whole)
  local part = v - whole
  if part > 0.0005 then text = text .. (".%03d"):format(math.floor(part * 1000 + 0.5)) end
  return text .. "Z"
end

local function blob_text(v)
  if type(v) ~= "string" then return v end
  return require("cso.std.hash").base64_encode(v)
end

local shown

local function structure(v, shape, lookup, opts)
  local out = {}
  for key, item in next, v do
    local member = shape.members and shape.members[key]
    out[key] = member and shown(item, lookup(member.shape), lookup, opts) or item
    if member and member.sensitive and not opts.reveal then out[key] = "(sensitive)" end
  end
  return out
end

local function list(v, shape, lookup, opts)
  local out, item = {}, lookup(shape.member.shape)
  for i = 1, #v do out[i] = shown(v[i], item, lookup, opts) end
  return json.array(out)
end

local function map(v, shape, lookup, opts)
  local out, item = {}, lookup(shape.value.shape)
  for key, inner in next, v do out[key] = shown(inner, item, lookup, opts) end
  return out
end

local tables = { structure = structure, list = list, map = map }
local texts = { timestamp = time_text, blob = blob_text }

shown = function(v, shape, lookup, opts)
  if not shape or v == nil then return v end
  if shape.sensitive and not opts.reveal then return "(sensitive)" end
  if type(v) == "table" then
    local make = tables[shape.type]
    return make and make(v, shape, lookup, opts) or v
  end
  local make = texts[shape.type]
  return make and make(v) or v
end

--- A copy of an answer in which times are ISO 8601, bytes are base64, secrets are hidden.
---@param v any
---@param shape table?   botocore shape of the output
---@param lookup fun(name: string): table
---@param opts { reveal: boolean? }?
---@return any
function answer.plain(v, shape, lookup, opts)
  return shown(v, shape, lookup, opts or {})
end

return answer
