--- How deferred values and secrets behave in a playbook: indexing, `..`, methods, and the refusal of
--- everything that would need the value now. A part of cso.std.value, which requires it once and
--- hands over its insides.
local deep = require("cso.std.deep")
local err = require("cso.std.err")
local where = require("cso.std.where")

---@param value table  the module under construction
---@param parts { node: any, deferred: table, secret: table, opened: table, lookup: fun(): function? }
return function(value, parts)

local NODE, deferred, secret, opened = parts.node, parts.deferred, parts.secret, parts.opened
local is_deferred, is_secret = value.is_ref, value.is_secret

local function is_special(v)
  return is_deferred(v) or is_secret(v) or value.is_unknown(v)
end

local function refuse(what, v, hint)
  err.raise {
    code = "unknown_value", class = "usage", where = where.here(3),
    message = ("can't %s %s: it is known only after it is applied"):format(what, value.describe(v)),
    hint = hint or "use :map(function(v) … end), cso.all or a template",
  }
end

local function piece(v)
  local kind = type(v)
  if kind == "string" then return v end
  if kind == "number" then return tostring(v) end
  error("attempt to concatenate a " .. kind .. " value", 0)
end

local function concat(a, b)
  for _, v in ipairs { a, b } do
    local address, path = value.info(v)
    if path == "" then
      err.raise {
        code = "whole_resource", class = "usage", where = where.here(3),
        message = ("can't put the resource %s into a text"):format(address),
        hint = "name the attribute that you mean",
      }
    end
    if not is_special(v) then
      local kind = type(v)
      if kind ~= "string" and kind ~= "number" then
        err.raise {
          code = "concat", class = "usage", where = where.here(3),
          message = "attempt to concatenate a " .. kind .. " value",
        }
      end
    end
  end
  if not is_deferred(a) and not is_deferred(b) then
    return value.secret(piece(value.reveal(a)) .. piece(value.reveal(b)))
  end
  return value.defer({ a, b }, function(list)
    if list[1] == nil or list[2] == nil then
      error("attempt to concatenate a value that turned out to be nil", 0)
    end
    return piece(list[1]) .. piece(list[2])
  end, { where = where.here(2) })
end

local function mapped(self, fn)
  if type(fn) ~= "function" then
    err.raise {
      code = "map", class = "usage", where = where.here(3), message = ":map needs a function",
    }
  end
  local function call(list) return (fn(list[1])) end
  if is_secret(self) then
    local ok, result = pcall(fn, value.reveal(self))
    if ok then return value.secret(result) end
    if err.is(result) then error(result, 0) end
    err.raise { code = "deferred", class = "usage", message = value.HIDDEN_FAILURE,
      where = where.split(tostring(result)) or where.of(fn) }
  end
  return value.defer({ self }, call, { where = where.of(fn) })
end

local methods = {}

--- A value made by `fn` as soon as this one is known.
methods.map = mapped

--- This value in base64, for user data and the like.
function methods.base64(self)
  return mapped(self, function(v) return require("host.hash").base64_encode(v) end)
end

--- This value as JSON text.
function methods.json(self)
  return mapped(self, function(v) return require("host.json").encode(v) end)
end

--- A member whose name is also the name of a method.
function methods.get(self, key)
  local node = rawget(self, NODE)
  if node and node.index then return node.index(self, key) end
  if node and node.address then
    local path = node.path ~= "" and node.path .. "." .. key or tostring(key)
    return value.ref(node.address, path)
  end
  return mapped(self, function(v) return v[key] end)
end

--- The value itself; only where it is known: inside a step, or for what is not deferred at all.
function methods.value(self)
  if is_secret(self) then return value.reveal(self) end
  local lookup = parts.lookup()
  if not lookup then
    refuse("read", self, ":value() works inside a step's run; elsewhere use :map(function(v) … end)")
  end
  local v = value.resolve(self, lookup)
  if value.has_unknown(v) then
    refuse("read", self, "name the resource in the step's `after`")
  end
  return value.reveal(v)
end

-- The first value of a tree that is known later, by the order of its keys.
local function first_deferred(v)
  if is_deferred(v) then return v end
  if type(v) ~= "table" or is_special(v) then return nil end
  for _, item in deep.sorted_pairs(v) do
    local found = first_deferred(item)
    if found then return found end
  end
end

--- Values as a call of the API needs them: secrets opened, and in a step's run what is known by then. Raises where
--- one is not known yet. What comes out must never be printed or stored.
---@param tree any
---@return any
function value.open(tree)
  local later = first_deferred(tree)
  if later and not parts.lookup() then
    refuse("call with", later, "a step's run has it: cso.step \"name\" { run = function() … end }")
  end
  if later then
    tree = value.resolve(tree, parts.lookup())
    if value.has_unknown(tree) then refuse("call with", later, "name the resource in the step's `after`") end
  end
  return (later or value.is_sensitive(tree)) and value.reveal(tree) or tree
end

local ipairs_step = ipairs {}

-- Strings' own methods work on deferred strings: vpc.VpcId:sub(5), name:upper().
local function text_method(key)
  local fn = string[key]
  return fn and function(self, ...)
    local args = table.pack(...)
    return mapped(self, function(s) return (fn(s, table.unpack(args, 1, args.n))) end)
  end
end

function deferred.__index(self, key)
  local node = rawget(self, NODE)
  if node.path == "" then -- a resource: its attributes come first, whatever their names are
    return methods.get(self, key)
  elseif methods[key] then
    return methods[key]
  end
  if math.type(key) == "integer" then
    if debug.getinfo(2, "f").func == ipairs_step then refuse("loop over", self) end
  elseif type(key) == "string" then
    local info = node.info
    local kind = info and info.type and info.type.kind
    if kind ~= "object" and kind ~= "map" and string[key] then return text_method(key) end
  end
  return methods.get(self, key)
end

function deferred.__newindex(self, key)
  refuse("set " .. tostring(key) .. " of", self, "properties are given once, in the declaration")
end

-- Printing shows what stands for the value. A playbook that makes a text of it would deploy that.
local function refuse_text(refusal, self)
  local info = debug.getinfo(3, "f")
  if info and info.func == print then return end
  local level = 3
  repeat
    info = debug.getinfo(level, "S")
    level = level + 1
  until not info or info.what ~= "C"
  if info and where.is_marked(info.source) then refusal(self) end
end

function deferred.__tostring(self)
  refuse_text(function(v) refuse("make a text of", v, "use .. or cso.fmt") end, self)
  return value.describe(self)
end

function deferred.__eq(a, b)
  local x, y = rawget(a, NODE), rawget(b, NODE)
  if x.address and x.address == y.address and x.path == y.path then return true end
  local info = debug.getinfo(2, "S")
  if info and where.is_marked(info.source) then refuse("compare", a) end
  return false
end

deferred.__concat, secret.__concat = concat, concat
deferred.__name, secret.__name = "a value known later", "a secret"

local refused = {
  __lt = "compare", __le = "compare", __len = "take the length of", __pairs = "loop over",
  __call = "call", __add = "calculate with", __sub = "calculate with", __mul = "calculate with",
  __div = "calculate with", __mod = "calculate with", __unm = "calculate with",
  __idiv = "calculate with", __pow = "calculate with",
}
for event, what in next, refused do
  deferred[event] = function(a, b) refuse(what, is_deferred(a) and a or b) end
  secret[event] = function(a, b)
    err.raise {
      code = "secret", class = "usage", where = where.here(2),
      message = ("can't %s a secret"):format(what),
      hint = (is_secret(a) or is_secret(b)) and "use :map(function(v) … end)" or nil,
    }
  end
end

function secret.__index(self, key)
  if methods[key] then return methods[key] end
  if type(key) == "string" and type(opened[self]) == "string" then return text_method(key) end
  return mapped(self, function(v) return v[key] end)
end
function secret.__tostring(self)
  refuse_text(function()
    err.raise { code = "secret", class = "usage", where = where.here(3),
      message = "can't make a text of a secret: the text would say (sensitive)",
      hint = "use .. or cso.fmt: what comes out is a secret, too; print shows it as (sensitive)" }
  end, self)
  return "(sensitive)"
end
function secret.__eq(a, b) return opened[a] == opened[b] end

--- `string.format` over values that may be deferred or secret.
---@param format string
---@param ... any
---@return any
function value.format(format, ...)
  local args = table.pack(...)
  local special, deferred_one = false, false
  for i = 1, args.n do
    special = special or is_special(args[i])
    deferred_one = deferred_one or is_deferred(args[i])
  end
  if not special then return string.format(format, ...) end
  local place = where.here(2)
  for i = 1, args.n do concat("", is_special(args[i]) and args[i] or "") end
  local function fill(list) return string.format(format, table.unpack(list, 1, args.n)) end
  if not deferred_one then return value.secret(fill(value.reveal(args))) end
  return value.defer(args, fill, { where = place })
end

end
