--- Words of the command line as the input of an API operation: the operation's shapes say what
--- type each value has. Pure.
---   InstanceIds=i-1,i-2   Filters.0.Name=tag:Name   Filters='[{"Name":…}]'   UserData=@file
---   '{"InstanceIds": ["i-1"]}'   @input.json
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local json = require "cso.std.json"
local suggest = require "cso.std.suggest"

local typed = {}

local function usage(path, message, hint)
  return nil, err.new { code = "bad_value", class = "usage", message = path .. ": " .. message,
    hint = hint }
end

local function parse_json(path, text)
  local tree, e = json.decode(text)
  if tree == nil then
    return usage(path, "this is no JSON: " .. (e and e.message or "unknown reason"))
  end
  return tree
end

local function days(year, month, day)
  -- Days since 1970-01-01 in the proleptic Gregorian calendar.
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469
end

local function timestamp(path, text)
  local number = tonumber(text)
  if number then return number end
  local y, mo, d, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  if not y then
    return usage(path, ("expected a time (2026-01-31T12:00:00Z or seconds), got %q"):format(text))
  end
  local h, mi, s, zone = rest:match("^[T ](%d%d):(%d%d):?([%d.]*)(.*)$")
  local seconds = days(tonumber(y), tonumber(mo), tonumber(d)) * 86400
  if not h then
    if rest ~= "" then return usage(path, ("expected a time, got %q"):format(text)) end
    return seconds
  end
  seconds = seconds + tonumber(h) * 3600 + tonumber(mi) * 60 + (tonumber(s) or 0)
  local sign, oh, om = zone:match("^([+-])(%d%d):?(%d%d)$")
  if sign then
    local offset = tonumber(oh) * 3600 + tonumber(om) * 60
    seconds = sign == "+" and seconds - offset or seconds + offset
  elseif zone ~= "Z" and zone ~= "" then
    return usage(path, ("expected a time, got %q"):format(text))
  end
  return math.tointeger(seconds) or seconds
end

local scalars = {}

local function integer(path, text)
  local n = math.tointeger(tonumber(text))
  if not n then return usage(path, ("expected an integer, got %q"):format(text)) end
  return n
end

scalars.integer, scalars.long = integer, integer
function scalars.float(path, text)
  local n = tonumber(text)
  if not n then return usage(path, ("expected a number, got %q"):format(text)) end
  return n
end
scalars.double = scalars.float
function scalars.boolean(path, text)
  if text == "true" then return true elseif text == "false" then return false end
  return usage(path, ("expected true or false, got %q"):format(text))
end
function scalars.string(path, text, shape)
  if shape.enum then
    for _, item in ipairs(shape.enum) do
      if item == text then return text end
    end
    local near = suggest(text, shape.enum)
    if near then
      return usage(path, ("%q is not one of its values"):format(text), ("did you mean %s?"):format(near))
    end
  end
  return text
end
function scalars.blob(_, text) return text end
scalars.timestamp = timestamp

local function value_of(path, text, shape, lookup)
  local scalar = scalars[shape.type]
  if scalar then return scalar(path, text, shape) end
  if shape.document then return parse_json(path, text) end
  if shape.type == "list" and not text:match("^%s*%[") then
    local item, out = lookup(shape.member.shape), {}
    if not scalars[item.type] then
      return usage(path, "expected a JSON list", ("write %s='[{…}]' or %s.0.Name=…"):format(path, path))
    end
    for part in (text .. ","):gmatch("([^,]*),") do
      local v, e = value_of(("%s.%d"):format(path, #out), part, item, lookup)
      if e then return nil, e end
      out[#out + 1] = v
    end
    return out
  end
  return parse_json(path, text)
end

local function member_of(shape, key, path)
  local member = shape.members and shape.members[key]
  if member then return member.shape, key, member.streaming end
  local names = deep.keys(shape.members or {})
  for _, name in ipairs(names) do
    if name:lower() == key:lower() then
      return shape.members[name].shape, name, shape.members[name].streaming
    end
  end
  local near = suggest(key, names)
  return nil, err.new { code = "unknown_member", class = "usage",
    message = ("%s%s is no member"):format(path == "" and "" or path .. ".", key),
    hint = near and ("did you mean %s?"):format(near)
      or #names > 0 and "there are " .. table.concat(names, ", ") or "it takes no input" }
end

-- Walks a dotted key down the shapes, making tables on the way; gives where the value goes.
local function place(root, shape, lookup, dotted)
  local at, path, keys = root, "", {}
  for key in dotted:gmatch("[^.]+") do keys[#keys + 1] = key end
  for i, key in ipairs(keys) do
    local slot, inner, streaming
    if shape.type == "list" then
      local index = math.tointeger(tonumber(key))
      if not index or index < 0 then
        return usage(path, ("expected a position (0, 1, …), got %q"):format(key))
      end
      if index > #at then
        return usage(path, ("position %d is given before %d"):format(index, #at),
          "positions count from 0, without gaps")
      end
      slot, inner = index + 1, shape.member.shape
    elseif shape.type == "map" then
      slot, inner = key, shape.value.shape
    elseif shape.type == "structure" then
      inner, slot, streaming = member_of(shape, key, path)
      if not inner then return nil, slot end
    else
      return usage(path, ("it is %s %s and has nothing inside"):format(
        shape.type:match("^[aeiou]") and "an" or "a", shape.type))
    end
    path = path == "" and key or path .. "." .. key
    shape = lookup(inner)
    if i == #keys then
      return { at = at, slot = slot, shape = shape, path = path, streams = streaming or shape.streaming }
    end
    if type(at[slot]) ~= "table" then at[slot] = {} end
    at = at[slot]
  end
  return usage(dotted, "this is no name of a member")
end

local function file_text(path, name, read)
  local text, why = read(name)
  if not text then
    why = why or "unknown reason"
    return usage(path, why:find(name, 1, true) and why or ("can't read %s: %s"):format(name, why))
  end
  return text
end

-- "@file" stands for the file's content, "@@x" for the text "@x".
local function opened(path, text, read)
  if text:sub(1, 2) == "@@" then return text:sub(2) end
  if text:sub(1, 1) == "@" then return file_text(path, text:sub(2), read) end
  return text
end

-- A word that is all of the input, or a part of it: a JSON object or a file with one.
local function whole(input, word, read)
  local text, e = opened("input", word, read)
  if not text then return nil, e end
  if not text:match("^%s*{") then
    return usage(word, "expected KEY=VALUE, a JSON object or @file")
  end
  local tree
  tree, e = parse_json("input", text)
  if not tree then return nil, e end
  return deep.merge(input, tree)
end

-- Puts the value of one KEY=VALUE where it belongs.
local function put(input, key, text, shape, lookup, read, stream)
  local spot, e = place(input, shape, lookup, key)
  if not spot then return e end
  local v
  local name = stream and spot.streams and text:match("^@([^@].*)")
  if name and name ~= "-" then
    v, e = stream(name)
  else
    text, e = opened(key, text, read)
    if text then v, e = value_of(spot.path, text, spot.shape, lookup) end
  end
  if not e then spot.at[spot.slot] = v end
  return e
end

-- All that is wrong with some words as one error.
local function together(faults)
  local lines = {}
  for i, e in ipairs(faults) do lines[i] = e.message .. (e.hint and (" (%s)"):format(e.hint) or "") end
  return err.new { code = "bad_value", class = "usage", message = table.concat(lines, "\n"), faults = faults }
end

--- The input of an operation.
---@param words string[]
---@param shape table    botocore shape of the input (nil: it takes none)
---@param lookup fun(name: string): table
---@param read fun(file: string): string?, string?   "-" is standard input
---@param stream (fun(file: string): any, cso.Err?)?  a file as the value of a member that is sent as a stream
---@return table? input, cso.Err?  class usage, with the path of the member; all faults at once
function typed.input(words, shape, lookup, read, stream)
  local input, faults = {}, {}
  shape = shape or { type = "structure", members = {} }
  for _, word in ipairs(words) do
    local key, text = word:match("^([%w_%-%.:/]+)=(.*)$")
    if key then
      faults[#faults + 1] = put(input, key, text, shape, lookup, read, stream)
    else
      local tree, e = whole(input, word, read)
      input, faults[#faults + 1] = tree or input, e
    end
  end
  if faults[2] then return nil, together(faults) end
  if faults[1] then return nil, faults[1] end
  return input
end

return typed
