--- The query protocol and EC2's dialect of it: form-encoded requests. Answers are XML.
local deep = require "cso.std.deep"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local scalar = require "cso.aws.protocol.scalar"
local shape = require "cso.aws.protocol.shape"
local xml_answer = require "cso.aws.protocol.xml_answer"

local null = json.null
local encode = scalar.encode

local function dialect(ec2)
  local purpose = ec2 and "ec2 write" or "query write"
  local writer

  local function wire_name(S, ref, default)
    if ec2 then
      local own = shape.trait(S, ref, "queryName")
      if own then return own end
      local name = shape.trait(S, ref, "locationName")
      if name then return name:sub(1, 1):upper() .. name:sub(2) end
      return default:sub(1, 1):upper() .. default:sub(2)
    end
    return shape.trait(S, ref, "locationName") or default
  end

  local function structure(S, s)
    local plan = {}
    for i, name in ipairs(shape.names(s)) do
      local ref = s.members[name]
      plan[i] = { name = name, ref = ref, wire = encode(wire_name(S, ref, name)) }
    end
    return function(out, prefix, v)
      local dot = prefix == "" and "" or prefix .. "."
      for i = 1, #plan do
        local m = plan[i]
        local item = v[m.name]
        if item ~= nil and item ~= null then
          local write = m.write
          if not write then
            write = writer(S, m.ref)
            m.write = write
          end
          write(out, dot .. m.wire, item)
        end
      end
    end
  end

  local function list(S, s, ref)
    local write
    local flat = ec2 or shape.trait(S, ref, "flattened")
    local own = not ec2 and shape.trait(S, s.member, "locationName")
    local item_name = encode(own or "member")
    return function(out, prefix, v)
      write = write or writer(S, s.member)
      if #v == 0 then
        -- The query protocol sends an empty list so that it can clear one; EC2 sends nothing.
        if not ec2 then out[#out + 1] = prefix .. "=" end
        return
      end
      local base = prefix
      if not flat then
        base = prefix .. "." .. item_name
      elseif own and not ref.locationName then
        base = prefix:gsub("[^.]+$", function() return item_name end)
      end
      for i = 1, #v do
        if v[i] == null then out[#out + 1] = base .. "." .. i .. "=" else write(out, base .. "." .. i, v[i]) end
      end
    end
  end

  local function map(S, s, ref)
    local flat = shape.trait(S, ref, "flattened")
    local key_name = encode(wire_name(S, s.key, "key"))
    local value_name = encode(wire_name(S, s.value, "value"))
    local write_key, write_value
    return function(out, prefix, v)
      write_key = write_key or writer(S, s.key)
      write_value = write_value or writer(S, s.value)
      local base = flat and prefix or prefix .. ".entry"
      for i, k in ipairs(deep.keys(v)) do
        write_key(out, base .. "." .. i .. "." .. key_name, k)
        local place = base .. "." .. i .. "." .. value_name
        if v[k] == null then out[#out + 1] = place .. "=" else write_value(out, place, v[k]) end
      end
    end
  end

  local function put(out, prefix, text)
    out[#out + 1] = prefix .. "=" .. encode(text)
  end

  local scalars = {
    blob = function(out, prefix, v) put(out, prefix, hash.base64_encode(v)) end,
    boolean = function(out, prefix, v) put(out, prefix, v and "true" or "false") end,
  }
  for _, kind in ipairs { "byte", "short", "integer", "long", "float", "double" } do
    scalars[kind] = function(out, prefix, v)
      put(out, prefix, type(v) == "number" and scalar.number(v) or v)
    end
  end
  local containers = { structure = structure, list = list, map = map }

  function writer(S, ref)
    local s = S:shape(ref.shape)
    local make = containers[s.type]
    if make then
      local cache = shape.cache(S, purpose)
      -- Flattening and a name may be said by the reference, so they are part of the key.
      local key = ref.flattened and ref.shape .. "\0flat" or ref.shape
      if ref.locationName then key = key .. "\0named" end
      local w = cache[key]
      if not w then
        w = make(S, s, ref)
        cache[key] = w
      end
      return w
    end
    if s.type == "timestamp" then
      local how = shape.trait(S, ref, "timestampFormat") or "iso8601"
      return function(out, prefix, v) put(out, prefix, scalar.time(v, how)) end
    end
    return scalars[s.type] or put
  end

  local protocol = {}

  --- Builds the request of an operation.
  ---@param S table
  ---@param op table operation of the model
  ---@param params table
  ---@return table request
  function protocol.build(S, op, params)
    local out = { "Action=" .. encode(op.name), "Version=" .. encode(S:metadata().apiVersion) }
    if op.input then writer(S, op.input)(out, "", params) end
    return {
      method = op.http and op.http.method or "POST",
      path = "/",
      query = {},
      headers = { { "Content-Type", "application/x-www-form-urlencoded; charset=utf-8" } },
      body = table.concat(out, "&"),
    }
  end

  protocol.parse = xml_answer.parse
  protocol.fault = xml_answer.fault
  return protocol
end

return { query = dialect(false), ec2 = dialect(true) }
