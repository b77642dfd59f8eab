--- The words of `cso` that need no evaluation: types, CIDR, JSON, texts, values known later.
local lazy = require("cso.std.lazy")
local err = require("cso.std.err")
local schema = lazy "cso.std.schema"
local value = require("cso.std.value")
local where = require("cso.std.where")

local pure = {}

local function fail(message, more)
  more = more or {}
  more.code, more.class, more.message = more.code or "usage", "usage", message
  more.where = more.where or where.here(2)
  err.raise(more)
end

--- A function of csorun's library as playbooks say it: failures raise, and what is known later or
--- secret makes the result so.
local function word(fn)
  local function call(...)
    local result, e = fn(...)
    if result == nil and e then
      e = err.wrap(e, "usage")
      e.where = e.where or where.here(2)
      error(e, 0)
    end
    return result
  end
  return function(...)
    local args = table.pack(...)
    if value.has_ref(args) then
      return value.defer(args, function(known) return call(table.unpack(known, 1, args.n)) end,
        { where = where.here(1) })
    elseif value.is_sensitive(args) then
      return value.secret(call(table.unpack(value.reveal(args), 1, args.n)))
    end
    return call(...)
  end
end

--- The types of inputs.
pure.t = setmetatable({}, { __index = function(_, name) return schema.t[name] end })

pure.cidr = setmetatable({}, { -- loaded when a playbook first calculates with addresses
  __index = function(self, key)
    for name, fn in pairs(require("cso.std.cidr")) do self[name] = word(fn) end
    return rawget(self, key)
  end,
})

-- As deep as JSON is written; a table that holds itself is deeper.
local DEEPEST = 500

--- Raises for a whole resource in a tree that becomes text.
local function no_resources(v, what, depth)
  if depth > DEEPEST then fail(("can't put this into %s: it is nested too deep: does a table hold itself?"):format(what)) end
  local address, path = value.info(v)
  if path == "" then
    fail(("can't put the resource %s into %s"):format(address, what),
      { hint = "name the attribute that you mean" })
  end
  if type(v) == "table" and not value.is_ref(v) and not value.is_secret(v) then
    for _, item in next, v do no_resources(item, what, depth + 1) end
  end
end

local encode = word(function(v, opts) return require("cso.std.json").encode(v, opts) end)

pure.json = setmetatable({
  --- JSON text of a tree; with refs inside, a value that is known later.
  encode = function(v, opts)
    no_resources(v, "JSON", 1)
    return encode(v, opts)
  end,
  decode = word(function(text) return require("cso.std.json").decode(text) end),
  --- Marks a table as a list, so that it is [] when it is empty.
  array = function(t) return require("cso.std.json").array(t or {}) end,
}, {
  __index = function(_, key)
    if key == "null" then return require("cso.std.json").null end
  end,
  __call = function(self, v, opts) return self.encode(v, opts) end,
})

pure.yaml = { decode = word(function(text) return (require("cso.std.yaml").decode(text)) end) }

--- string.format for values that may be known later.
pure.fmt = value.format

--- table.concat for values that may be known later.
function pure.join(list, separator)
  if type(list) ~= "table" or value.is_ref(list) then
    fail("cso.join needs a list; for one that is known later use :map(table.concat)")
  end
  local text = ""
  for i, item in ipairs(list) do
    text = i == 1 and item or text .. (separator or "") .. item
  end
  return text
end

--- One value of a list: known when all of it is.
function pure.all(list)
  if type(list) ~= "table" or value.is_ref(list) then fail("cso.all needs a list: cso.all{a, b}") end
  return value.all(list)
end

--- Marks a value so that it is never printed and never stored in clear.
function pure.secret(v)
  if v == nil then fail("cso.secret needs a value, not nil") end
  return value.secret(v)
end

--- base64 of a text.
pure.base64 = word(function(text) return require("cso.std.hash").base64_encode(text) end)

--- True when a value is known only later.
pure.is_ref = value.is_ref

return pure
