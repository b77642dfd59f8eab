--- Regular expressions of the kind that API models and schemas use, which Lua's patterns can't
--- say: alternation, groups, counted repeats, classes, \d \w \s \p{..} and lookahead-free anchors.
--- Compiled once to closures; matching backtracks. Bytes above 127 count as one character per
--- UTF-8 sequence.
local bounded = require("cso.std.bounded")
local err = require("cso.std.err")

local regex = {}

local function set(text)
  local t = {}
  for i = 1, #text do t[text:byte(i)] = true end
  return t
end

local function range(t, from, to)
  for b = from, to do t[b] = true end
  return t
end

local digits = range({}, 48, 57)
local word = range(range(range(set("_"), 48, 57), 65, 90), 97, 122)
local space = set(" \t\n\r\f\v")
local letters = range(range({}, 65, 90), 97, 122)
local properties = {
  L = letters, N = digits, Z = set(" "), Lu = range({}, 65, 90), Ll = range({}, 97, 122), M = {},
  S = set("$+<=>^`|~"), P = set("!\"#%&'()*,-./:;?@[\\]_{}"), C = range({ [127] = true }, 0, 31),
  Alpha = letters, Digit = digits, Alnum = range(range({}, 48, 57), 97, 122), ASCII = range({}, 0, 127),
  Graph = range({}, 33, 126), Print = range({}, 32, 126), Space = space,
}
-- Beyond ASCII there are no tables: letters, marks and symbols of any script are let through.
local beyond = { L = true, N = true, M = true, S = true, P = true, Z = true, Lu = true, Ll = true }

local controls = { n = 10, r = 13, t = 9, f = 12, v = 11, a = 7, ["0"] = 0 }

local function negated(t)
  local out = { [256] = not t[256] }
  for b = 0, 127 do out[b] = not t[b] end
  return out
end

local shorthand = {
  d = digits, w = word, s = space,
  D = negated(digits), W = negated(word), S = negated(space),
}

local Parser = {}
Parser.__index = Parser

function Parser:fail(message)
  error({ regex = ("%s at character %d"):format(message, self.at) }, 0)
end

function Parser:take(literal)
  if self.text:sub(self.at, self.at + #literal - 1) ~= literal then return false end
  self.at = self.at + #literal
  return true
end

--- What follows a backslash: a set, or a single byte.
function Parser:escape()
  local c = self.text:sub(self.at, self.at)
  self.at = self.at + 1
  if c == "p" or c == "P" then
    local name = self.text:match("^{^?(%w+)}", self.at) or self.text:match("^(%u)", self.at)
    if not name then self:fail("bad \\p") end
    self.at = self.at + #(self.text:match("^%b{}", self.at) or name)
    local t = properties[name] or properties[name:sub(1, 1)] or letters
    t = setmetatable({ [256] = beyond[name] or false }, { __index = t })
    return c == "P" and negated(t) or t
  elseif c == "u" or c == "x" then
    local hex = self.text:match(c == "u" and "^%x%x%x%x" or "^%x%x", self.at)
      or self.text:match("^{(%x+)}", self.at)
    if not hex then self:fail("bad \\" .. c) end
    self.at = self.at + (self.text:sub(self.at, self.at) == "{" and #hex + 2 or #hex)
    return nil, math.min(tonumber(hex, 16), 256)
  elseif shorthand[c] then
    return shorthand[c]
  elseif c == "" then
    self:fail("a lone backslash")
  end
  return nil, controls[c] or c:byte()
end

function Parser:class()
  local t, negate = {}, self:take("^")
  local first = true
  while true do
    local c = self.text:sub(self.at, self.at)
    if c == "" then self:fail("[ without ]") end
    if c == "]" and not first then break end
    first = false
    self.at = self.at + 1
    local from, members = c:byte(), nil
    if c == "\\" then
      members, from = self:escape()
    elseif c == "[" and self.text:match("^:%a+:%]", self.at) then
      local name = self.text:match("^:(%a+):%]", self.at)
      self.at = self.at + #name + 3
      members = properties[name:sub(1, 1):upper() .. name:sub(2)] or letters
    elseif from > 127 then
      self.at = self.at + #self.text:match("^[\128-\191]*", self.at)
      from = 256
    end
    if members then
      for b = 0, 127 do if members[b] then t[b] = true end end
      if members[256] then t[256] = true end
    elseif self.text:match("^%-[^%]]", self.at) then
      self.at = self.at + 1
      local to = self.text:byte(self.at)
      self.at = self.at + 1
      if to == 92 then
        local _
        _, to = self:escape()
        if not to then self:fail("bad range") end
      elseif to > 127 then
        self.at = self.at + #self.text:match("^[\128-\191]*", self.at)
        to = 256
      end
      range(t, from, math.min(to, 256))
    else
      t[from] = true
    end
  end
  self.at = self.at + 1
  return negate and negated(t) or t
end

-- A matcher is fn(text, at, next) -> end position or nil; `next` is the rest of the expression.

-- Backtracking can take longer than the world lasts. What is left of the steps of the match that runs:
local steps_left = 0
local MOST_STEPS = 300000

local function spend()
  steps_left = steps_left - 1
  if steps_left < 0 then error({ regex = "takes too long" }, 0) end
end

local function step(t, text, at)
  spend()
  local b = text:byte(at)
  if not b then return nil end
  if b < 128 then return t[b] and at + 1 or nil end
  if not t[256] then return nil end
  local after = at + 1
  while (text:byte(after) or 0) & 0xc0 == 0x80 do after = after + 1 end
  return after
end

local sets = setmetatable({}, { __mode = "k" }) -- matcher of one character -> its set

local function one(t)
  local function matcher(text, at, next)
    local after = step(t, text, at)
    if after then return next(after) end
  end
  sets[matcher] = t
  return matcher
end

--- Greedy repetition of one character: a loop, since a text may be long and a stack is not.
local function run_of(t, min, max)
  return function(text, at, next)
    local ends, count = { [0] = at }, 0
    while count < max do
      local after = step(t, text, ends[count])
      if not after then break end
      count = count + 1
      ends[count] = after
    end
    for i = count, min, -1 do
      local done = next(ends[i])
      if done then return done end
    end
  end
end

local function repeated(item, min, max)
  if sets[item] then return run_of(sets[item], min, max) end
  return function(text, at, next)
    local function more(count, from)
      spend()
      if count < max then
        local done = item(text, from, function(to)
          if to == from then return nil end
          return more(count + 1, to)
        end)
        if done then return done end
      end
      if count >= min then return next(from) end
    end
    return more(0, at)
  end
end

local function lazy(item, min, max)
  return function(text, at, next)
    local function more(count, from)
      spend()
      if count >= min then
        local done = next(from)
        if done then return done end
      end
      if count < max then
        return item(text, from, function(to) return to ~= from and more(count + 1, to) or nil end)
      end
    end
    return more(0, at)
  end
end

local function sequence(list)
  if #list == 1 then return list[1] end
  return function(text, at, next)
    local function run(i, from)
      spend()
      local item = list[i]
      if not item then return next(from) end
      return item(text, from, function(to) return run(i + 1, to) end)
    end
    return run(1, at)
  end
end

local any_byte = setmetatable({}, { __index = function(_, b) return b ~= 10 end })

function Parser:atom()
  local c = self.text:sub(self.at, self.at)
  self.at = self.at + 1
  if c == "(" then
    local look = self.text:match("^%?([=!])", self.at)
    if self.text:match("^%?<[=!]", self.at) then self:fail("lookbehind is not understood") end
    self.at = self.at + (look and 2 or #(self.text:match("^%?:", self.at)
      or self.text:match("^%?P?<%w+>", self.at) or ""))
    local inner = self:alternatives()
    if not self:take(")") then self:fail("( without )") end
    if not look then return inner end
    return function(text, at, next)
      local found = inner(text, at, function(to) return to end)
      if (found ~= nil) == (look == "=") then return next(at) end
    end
  elseif c == "[" then
    return one(self:class())
  elseif c == "." then
    return one(any_byte)
  elseif c == "^" then
    return function(_, at, next) if at == 1 then return next(at) end end
  elseif c == "$" then
    return function(text, at, next) if at > #text then return next(at) end end
  elseif c == "\\" then
    if self:take("A") then return function(_, at, next) if at == 1 then return next(at) end end end
    if self:take("z") or self:take("Z") then
      return function(text, at, next) if at > #text then return next(at) end end
    end
    if self:take("b") then
      return function(text, at, next)
        if (word[text:byte(at - 1)] or false) ~= (word[text:byte(at)] or false) then return next(at) end
      end
    end
    local members, byte = self:escape()
    return one(members or { [byte] = true })
  elseif c == "*" or c == "+" or c == "?" then
    self:fail("nothing to repeat")
  end
  local bytes = c
  if c:byte() > 127 then
    bytes = c .. self.text:match("^[\128-\191]*", self.at)
    self.at = self.at + #bytes - 1
  end
  return function(text, at, next)
    if text:sub(at, at + #bytes - 1) == bytes then return next(at + #bytes) end
  end
end

function Parser:piece()
  local item = self:atom()
  while true do
    local min, max
    if self:take("*") then
      min, max = 0, math.huge
    elseif self:take("+") then
      min, max = 1, math.huge
    elseif self:take("?") then
      min, max = 0, 1
    else
      local a, comma, b = self.text:match("^{(%d+)(,?)(%d*)}", self.at)
      if not a then return item end
      self.at = self.at + #a + #comma + #b + 2
      min = tonumber(a)
      max = comma == "" and min or tonumber(b) or math.huge
    end
    if self:take("?") then
      item = lazy(item, min, max)
    else
      self:take("+") -- possessive: the same set of texts, save for backtracking
      item = repeated(item, min, max)
    end
  end
end

function Parser:alternatives()
  local branches, list = {}, {}
  while self.at <= #self.text do
    local c = self.text:sub(self.at, self.at)
    if c == ")" then break end
    if c == "|" then
      self.at = self.at + 1
      branches[#branches + 1] = sequence(list)
      list = {}
    else
      list[#list + 1] = self:piece()
    end
  end
  branches[#branches + 1] = sequence(list)
  if #branches == 1 then return branches[1] end
  return function(text, at, next)
    for _, branch in ipairs(branches) do
      local done = branch(text, at, next)
      if done then return done end
    end
  end
end

local cache = bounded.new(1000)

--- Compiles an expression. The result is called with a text and gives the first match's bounds; it
--- raises an error of class usage when that takes too long.
---@param expression string
---@return (fun(text: string): integer?, integer?)?
---@return string? message
function regex.compile(expression)
  local known = cache:get(expression)
  if known then return known end
  local parser = setmetatable({ text = expression, at = 1 }, Parser)
  local ok, matcher = pcall(parser.alternatives, parser)
  if not ok then
    if type(matcher) == "table" then return nil, matcher.regex end
    return nil, matcher
  end
  if parser.at <= #expression then return nil, "unbalanced )" end
  local function search(text)
    for from = 1, #text + 1 do
      local to = matcher(text, from, function(to) return to end)
      if to then return from, to - 1 end
    end
  end
  local function find(text)
    steps_left = MOST_STEPS + 20 * #text
    local found, from, to = pcall(search, text)
    if found then return from, to end
    -- The other thing that can happen to a match is that it needs more stack than there is.
    err.raise { code = "regex", class = "usage",
      message = ("the expression %s takes too long on a text of %d bytes"):format(expression, #text),
      hint = "repeats within repeats, as in (a+)+, try every way to cut the text" }
  end
  cache:put(expression, find)
  return find
end

--- True when the expression matches somewhere in the text (anchor it with ^ and $).
---@param expression string
---@param text string
---@return boolean
function regex.matches(expression, text)
  local find, message = regex.compile(expression)
  if not find then error("bad regular expression " .. expression .. ": " .. message, 2) end
  return find(text) ~= nil
end

return regex
