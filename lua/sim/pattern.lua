--- The regular expressions of the models (Java's dialect) as matchers. Only what the models
--- really use is understood: classes, groups, alternation, greedy and lazy counts, anchors,
--- \p{} classes of ASCII meaning. An expression that needs more (look-around, back references)
--- yields nil and is not checked. Matching is a backtracking walk over closures with a step
--- limit, so that no pattern can hold the simulator up.
local bounded = require "cso.std.bounded"

local pattern = {}

local LIMIT = 20000

local posix = {
  L = "%a", Lu = "%u", Ll = "%l", N = "%d", Nd = "%d", Alnum = "%w", Alpha = "%a", Digit = "%d",
  P = "%p", S = "[$+<=>^`|~]", Z = "%s", Zs = " ", ASCII = "[%z\1-\127]", Graph = "%g", Print = "[%g ]",
  Punct = "%p", Space = "%s", Upper = "%u", Lower = "%l", C = "%c", Cc = "%c", M = "[\128-\255]",
  IsL = "%a", IsAlphabetic = "%a", IsDigit = "%d", Blank = "[ \t]", XDigit = "%x",
}
-- Every non-ASCII byte counts as a letter, a number, a sign or a mark: the models mean "any script".
local wide = { L = true, N = true, P = true, S = true, M = true, Lu = true, Ll = true, Alpha = true }
local shorthand = { d = "%d", w = "[%w_]", s = "%s", D = "%D", W = "[^%w_]", S = "%S", h = "[ \t]" }
local control = { t = "\t", n = "\n", r = "\r", f = "\f", v = "\v", e = "\27", ["0"] = "\0" }

local Parser = {}
Parser.__index = Parser

local function unsupported() error("unsupported", 0) end

local function set_of(test)
  local set = {}
  for b = 0, 255 do set[b] = test(string.char(b)) and true or false end
  return set
end

local function class_of(lua_class) return set_of(function(c) return c:find("^" .. lua_class) ~= nil end) end

local function add(set, other)
  for b = 0, 255 do set[b] = set[b] or other[b] end
end

local function invert(set)
  local out = {}
  for b = 0, 255 do out[b] = not set[b] end
  return out
end

-- After a backslash: a set of bytes (class) or one literal byte.
function Parser:escape()
  local c = self.s:sub(self.i, self.i)
  self.i = self.i + 1
  if shorthand[c] then return class_of(shorthand[c]) end
  if c == "p" or c == "P" then
    local name = self.s:match("^{(%w+)}", self.i)
    if name then self.i = self.i + #name + 2 else
      name = self.s:sub(self.i, self.i)
      self.i = self.i + 1
    end
    if not posix[name] then unsupported() end
    local set = class_of(posix[name])
    if wide[name] then for b = 128, 255 do set[b] = true end end
    return c == "P" and invert(set) or set
  end
  if c == "u" or c == "x" then
    local hex = self.s:match(c == "u" and "^%x%x%x%x" or "^%x%x", self.i)
      or self.s:match("^{(%x+)}", self.i)
    if not hex then unsupported() end
    self.i = self.i + #hex + (self.s:sub(self.i, self.i) == "{" and 2 or 0)
    return tonumber(hex, 16)
  end
  if control[c] then return control[c]:byte() end
  if c:find("[%a%d]") then unsupported() end
  return c:byte()
end

function Parser:class()
  local set, negated = set_of(function() return false end), false
  if self.s:sub(self.i, self.i) == "^" then
    negated, self.i = true, self.i + 1
  end
  local first = true
  while true do
    local c = self.s:sub(self.i, self.i)
    if c == "" then unsupported() end
    if c == "]" and not first then break end
    first = false
    self.i = self.i + 1
    local low
    if c == "[" or (c == "&" and self.s:sub(self.i, self.i) == "&") then unsupported() end
    if c == "\\" then low = self:escape() else low = c:byte() end
    if type(low) == "table" then
      add(set, low)
    else
      local high = low
      local nxt = self.s:match("^%-([^%]])", self.i)
      if nxt then
        self.i = self.i + 2
        high = nxt == "\\" and self:escape() or nxt:byte()
        if type(high) == "table" then unsupported() end
      end
      for b = math.min(low, 255), math.min(high, 255) do set[b] = true end
      if high > 127 then for b = 128, 255 do set[b] = true end end
    end
  end
  self.i = self.i + 1
  return negated and invert(set) or set
end

function Parser:atom()
  local c = self.s:sub(self.i, self.i)
  self.i = self.i + 1
  if c == "(" then
    if self.s:sub(self.i, self.i + 1) == "?:" then self.i = self.i + 2
    elseif self.s:sub(self.i, self.i) == "?" then unsupported() end
    local node = self:alternatives()
    if self.s:sub(self.i, self.i) ~= ")" then unsupported() end
    self.i = self.i + 1
    return node
  elseif c == "[" then return { set = self:class() }
  elseif c == "." then return { set = set_of(function(x) return x ~= "\n" end) }
  elseif c == "^" then return { anchor = "start" }
  elseif c == "$" then return { anchor = "finish" }
  elseif c == "\\" then
    local e = self.s:sub(self.i, self.i)
    if e == "A" then self.i = self.i + 1 return { anchor = "start" } end
    if e == "z" or e == "Z" then self.i = self.i + 1 return { anchor = "finish" } end
    if e == "b" or e == "B" or e:find("[1-9]") then unsupported() end
    local got = self:escape()
    if type(got) == "number" then
      if got > 127 then unsupported() end
      got = set_of(function(x) return x:byte() == got end)
    end
    return { set = got }
  end
  return { set = set_of(function(x) return x == c end) }
end

function Parser:sequence()
  local list = {}
  while self.i <= #self.s do
    local c = self.s:sub(self.i, self.i)
    if c == "|" or c == ")" then break end
    local node = self:atom()
    local q, low, high = self.s:sub(self.i, self.i), nil, nil
    if q == "*" then low, high = 0, math.huge
    elseif q == "+" then low, high = 1, math.huge
    elseif q == "?" then low, high = 0, 1
    elseif q == "{" then
      local a, comma, b, stop = self.s:match("^{(%d+)(,?)(%d*)}()", self.i)
      if a then
        low = tonumber(a)
        high = comma == "" and low or tonumber(b) or math.huge
        self.i = stop - 1
      end
    end
    if low then
      self.i = self.i + 1
      local lazy = self.s:sub(self.i, self.i)
      if lazy == "?" or lazy == "+" then self.i = self.i + 1 end
      node = { node = node, low = low, high = high }
    end
    list[#list + 1] = node
  end
  return { list = list }
end

function Parser:alternatives()
  local list = { self:sequence() }
  while self.s:sub(self.i, self.i) == "|" do
    self.i = self.i + 1
    list[#list + 1] = self:sequence()
  end
  return #list == 1 and list[1] or { any = list }
end

-- Each node becomes fun(state, position, continue) -> boolean.
local compile
local function repeated(node, low, high)
  local set = node.set
  if set then
    return function(st, i, k)
      local s, n, at = st.s, 0, i
      while n < high do
        local b = s:byte(at)
        if not b or not set[b] then break end
        n, at = n + 1, at + 1
      end
      while n >= low do
        st.steps = st.steps + 1
        if st.steps > LIMIT then return true end
        if k(st, at) then return true end
        n, at = n - 1, at - 1
      end
      return false
    end
  end
  local m = compile(node)
  local function walk(st, i, n, k)
    st.steps = st.steps + 1
    if st.steps > LIMIT then return true end
    if n < high and m(st, i, function(s2, j)
      if j == i then return false end
      return walk(s2, j, n + 1, k)
    end) then return true end
    return n >= low and k(st, i)
  end
  return function(st, i, k) return walk(st, i, 0, k) end
end

function compile(node)
  if node.set then
    local set = node.set
    return function(st, i, k)
      local b = st.s:byte(i)
      return b ~= nil and set[b] and k(st, i + 1)
    end
  elseif node.anchor == "start" then
    return function(st, i, k) return i == 1 and k(st, i) end
  elseif node.anchor == "finish" then
    return function(st, i, k) return i == #st.s + 1 and k(st, i) end
  elseif node.low then
    return repeated(node.node, node.low, node.high)
  elseif node.any then
    local list = {}
    for n, item in ipairs(node.any) do list[n] = compile(item) end
    return function(st, i, k)
      for n = 1, #list do if list[n](st, i, k) then return true end end
      return false
    end
  end
  local list = {}
  for n, item in ipairs(node.list) do list[n] = compile(item) end
  local function from(n)
    if n > #list then return function(st, i, k) return k(st, i) end end
    local head, tail = list[n], from(n + 1)
    return function(st, i, k)
      return head(st, i, function(s2, j) return tail(s2, j, k) end)
    end
  end
  return from(1)
end

local cache = bounded.new(1000)

local function finished(st, i) return i == #st.s + 1 end

--- A matcher for the whole string, or nil when the expression is beyond this engine.
--- A match that exceeds the step limit counts as matching: the model must not refuse by accident.
---@param regex string
---@return (fun(s:string):boolean)?
function pattern.compile(regex)
  local known = cache:get(regex)
  if known ~= nil then return known or nil end
  local ok, node = pcall(function()
    local p = setmetatable({ s = regex, i = 1 }, Parser)
    local tree = p:alternatives()
    if p.i <= #regex then unsupported() end
    return tree
  end)
  if not ok then
    cache:put(regex, false)
    return nil
  end
  local m = compile(node)
  -- "^arn:" without "$" means a prefix; everything else means the whole string.
  local done = (regex:find("^%^") and not regex:find("%$$")) and function() return true end or finished
  local function match(s) return m({ s = s, steps = 0 }, 1, done) end
  cache:put(regex, match)
  return match
end

return pattern
