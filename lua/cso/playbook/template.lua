--- Templates: `${expr | filter}`, `%{if …}` `%{elseif …}` `%{else}` `%{for …}` `%{local x = …}`
--- `%{end}`; `$${` and `%%{` are literal. A template is compiled to a Lua chunk whose lines are the
--- template's own, so every error has the template's file and line. A statement that stands alone
--- on its line takes the whole line with it.
--- Two things are left as they stand, since files that templates make are full of them: `%{…}` that
--- is no statement (curl's %{http_code}), unless it looks like a mistyped one; and, in a line that
--- begins with `#`, a bare `${name}` that is not defined.
local err = require("cso.std.err")
local filters = require("cso.playbook.filters")
local suggest = require("cso.std.suggest")
local value = require("cso.std.value")
local where = require("cso.std.where")

local template = {}

local function fail(name, line, message, hint)
  err.raise {
    code = "template", class = "usage", where = name .. ":" .. line, message = message, hint = hint,
  }
end

--- Position behind a Lua string that begins at `at`, or nil.
local function skip_string(text, at)
  local quote = text:sub(at, at)
  if quote == "[" then
    local level = text:match("^%[(=*)%[", at)
    if not level then return nil end
    local _, stop = text:find("]" .. level .. "]", at, true)
    return stop and stop + 1
  end
  local i = at + 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == "\\" then
      i = i + 2
    elseif c == quote then
      return i + 1
    elseif c == "\n" then
      return nil
    else
      i = i + 1
    end
  end
end

--- The code from `at` up to its closing brace, cut at top-level bars.
local function code_at(text, at, name, line)
  local depth, from, parts, i = 0, at, {}, at
  while i <= #text do
    local c = text:sub(i, i)
    if c == "'" or c == '"' or (c == "[" and text:find("^%[=*%[", i)) then
      i = skip_string(text, i)
      if not i then fail(name, line, "a string in this expression does not end") end
    else
      if c == "{" or c == "(" or c == "[" then
        depth = depth + 1
      elseif c == "}" and depth == 0 then
        parts[#parts + 1] = text:sub(from, i - 1)
        return parts, i + 1
      elseif c == "}" or c == ")" or c == "]" then
        depth = depth - 1
      elseif c == "|" and depth == 0 then
        parts[#parts + 1] = text:sub(from, i - 1)
        from = i + 1
      end
      i = i + 1
    end
  end
  fail(name, line, "this ${ or %{ has no closing }")
end

local function count_lines(s)
  return select(2, s:gsub("\n", ""))
end

--- Cuts a template into tokens { kind = "text"|"expr"|"stmt", text|parts, line }.
local function tokens_of(text, name)
  local list, at, line = {}, 1, 1
  local function add(token)
    list[#list + 1] = token
  end
  while at <= #text do
    local start = text:find("[%$%%]", at)
    while start do
      local two, three = text:sub(start, start + 1), text:sub(start, start + 2)
      if three == "$${" or three == "%%{" or two == "${" or two == "%{" then break end
      start = text:find("[%$%%]", start + 1)
    end
    if not start then
      add { kind = "text", text = text:sub(at), line = line }
      break
    end
    if start > at then
      local before = text:sub(at, start - 1)
      add { kind = "text", text = before, line = line }
      line = line + count_lines(before)
    end
    if text:sub(start + 1, start + 1) ~= "{" then -- an escape
      add { kind = "text", text = text:sub(start + 1, start + 2), line = line }
      at = start + 3
    else
      local parts, after = code_at(text, start + 2, name, line)
      add {
        kind = text:sub(start, start) == "$" and "expr" or "stmt", parts = parts, line = line,
        whole = text:sub(start + 2, after - 2),
      }
      line = line + count_lines(text:sub(start, after - 1))
      at = after
    end
  end
  return list
end

--- Splits texts at their newlines and drops the blanks of lines that hold only statements.
local function by_lines(tokens)
  local lines, current = {}, {}
  for _, token in ipairs(tokens) do
    if token.kind ~= "text" then
      current[#current + 1] = token
    else
      local line = token.line
      for piece, newline in token.text:gmatch("([^\n]*)(\n?)") do
        if piece ~= "" or newline ~= "" then
          current[#current + 1] = { kind = "text", text = piece .. newline, line = line }
          if newline ~= "" then
            lines[#lines + 1] = current
            current, line = {}, line + 1
          end
        end
      end
    end
  end
  lines[#lines + 1] = current
  local out = {}
  for _, line in ipairs(lines) do
    local statements, other = 0, false
    for _, token in ipairs(line) do
      if token.kind == "stmt" then
        statements = statements + 1
      elseif token.kind == "expr" or token.text:find("%S") then
        other = true
      end
    end
    local comment = line[1] and line[1].kind == "text" and line[1].text:find("^%s*#")
    for _, token in ipairs(line) do
      token.comment = comment
      if token.kind ~= "text" or other or statements == 0 then out[#out + 1] = token end
    end
  end
  return out
end

local function filter_code(part, name, line)
  local filter, args = part:match("^%s*([%a_][%w_]*)%s*(.-)%s*$")
  if not filter or (args ~= "" and not args:match("^%b()$")) then
    fail(name, line, ("%s is no filter"):format((part:gsub("^%s+", ""))),
      "write ${value | json}; put a bitwise or into parentheses")
  end
  if not filters[filter] then
    local names = {}
    for known in pairs(filters) do names[#names + 1] = known end
    table.sort(names)
    local best = suggest(filter, names)
    fail(name, line, ("there is no filter %s"):format(filter),
      best and ("did you mean %s?"):format(best) or "there are " .. table.concat(names, ", "))
  end
  args = args:gsub("^%(", ""):gsub("%)$", "")
  return ("_f(%q, "):format(filter), args:find("%S") and ", " .. args or ""
end

local function statement_code(token)
  local code = token.whole
  local word, rest = code:match("^%s*(%a+)(.*)$")
  if word == "if" or word == "elseif" then
    return ("%s%s then "):format(word, rest), word == "if" and 1 or 0
  elseif word == "for" then
    return ("for%s do "):format(rest), 1
  elseif word == "else" and not rest:find("%S") then
    return "else ", 0
  elseif word == "end" and not rest:find("%S") then
    return "end ", -1
  elseif word == "local" then
    return code .. " ", 0
  end
  return nil
end

local keywords = { "if", "elseif", "else", "for", "local", "end" }
local is_keyword = {}
for _, word in ipairs(keywords) do is_keyword[word] = true end

--- Turns `%{…}` that is no statement back into text; refuses what must be a typo.
local function settle(tokens, name)
  for _, token in ipairs(tokens) do
    local word = token.kind == "stmt" and (token.whole:match("^%s*(%a+)") or "")
    if word and not is_keyword[word] then
      local best = word ~= "" and suggest(word, keywords)
      if best then
        fail(name, token.line, ("%%{%s} is no statement"):format(token.whole),
          ("did you mean %s? Write %%%%{ for a literal %%{"):format(best))
      end
      token.kind, token.text = "text", "%{" .. token.whole .. "}"
    end
  end
  return tokens
end

--- The Lua source of a template.
local function generate(text, name)
  local out, line, open = {}, 1, {}
  for _, token in ipairs(by_lines(settle(tokens_of(text, name), name))) do
    if token.line > line then
      out[#out + 1] = ("\n"):rep(token.line - line)
      line = token.line
    end
    local code
    if token.kind == "text" then
      code = "_w(" .. ("%q"):format(token.text):gsub("\\\n", "\\n") .. ") "
    elseif token.kind == "stmt" then
      local step
      code, step = statement_code(token)
      if not code then
        fail(name, token.line, ("%%{%s} is no statement"):format(token.whole),
          "there are if, elseif, else, for, local and end; write %%{ for a literal %{")
      end
      if step == 1 then
        open[#open + 1] = token.line
      elseif step == -1 and not table.remove(open) then
        fail(name, token.line, "this %{end} ends nothing")
      end
    else
      if not token.parts[1]:find("%S") then fail(name, token.line, "an empty ${}") end
      local before, after = "", ""
      for i = 2, #token.parts do
        local head, args = filter_code(token.parts[i], name, token.line)
        before, after = head .. before, after .. args .. ")"
      end
      code = "_e(" .. before .. token.parts[1] .. after .. ") "
      if token.comment and token.whole:match("^[%a_][%w_]*$") then code = "_c(true) " .. code .. "_c(false) " end
    end
    out[#out + 1] = code
    line = line + count_lines(code)
  end
  if #open > 0 then fail(name, open[#open], "this statement has no %{end}") end
  return table.concat(out)
end

local library = {
  ipairs = ipairs, pairs = pairs, tostring = tostring, tonumber = tonumber, type = type,
  select = select, next = next, math = math, string = string, table = table, utf8 = utf8,
}

local function environment(vars, line_of)
  local parts, special, in_comment = {}, false, false
  local function write(text)
    parts[#parts + 1] = text
  end
  local function bad(message, hint)
    err.raise { code = "template", class = "usage", where = line_of(), message = message, hint = hint }
  end
  local function emit(v)
    local kind = type(v)
    if kind == "string" then return write(v) end
    if kind == "number" or kind == "boolean" then return write(tostring(v)) end
    if kind == "nil" then bad("this expression is nil", "say what stands there then: ${x or \"\"}") end
    local address, path = value.info(v)
    if path == "" then
      bad(("can't put the resource %s into a text"):format(address), "name the attribute that you mean")
    elseif value.is_ref(v) or value.is_secret(v) then
      special = true
      return write(v)
    end
    bad("a " .. kind .. " has no text", "use a filter: ${x | json}")
  end
  local function filter(name, v, ...)
    if v == nil then bad("the value for the filter " .. name .. " is nil") end
    local fn, args = filters[name], table.pack(...)
    if type(v) == "table" and (value.has_ref(v) or value.is_sensitive(v)) then
      local place = line_of()
      local function later(known) return fn(known[1], table.unpack(args, 1, args.n)) end
      if value.has_ref(v) then return value.defer({ v }, later, { where = place }) end
      return value.secret(later(value.reveal { v }))
    end
    local ok, result = pcall(fn, v, ...)
    if not ok then bad(err.is(result) and result.message or tostring(result)) end
    return result
  end
  local own = { _w = write, _e = emit, _f = filter, vars = vars }
  function own._c(on) in_comment = on end
  local env = setmetatable(own, {
    __index = function(_, key)
      local v = vars[key]
      if v ~= nil then return v end
      v = library[key]
      if v ~= nil then return v end
      if in_comment then return "${" .. key .. "}" end
      local names = {}
      for name in pairs(vars) do names[#names + 1] = tostring(name) end
      for name in pairs(library) do names[#names + 1] = name end
      local best = suggest(tostring(key), names)
      bad(("%s is not defined"):format(tostring(key)),
        best and ("did you mean %s?"):format(best) or "give it in the template's values")
    end,
    __newindex = function(_, key)
      bad(("%s can't be set"):format(tostring(key)), "use %{local x = …}")
    end,
  })
  return env, function()
    if not special then return table.concat(parts) end
    local function join(list)
      local out = {}
      for i = 1, #parts do
        local v = list[i]
        local kind = type(v)
        if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
          error(("%s turned out to be %s"):format(value.describe(parts[i]), kind == "table" and
            "a table; use a filter" or kind), 0)
        end
        out[i] = tostring(v)
      end
      return table.concat(out)
    end
    if value.has_ref(parts) then return value.defer(parts, join, { where = line_of(true) }) end
    return value.secret(join(value.reveal(parts)))
  end
end

local compiled = {} -- text -> { [name] = Lua source }: hosts share templates

--- Renders a template. The result is a string, a secret when one was put in, or a value that is
--- known as soon as all that stands in it is.
---@param text string
---@param name string   the file, for messages
---@param vars table?   what expressions may name
---@return any
function template.render(text, name, vars)
  local key = name .. "\0" .. text
  local code = compiled[key]
  if not code then
    code = generate(text, name)
    compiled[key] = code
  end
  where.mark("@" .. name)
  local asked = where.here(1)
  local function line_of(whole)
    if whole then return name end
    return where.here(1) or asked or name
  end
  local env, finish = environment(vars or {}, line_of)
  local chunk, message = load(code, "@" .. name, "t", env)
  if not chunk then
    local place, said = where.split(message)
    err.raise {
      code = "template", class = "usage", where = place or name, message = "syntax error: " .. said,
    }
  end
  local ok, raised = xpcall(chunk, function(e)
    if err.is(e) then return e end
    local place, said = where.split(tostring(e))
    return err.new { code = "template", class = "usage", where = place or line_of(), message = said }
  end)
  if not ok then error(raised, 0) end
  return finish()
end

--- Checks a template without values: its syntax, statements and filters.
---@param text string
---@param name string
---@return boolean? ok
---@return cso.Err?
function template.check(text, name)
  local ok, code = pcall(generate, text, name)
  if not ok then return nil, code end
  local chunk, message = load(code, "@" .. name, "t", {})
  if chunk then return true end
  local place, said = where.split(message)
  return nil, err.new {
    code = "template", class = "usage", where = place or name, message = "syntax error: " .. said,
  }
end

return template
