--- The kinds of `cso.t`: which options each takes and how it checks a value.
--- check(options, v, at) gives the value, or nil and a message; lists and maps go on with
--- at:inner(step, key, type, v) and report what they find themselves with at:fault(message).
local cidr = require("cso.std.cidr")
local duration = require("cso.std.duration")
local suggest = require("cso.std.suggest")
local value = require("cso.std.value")

local kinds = {}

local function describe(v)
  if v == nil then return "nothing" end
  if value.is_secret(v) then return "a secret" end
  if type(v) == "string" then return ("the string %q"):format(v) end
  if type(v) == "table" then return #v > 0 and "a list" or "a map" end
  return ("the %s %s"):format(type(v), tostring(v))
end

local function plural(n, what)
  return ("%d %s%s"):format(n, what, n == 1 and "" or "s")
end

local function sized(o, n, what)
  if o.min and n < o.min then return ("must have at least %s, has %d"):format(plural(o.min, what), n) end
  if o.max and n > o.max then return ("must have at most %s, has %d"):format(plural(o.max, what), n) end
end

local function one_of(v, list)
  for _, item in ipairs(list) do
    if item == v then return nil end
  end
  local shown, texts = {}, {}
  for i, item in ipairs(list) do
    shown[i] = tostring(item)
    if type(item) == "string" then texts[#texts + 1] = item end
  end
  local best = type(v) == "string" and suggest(v, texts)
  return ("must be one of %s, not %s%s"):format(table.concat(shown, ", "), tostring(v),
    best and ("; did you mean %s?"):format(best) or "")
end

kinds.any = { check = function(_, v) return v end }

kinds.string = {
  options = { pattern = true, min = true, max = true, enum = true },
  check = function(o, v)
    if type(v) ~= "string" then return nil, "must be a string, not " .. describe(v) end
    local bad = sized(o, utf8.len(v) or #v, "character") or (o.enum and one_of(v, o.enum))
    if bad then return nil, bad end
    if o.pattern and not require("cso.std.regex").matches(o.pattern, v) then
      return nil, ("%q does not match %s"):format(v, o.pattern)
    end
    return v
  end,
}

local function number_range(o, v)
  if o.min and v < o.min then return ("must be at least %s, is %s"):format(o.min, v) end
  if o.max and v > o.max then return ("must be at most %s, is %s"):format(o.max, v) end
  return o.enum and one_of(v, o.enum)
end

kinds.number = {
  options = { min = true, max = true, enum = true },
  check = function(o, v)
    if type(v) ~= "number" then return nil, "must be a number, not " .. describe(v) end
    local bad = number_range(o, v)
    if bad then return nil, bad end
    return v
  end,
}

kinds.integer = {
  options = kinds.number.options,
  check = function(o, v)
    local n = type(v) == "number" and math.tointeger(v)
    if not n then return nil, "must be an integer, not " .. describe(v) end
    local bad = number_range(o, n)
    if bad then return nil, bad end
    return n
  end,
}

kinds.boolean = {
  check = function(_, v)
    if type(v) ~= "boolean" then return nil, "must be true or false, not " .. describe(v) end
    return v
  end,
}

kinds.enum = {
  options = { values = true },
  check = function(o, v)
    local bad = one_of(v, o.values)
    if bad then return nil, bad end
    return v
  end,
}

kinds.cidr = {
  options = { min_prefix = true, max_prefix = true, family = true },
  check = function(o, v)
    local block, e = cidr.parse(v)
    if not block then return nil, e.message end
    if block.address ~= block.network then
      return nil, ("%s has bits set behind its prefix; did you mean %s?"):format(v, block.cidr)
    end
    if o.family and block.family ~= o.family then return nil, ("must be IPv%d"):format(o.family) end
    if o.min_prefix and block.prefix < o.min_prefix then
      return nil, ("%s is too large: /%d at most"):format(v, o.min_prefix)
    end
    if o.max_prefix and block.prefix > o.max_prefix then
      return nil, ("%s is too small: /%d at least"):format(v, o.max_prefix)
    end
    return v
  end,
}

kinds.duration = { -- gives seconds
  options = { min = true, max = true },
  check = function(o, v)
    local s, message = duration.parse(v)
    if not s then return nil, message end
    local min, max = o.min and duration.parse(o.min), o.max and duration.parse(o.max)
    if min and s < min then return nil, ("must be at least %s"):format(o.min) end
    if max and s > max then return nil, ("must be at most %s"):format(o.max) end
    return s
  end,
}

local function shaped(expression, what)
  return {
    check = function(_, v)
      if type(v) ~= "string" or not require("cso.std.regex").matches(expression, v) then
        return nil, ("must be %s, not %s"):format(what, describe(v))
      end
      return v
    end,
  }
end

kinds.email = shaped([[^[^\s@]+@[^\s@]+\.[^\s@.]+$]], "an e-mail address")
kinds.arn = shaped([[^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:.+$]], "an ARN")
local label = "[A-Za-z0-9_]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
kinds.domain = shaped("^(" .. label .. [[\.)*]] .. label .. [[\.?$]], "a domain name")
kinds.region = shaped([[^[a-z]{2}(-[a-z]+)+-\d$]], "a region (like eu-west-2)")
kinds.url = shaped([[^https?://[^\s/]+\S*$]], "a URL")

kinds.list = {
  options = { of = true, min = true, max = true, unique = true },
  check = function(o, v, at)
    if type(v) ~= "table" or (next(v) ~= nil and #v == 0) then
      return nil, "must be a list, not " .. describe(v)
    end
    local out, seen = setmetatable({}, getmetatable(v)), {}
    for i, item in ipairs(v) do
      out[i] = at:inner(("[%d]"):format(i), i, o.of, item)
      if o.unique and type(item) ~= "table" then
        if seen[item] then at:fault(("stands twice: %s"):format(tostring(item))) end
        seen[item] = true
      end
    end
    local bad = sized(o, #v, "item")
    if bad then return nil, bad end
    return out
  end,
}

local function sorted_keys(v)
  local keys = {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

kinds.map = {
  options = { of = true, min = true, max = true, keys = true },
  check = function(o, v, at)
    if type(v) ~= "table" or #v > 0 then return nil, "must be a map, not " .. describe(v) end
    local out, keys = {}, sorted_keys(v)
    for _, k in ipairs(keys) do
      if o.keys then at:inner("." .. tostring(k), k, o.keys, k) end
      out[k] = at:inner("." .. tostring(k), k, o.of, v[k])
    end
    local bad = sized(o, #keys, "entry")
    if bad then return nil, bad end
    return out
  end,
}

kinds.object = {
  options = { fields = true, open = true },
  check = function(o, v, at)
    if type(v) ~= "table" or #v > 0 then return nil, "must be a map, not " .. describe(v) end
    local out, names = {}, sorted_keys(o.fields)
    for _, name in ipairs(names) do
      out[name] = at:inner("." .. name, name, o.fields[name], rawget(v, name))
    end
    for _, k in ipairs(sorted_keys(v)) do
      if not o.fields[k] then
        if o.open then
          out[k] = v[k]
        else
          local best = suggest(tostring(k), names)
          at:fault(("unknown key%s"):format(best and ("; did you mean %s?"):format(best)
            or (#names > 0 and "; known are " .. table.concat(names, ", ") or "")), "." .. tostring(k), k)
        end
      end
    end
    return out
  end,
}

kinds.one_of = {
  options = { types = true },
  check = function(o, v, at)
    local messages = {}
    for i, t in ipairs(o.types) do
      local out, faults = at.check(t, v)
      if not faults then return out end
      messages[i] = (faults[1].path ~= "" and faults[1].path .. " " or "") .. faults[1].message
    end
    at:fault(table.concat(messages, ", or "))
  end,
}

kinds.resource = { -- a resource of one of the given types, or any value known later
  options = { types = true },
  check = function(o, v)
    local _, path, info = value.info(v)
    if not value.is_ref(v) then return nil, "must be a resource, not " .. describe(v) end
    if path ~= "" or not o.types then return v end
    for _, name in ipairs(o.types) do
      if info.type_name == name or info.type_name:match("^AWS::(.+)$") == name:gsub("%.", "::") then
        return v
      end
    end
    return nil, ("must be %s, not %s"):format(table.concat(o.types, " or "), info.type_name)
  end,
}

return kinds
