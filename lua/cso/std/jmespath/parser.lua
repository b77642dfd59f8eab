--- Parses JMESPath tokens into a tree, by operator precedence.
local lexer = require "cso.std.jmespath.lexer"

local power = {
  eof = 0, name = 0, quoted = 0, literal = 0, rbracket = 0, rparen = 0, comma = 0, rbrace = 0,
  number = 0, current = 0, expref = 0, colon = 0,
  pipe = 1, ["or"] = 2, ["and"] = 3, eq = 5, ne = 5, lt = 5, lte = 5, gt = 5, gte = 5,
  flatten = 9, star = 20, filter = 21, dot = 40, ["not"] = 45, lbrace = 50, lbracket = 55,
  lparen = 60,
}
-- A projection ends where something binds more loosely than this.
local projection_stop = 10

--- @param text string
--- @return table tree
return function(text)
  local tokens = lexer(text)
  local at = 1
  local expression, projection

  local function peek(n) return tokens[at + (n or 0)] end

  local function fail(token)
    token = token or peek()
    local what = token.kind == "eof" and "the expression ends too early"
      or ("unexpected %q"):format(tostring(token.value))
    error({ kind = "syntax", message = ("%s at column %d"):format(what, token.at) }, 0)
  end

  local function take(kind)
    local token = peek()
    if kind and token.kind ~= kind then fail(token) end
    at = at + 1
    return token
  end

  local function slice()
    local parts, i = {}, 1
    while peek().kind ~= "rbracket" do
      if peek().kind == "colon" then
        i = i + 1
        if i > 3 then fail() end
        take()
      elseif peek().kind == "number" then
        parts[i] = take().value
        if peek().kind == "number" then fail() end
      else
        fail()
      end
    end
    take "rbracket"
    return { kind = "slice", from = parts[1], to = parts[2], step = parts[3] }
  end

  local function index_or_slice(left)
    if peek().kind == "colon" or peek(1).kind == "colon" then
      return { kind = "projection", left = { kind = "sub", left, slice() },
        right = projection(power.star) }
    end
    local n = take("number").value
    take "rbracket"
    return { kind = "sub", left, { kind = "index", n = n } }
  end

  local function multi_list()
    local items = {}
    repeat
      items[#items + 1] = expression(0)
      local more = peek().kind == "comma"
      if more then take() end
    until not more
    take "rbracket"
    return { kind = "multi_list", items = items }
  end

  local function multi_hash()
    local pairs_ = {}
    repeat
      local key = take()
      if key.kind ~= "name" and key.kind ~= "quoted" then fail(key) end
      take "colon"
      pairs_[#pairs_ + 1] = { key = key.value, value = expression(0) }
      local more = peek().kind == "comma"
      if more then take() end
    until not more
    take "rbrace"
    return { kind = "multi_hash", pairs = pairs_ }
  end

  local function after_dot(binding)
    local kind = peek().kind
    if kind == "name" or kind == "quoted" or kind == "star" then return expression(binding) end
    if kind == "lbracket" then
      take()
      return multi_list()
    end
    if kind == "lbrace" then
      take()
      return multi_hash()
    end
    fail()
  end

  function projection(binding)
    local kind = peek().kind
    if power[kind] < projection_stop then return { kind = "current" } end
    if kind == "lbracket" or kind == "filter" then return expression(binding) end
    if kind == "dot" then
      take()
      return after_dot(binding)
    end
    fail()
  end

  local function filter(left)
    local condition = expression(0)
    take "rbracket"
    local right
    if peek().kind == "flatten" then right = { kind = "current" } else right = projection(power.filter) end
    return { kind = "filter", left = left, right = right, condition = condition }
  end

  local current = { kind = "current" }
  local prefix = {
    literal = function(token) return { kind = "literal", value = token.value } end,
    name = function(token) return { kind = "field", name = token.value } end,
    quoted = function(token)
      if peek().kind == "lparen" then fail() end
      return { kind = "field", name = token.value }
    end,
    current = function() return current end,
    star = function()
      local right = current
      if peek().kind ~= "rbracket" then right = projection(power.star) end
      return { kind = "values", left = current, right = right }
    end,
    filter = function() return filter(current) end,
    lbrace = function() return multi_hash() end,
    lparen = function()
      local inner = expression(0)
      take "rparen"
      return inner
    end,
    flatten = function()
      return { kind = "projection", left = { kind = "flatten", current },
        right = projection(power.flatten) }
    end,
    ["not"] = function() return { kind = "not", expression(power["not"]) } end,
    expref = function() return { kind = "expref", expression(power.expref) } end,
    lbracket = function()
      local kind = peek().kind
      if kind == "number" or kind == "colon" then return index_or_slice(current) end
      if kind == "star" and peek(1).kind == "rbracket" then
        take()
        take()
        return { kind = "projection", left = current, right = projection(power.star) }
      end
      return multi_list()
    end,
  }

  local infix = {
    dot = function(left)
      if peek().kind == "star" then
        take()
        return { kind = "values", left = left, right = projection(power.dot) }
      end
      return { kind = "sub", left, after_dot(power.dot) }
    end,
    lbracket = function(left)
      local kind = peek().kind
      if kind == "number" or kind == "colon" then return index_or_slice(left) end
      take "star"
      take "rbracket"
      return { kind = "projection", left = left, right = projection(power.star) }
    end,
    flatten = function(left)
      return { kind = "projection", left = { kind = "flatten", left },
        right = projection(power.flatten) }
    end,
    filter = filter,
    lparen = function(left, token)
      if left.kind ~= "field" or tokens[at - 2].kind ~= "name" then fail(token) end
      local args = {}
      while peek().kind ~= "rparen" do
        args[#args + 1] = expression(0)
        if peek().kind == "comma" then
          take()
          if peek().kind == "rparen" then fail() end
        elseif peek().kind ~= "rparen" then
          fail()
        end
      end
      take "rparen"
      return { kind = "call", name = left.name, args = args }
    end,
  }
  infix.pipe = function(left) return { kind = "pipe", left, expression(power.pipe) } end
  for _, kind in ipairs { "or", "and" } do
    infix[kind] = function(left) return { kind = kind, left, expression(power[kind]) } end
  end
  for _, kind in ipairs { "eq", "ne", "lt", "lte", "gt", "gte" } do
    infix[kind] = function(left)
      return { kind = "compare", op = kind, left, expression(power[kind]) }
    end
  end

  local depth = 0
  function expression(binding)
    depth = depth + 1
    if depth > 150 then
      error({ kind = "syntax", message = "the expression is nested too deeply" }, 0)
    end
    local token = take()
    local start = prefix[token.kind]
    if not start then fail(token) end
    local left = start(token)
    while binding < power[peek().kind] do
      token = take()
      local go_on = infix[token.kind]
      if not go_on then fail(token) end
      left = go_on(left, token)
    end
    depth = depth - 1
    return left
  end

  local tree = expression(0)
  if peek().kind ~= "eof" then fail() end
  return tree
end
