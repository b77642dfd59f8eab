--- Lua's libraries for playbooks: tables of their own, so that what a playbook puts in the place of a function,
--- or takes away, changes its own words and none of csorun's. A function that it adds to `string` is a method of its
--- texts as well: csorun knows none of that name.
local libraries = {}

local NAMES = { string = true, table = true, math = true, utf8 = true, debug = true }

local added = {} -- methods of texts that playbooks brought, by name

local function copy(library)
  local out = {}
  for name, v in next, library do out[name] = v end
  return out
end

local function texts()
  local methods = getmetatable("").__index
  local function all(own)
    local out = copy(added)
    for name, v in next, own do out[name] = v end
    return next, out
  end
  return setmetatable(copy(string), { __index = added, __pairs = all, __newindex = function(own, name, v)
    if methods[name] ~= nil and added[name] == nil then return rawset(own, name, v) end
    methods[name], added[name] = v, v
  end })
end

--- Whether a name is that of such a library.
---@param name any
---@return boolean
function libraries.named(name) return NAMES[name] == true end

--- Puts a playbook's own copy into its globals where it asks for one of the libraries.
---@param own table    its globals
---@param name any
---@return table?   nil for what is no library
function libraries.take(own, name)
  if not NAMES[name] then return nil end
  local library = name == "string" and texts() or copy(_G[name])
  if name == "debug" then
    -- What a value's metatable is, the library says, too.
    library.getmetatable = function(v) return libraries.metatable(own, v) end
  end
  own[name] = library
  return library
end

--- `getmetatable` for playbooks: that of texts leads to their own library.
---@param own table
---@param v any
---@return any
function libraries.metatable(own, v)
  if type(v) == "string" then return { __index = own.string } end
  return getmetatable(v)
end

return libraries
