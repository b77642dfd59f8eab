--- Takes the content of known secrets out of texts that people see or that are kept: what a service
--- says of a value that it refuses, what a playbook's own error says, a line of a playbook. Whoever wraps
--- a secret remembers its content here; it stays known until the process ends.
local redact = {}

--- Shorter ones stand in too many words by accident.
redact.SHORTEST = 6

local LINE = 16
local WORD = "(sensitive)"

local known, list = {}, {} -- the same: by content, and the longest first, as one may be a part of another

-- Kept in order as they come: thousands may be made while errors are told.
local function add(text)
  if known[text] then return end
  known[text] = true
  local low, high = 1, #list + 1
  while low < high do
    local middle = (low + high) // 2
    if #list[middle] >= #text then low = middle + 1 else high = middle end
  end
  table.insert(list, low, text)
end

local function remember(text)
  if #text < redact.SHORTEST or known[text] then return end
  add(text)
  -- As it stands in source and in JSON.
  local quoted = text:gsub("[\\\"]", "\\%0"):gsub("\n", "\\n")
  if quoted ~= text then add(quoted) end
  -- A key of many lines, of which a message shows some.
  if not text:find("\n", 1, true) then return end
  for line in text:gmatch "[^\r\n]+" do
    if #line >= LINE then add(line) end
  end
end

local function walk(v, depth)
  if type(v) == "string" then return remember(v) end
  if type(v) ~= "table" or depth > 8 then return end
  for _, item in next, v do walk(item, depth + 1) end
end

--- Remembers the texts in the content of a secret.
---@param content any
function redact.remember(content) walk(content, 0) end

--- A text without the secrets in it.
---@param text string
---@return string
function redact.text(text)
  for _, secret in ipairs(list) do
    local from, to = text:find(secret, 1, true)
    while from do
      text = text:sub(1, from - 1) .. WORD .. text:sub(to + 1)
      from, to = text:find(secret, from + #WORD, true)
    end
  end
  return text
end

return redact
