--- What TAB offers in the REPL: services, operations, members of an operation's input, resource
--- types, fields of tables, words of Lua. Pure: what exists comes in as functions.
local complete = {}

---@class cso.cmd.World
---@field env table                                       globals of the REPL
---@field services fun(): string[]
---@field operations fun(service: string): string[]
---@field input fun(service: string, operation: string): table?, function?
---  root shape of an operation's input, and shape(name)
---@field types fun(): string[]                           CloudFormation types
---@field service_of fun(v: any): string?                 the service that a client value speaks to
---@field commands string[]                               words behind ":"

local keywords = { "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto",
  "if", "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while" }

-- Which brackets are open at the end of a text, each with the text that stood before it; nil for
-- the second result unless the text ends inside a string, whose beginning it then is.
local function open_brackets(text)
  local stack, at, segment = {}, 1, 1
  while at <= #text do
    local c = text:sub(at, at)
    if c == '"' or c == "'" then
      local stop = at + 1
      while stop <= #text do
        local d = text:sub(stop, stop)
        if d == "\\" then stop = stop + 1 elseif d == c then break end
        stop = stop + 1
      end
      if stop > #text then return stack, text:sub(segment, at - 1), text:sub(at + 1) end
      at = stop
    elseif c == "-" and text:sub(at, at + 1) == "--" then
      at = (text:find("\n", at, true) or #text)
    elseif c == "{" or c == "(" or c == "[" then
      stack[#stack + 1] = { c, text:sub(segment, at - 1) }
      segment = at + 1
    elseif c == "}" or c == ")" or c == "]" then
      local top = table.remove(stack)
      -- What stood before a closed pair stays part of what stands before the next one.
      segment = top and (segment - 1 - #top[2]) or at + 1
      if top then
        local head = text:sub(1, at)
        local open = #head
        local depth = 0
        for i = #head, 1, -1 do
          local d = head:sub(i, i)
          if d == "}" or d == ")" or d == "]" then depth = depth + 1
          elseif d == "{" or d == "(" or d == "[" then
            depth = depth - 1
            if depth == 0 then
              open = i
              break
            end
          end
        end
        segment = open - #top[2]
      end
    elseif c == "," or c == ";" or c == "\n" then
      segment = at + 1
    end
    at = at + 1
  end
  return stack, text:sub(segment), nil
end

complete.open_brackets = open_brackets

-- The client that stands before ":Operation": cso.api.ec2 {…}, or a variable that holds one.
local function service_before(text, world)
  local service = text:match("cso%.api%.([%w_]+)%s*%b{}%s*$") or text:match("cso%.api%.([%w_]+)%s*$")
    or text:match('cso%.api%[%s*"([%w%-]+)"%s*%]%s*%b{}%s*$')
  if service then return service end
  local name = text:match("([%a_][%w_]*)%s*$")
  local v = name and rawget(world.env, name)
  return v ~= nil and world.service_of(v) or nil
end

local function matching(list, prefix, tail)
  local out, lower = {}, prefix:lower()
  for _, name in ipairs(list) do
    if name:sub(1, #prefix):lower() == lower then out[#out + 1] = { name, tail or "" } end
  end
  table.sort(out, function(a, b) return a[1] < b[1] end)
  return out
end

local function operation_of(context, world)
  local head, operation = context:match("^(.*):([%u]%w*)%s*$")
  if not head then return nil end
  return service_before(head, world), operation
end

-- The shape under the cursor: from the operation's input down the keys of the open brackets.
local function shape_at(stack, world)
  for i = #stack, 1, -1 do
    local entry = stack[i]
    local service, operation = operation_of(entry[2], world)
    if service then
      local shape, lookup = world.input(service, operation)
      -- "Op(" "{": the parenthesis carries the call, the brace behind it is the input itself.
      local first = entry[1] == "(" and i + 2 or i + 1
      for j = first, #stack do
        if not shape then return nil end
        local key = stack[j][2]:match("([%w_]+)%s*=%s*$")
        if key then
          local member = shape.members and shape.members[key]
          shape = member and lookup(member.shape)
        else
          shape = shape.type == "list" and lookup(shape.member.shape) or nil
        end
      end
      return shape, lookup
    end
  end
end

local function member_candidates(text, world)
  local stack, last, open_string = open_brackets(text)
  if #stack == 0 then return nil end
  local shape, lookup = shape_at(stack, world)
  if not shape then return nil end
  if open_string then
    local key = last:match("([%w_]+)%s*=%s*$")
    local target = shape
    if key then
      local member = shape.members and shape.members[key]
      target = member and lookup(member.shape)
    end
    if target and target.type == "list" then target = lookup(target.member.shape) end
    if not target or not target.enum then return {}, #text end
    return matching(target.enum, open_string, '"'), #text - #open_string
  end
  local prefix = last:match("^%s*([%w_]*)$")
  if not prefix or not shape.members then return nil end
  local names = {}
  for name in pairs(shape.members) do names[#names + 1] = name end
  return matching(names, prefix, " = "), #text - #prefix
end

local function type_candidates(path, prefix, world)
  local service = path:match("^cso%.aws%.([%w]+)$")
  local seen, names = {}, {}
  for _, name in ipairs(world.types()) do
    local s, t = name:match("^AWS::(%w+)::(%w+)$")
    local word = service and s == service and t or not service and s or nil
    if word and not seen[word] then
      seen[word] = true
      names[#names + 1] = word
    end
  end
  return matching(names, prefix, service and ' "' or ".")
end

-- Fields that are there without calling anything.
local function fields_of(v)
  local names, seen = {}, {}
  for _ = 1, 4 do
    if type(v) ~= "table" then break end
    for key in next, v do
      if type(key) == "string" and key:match("^[%a][%w_]*$") and not seen[key] then
        seen[key] = true
        names[#names + 1] = key
      end
    end
    local mt = getmetatable(v)
    v = type(mt) == "table" and rawget(mt, "__index")
  end
  return names
end

local function walk(env, path)
  local v = env
  for key in path:gmatch("[^.]+") do
    if type(v) ~= "table" then return nil end
    local found = rawget(v, key)
    local mt = getmetatable(v)
    if found == nil and type(mt) == "table" and type(rawget(mt, "__index")) == "table" then
      found = mt.__index[key]
    end
    v = found
  end
  return v
end

local function path_candidates(text, world)
  local path, sep, prefix = text:match("([%a_][%w_%.]*)([%.:])([%w_]*)$")
  if path then
    local start = #text - #prefix
    if sep == "." and path == "cso.api" then return matching(world.services(), prefix, " {}"), start end
    if sep == "." and (path == "cso.aws" or path:match("^cso%.aws%.%w+$")) then
      return type_candidates(path, prefix, world), start
    end
    return matching(fields_of(walk(world.env, path)), prefix), start
  end
  prefix = text:match("[%a_][%w_]*$") or ""
  local names = table.move(keywords, 1, #keywords, 1, {})
  for _, name in ipairs(fields_of(world.env)) do names[#names + 1] = name end
  return matching(names, prefix), #text - #prefix
end

local function command_candidates(text, world)
  local word = text:match("^:(%a*)$")
  if word then return matching(world.commands, word, " "), 1 end
  local about = text:match("^:%a+%s+(%S*)$")
  if not about then return {}, #text end
  local start = #text - #about
  local service, operation = about:match("^([%w%-]+)%.(%w*)$")
  if service then return matching(world.operations(service), operation), #text - #operation end
  local out = matching(world.services(), about, ".")
  if about:match("^A") then out = matching(world.types(), about) end
  return out, start
end

--- What may stand at the end of a text.
---@param text string   up to the cursor
---@param world cso.cmd.World
---@return { [1]: string, [2]: string }[] candidates  word and what follows it, sorted
---@return integer start   bytes before the word that they replace
function complete.candidates(text, world)
  if text:sub(1, 1) == ":" then return command_candidates(text, world) end
  local head, prefix = text:match("^(.*):([%u]?%w*)$")
  if head then
    local service = service_before(head, world)
    if service then
      local words = world.operations(service)
      local extra = { "each", "pages", "wait" }
      return matching(table.move(extra, 1, #extra, #words + 1, table.move(words, 1, #words, 1, {})),
        prefix, " { "), #text - #prefix
    end
  end
  local list, start = member_candidates(text, world)
  if list then return list, start end
  return path_candidates(text, world)
end

--- The longest text that all candidates begin with.
---@param list { [1]: string, [2]: string }[]
---@return string
function complete.common(list)
  local first = list[1] and list[1][1] or ""
  local n = #first
  for i = 2, #list do
    local word = list[i][1]
    while n > 0 and word:sub(1, n):lower() ~= first:sub(1, n):lower() do n = n - 1 end
  end
  return first:sub(1, n)
end

return complete
