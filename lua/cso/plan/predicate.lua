--- Words of the command line that choose addresses: an address, a glob ("networking/*"), or a condition in Lua
--- behind "=" ("=type == 'AWS::EC2::Subnet' and tags.Tier == 'db'").
local err = require "cso.std.err"
local suggest = require "cso.std.suggest"
local value = require "cso.std.value"

local predicate = {}

--- What a condition may ask of a thing. A field that a thing lacks is nil.
local fields = {
  address = function(node) return node.address end,
  type = function(node) return node.type end,
  service = function(node) return node.type:match("^AWS::(%w+)::") or node.type:match("^cso%.(%w+)") end,
  name = function(node) return node.address:match("^[^.]*/?[^.]*%.[^.]*%.(.+)$") or node.address:match("%.(.+)$") end,
  module = function(node) return node.address:match("^(.*)/[^/]*$") or "" end,
  id = function(node) return node.record and node.record.id end,
  exists = function(node) return node.record ~= nil end,
  protected = function(node) return node.options.protect or node.record and node.record.protect or false end,
  declared = function(node) return node.decl ~= nil end,
  tags = function(node)
    local K = node.kind
    local properties = node.decl and node.decl.properties or node.record and node.record.declared or {}
    local tags = K and K.tag_property and properties[K.tag_property]
    return type(tags) == "table" and not value.is_ref(tags) and tags or {}
  end,
  properties = function(node)
    return node.decl and node.decl.properties or node.record and node.record.declared or {}
  end,
}

local tools = { tostring = tostring, tonumber = tonumber, math = math, string = string, next = next, pairs = pairs,
  ipairs = ipairs }

local function names_of()
  local names = {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function fault(option, word, message, hint)
  return nil, err.new { code = "condition", class = "usage", message = ("--%s %s: %s"):format(option, word, message),
    hint = hint or "a condition may use " .. table.concat(names_of(), ", ") }
end

---@param word string
---@return boolean
function predicate.is_one(word) return word:sub(1, 1) == "=" end

--- A condition is one expression: what ends the expression would be more than that.
local function compiled(word, option)
  local node
  local function unknown(name)
    local near = suggest(tostring(name), names_of())
    error(err.new { code = "condition", class = "usage",
      message = ("--%s %s: there is no %s"):format(option, word, tostring(name)),
      hint = near and ("did you mean %s?"):format(near) or "a condition may use " .. table.concat(names_of(), ", ") }, 0)
  end
  local env = setmetatable({}, {
    __index = function(_, name)
      if fields[name] then return fields[name](node) end
      if tools[name] == nil then unknown(name) end
      return tools[name]
    end,
    __newindex = function(_, name) unknown(name) end,
  })
  local chunk, e = load("return (" .. word:sub(2) .. "\n)", "=condition", "t", env)
  if not chunk then return fault(option, word, (e:gsub("^condition:%d+: ", ""))) end
  return function(of)
    node = of
    local ok, v = pcall(chunk)
    if ok then return v and true or false end
    if err.is(v) then return nil, v end
    return fault(option, word, (tostring(v):gsub("^condition:%d+: ", "")), ("it was asked of %s"):format(of.address))
  end
end

--- A glob as a Lua pattern.
---@param glob string
---@return string
function predicate.pattern(glob)
  return "^" .. glob:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
end

--- What a word chooses.
---@param word string
---@param option string   whose word it is, for messages
---@return (fun(node: table): boolean?, cso.Err?)? matches, cso.Err? err
function predicate.of(word, option)
  if predicate.is_one(word) then return compiled(word, option) end
  local pattern = predicate.pattern(word)
  return function(node) return node.address:match(pattern) ~= nil end
end

return predicate
