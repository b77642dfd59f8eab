--- Takes the content of known secrets out of texts that people see or that are kept: what a service
--- says of a value that it refuses, what a playbook's own error says, a line of a playbook. Whoever wraps
--- a secret remembers its content here; it stays known until the process ends.
local redact = {}

--- Shorter ones stand in too many words by accident: they are known where they stand alone.
redact.SHORTEST = 6

local WHOLE_WORD = 3 -- still shorter ones are known only where they are all that is said
local LINE = 16
local HEAD = 16              -- so much of a longer one is known where an answer was cut off behind it
local LONG = 32              -- shorter ones nobody cuts
local SEARCHED = 65536       -- bytes of a text that are looked through for beginnings
local WORD = "(sensitive)"

local known = {}             -- by content
local of, lengths = {}, {} -- the same by length, and the lengths, the greatest first: one may be a part of another
local short = {}           -- by content
local heads = {}           -- the first bytes of long ones -> the ones that begin so
local bare = {}            -- those whose encoded forms are not among the known ones yet

-- Thousands may come, each in many forms: few are their lengths.
local function add(text)
  local n = #text
  if n < redact.SHORTEST or known[text] then return end
  known[text] = true
  local alike = of[n]
  if not alike then
    alike = {}
    of[n] = alike
    local at = 1
    while lengths[at] and lengths[at] > n do at = at + 1 end
    table.insert(lengths, at, n)
  end
  alike[#alike + 1] = text
end

local function remember(text)
  if known[text] or #text < redact.SHORTEST then return end
  add(text)
  bare[#bare + 1] = text
  if #text >= LONG then
    local head = text:sub(1, HEAD)
    heads[head] = heads[head] or {}
    table.insert(heads[head], text)
  end
  -- As it stands in source and in JSON.
  add((text:gsub("[\\\"]", "\\%0"):gsub("\n", "\\n")))
  -- A key of many lines, of which a message shows some.
  if not text:find("\n", 1, true) then return end
  for line in text:gmatch "[^\r\n]+" do
    if #line >= LINE then add(line) end
  end
end

-- Only a text that is told needs the forms in which a secret travels.
local function add_encoded()
  local hash, json = require "cso.std.hash", require "cso.std.json"
  for i = 1, #bare do
    local text = bare[i]
    bare[i] = nil
    add((json.encode(text) or ""):sub(2, -2))
    -- A document in a document.
    add((json.encode((json.encode(text) or ""):sub(2, -2)) or ""):sub(2, -2))
    for _, format in ipairs { "%%%02X", "%%%02x" } do
      local coded = text:gsub("[^%w%-%._~]", function(c) return format:format(c:byte()) end)
      add(coded)
      add((coded:gsub("%%20", "+")))
    end
    add(hash.hex_encode(text))
    add(hash.hex_encode(text):upper())
    add((text:gsub("'", "''")))
    add((text:gsub("[&<>\"']", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" })))
    -- What of base64 it alone decides, wherever in a longer text it stands.
    for before = 0, 2 do
      local coded = hash.base64_encode(("\0"):rep(before) .. text):gsub("=", "")
      local mine = coded:sub((before * 8 + 5) // 6 + 1, (before + #text) * 8 // 6)
      if #mine >= redact.SHORTEST + 2 then
        add(mine)
        add((mine:gsub("[+/]", { ["+"] = "-", ["/"] = "_" })))
      end
    end
  end
end

local function walk(v, depth)
  if type(v) == "string" then return remember(v) end
  if type(v) ~= "table" or depth > 8 then return end
  for _, item in next, v do walk(item, depth + 1) end
end

--- Remembers the texts in the content of a secret. What is short is a secret only where it is all of one: in
--- a tree stand "mysql" and 3306, too.
---@param content any
function redact.remember(content)
  local text = type(content) == "number" and tostring(content) or content
  if text == "true" or text == "false" then return end -- who hides that hides one of two words
  if type(text) == "string" and text ~= "" and #text < redact.SHORTEST then
    short[text] = true
  else
    walk(text, 0)
  end
end

-- A short one where it is all that is said, all that is quoted, or a word of its own.
local function without_short(text)
  if short[text] then return WORD end
  text = text:gsub("([\"'`])([^\"'`]+)%f[\"'`]", function(quote, inside)
    if #inside >= WHOLE_WORD and short[inside] then return quote .. WORD end
  end)
  -- A part of an address is none.
  return (text:gsub("([^%w_]?)%f[%w_]([%w_]+)", function(before, word)
    if #word >= WHOLE_WORD and before ~= "." and short[word] then return before .. WORD end
  end))
end

-- Those of one length; a text that is shorter holds none of them.
local function without(text, alike)
  for _, secret in ipairs(alike) do
    local from, to = text:find(secret, 1, true)
    while from do
      text = text:sub(1, from - 1) .. WORD .. text:sub(to + 1)
      from, to = text:find(secret, from + #WORD, true)
    end
  end
  return text
end

-- How many bytes two texts have in common, from given places on.
local function alike(a, from, b)
  local n = HEAD
  while n < #b and a:byte(from + n) == b:byte(n + 1) do n = n + 1 end
  return n
end

-- Whoever quotes a value may cut it off: then a text ends, or goes on with dots or a quote, where the secret does not.
local function is_cut(rest)
  return rest == "" or rest:find "^[\"'`)%]}<]" ~= nil or rest:find "^%s*%.%.%." ~= nil or rest:find "^%s*…" ~= nil
end

-- Beginnings of long ones, where what quotes them was cut off.
local function without_beginnings(text)
  local parts, from, at = {}, 1, 1
  while at <= #text - HEAD + 1 do
    local longest = 0
    for _, secret in ipairs(heads[text:sub(at, at + HEAD - 1)] or {}) do
      local n = alike(text, at, secret)
      if n > longest and is_cut(text:sub(at + n, at + n + 8)) then longest = n end
    end
    if longest > 0 then
      parts[#parts + 1] = text:sub(from, at - 1)
      at = at + longest
      from = at
    else
      at = at + 1
    end
  end
  if from == 1 then return text end
  return table.concat(parts, WORD) .. WORD .. text:sub(from)
end

--- True when a known secret, or a form of one in which it travels, stands in a text. Short ones don't count: they
--- stand in many a text by accident.
---@param text string
---@return boolean
function redact.tells(text)
  if bare[1] then add_encoded() end
  for _, n in ipairs(lengths) do
    if n <= #text and without(text, of[n]) ~= text then return true end
  end
  return false
end

--- A text without the secrets in it.
---@param text string
---@return string
function redact.text(text)
  if bare[1] then add_encoded() end
  for _, n in ipairs(lengths) do
    if n <= #text then text = without(text, of[n]) end
  end
  if next(heads) and #text <= SEARCHED then text = without_beginnings(text) end
  if next(short) then text = without_short(text) end
  return text
end

return redact
