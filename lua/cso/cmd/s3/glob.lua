--- --include and --exclude: shell patterns over names, in the order in which they were written; the
--- last one that fits decides. Pure.
local glob = {}

-- A set in brackets, from the character behind "["; nil when it has no end.
local function set(text, i)
  local first = i
  local negated = text:sub(i, i) == "!"
  if negated then i = i + 1 end
  local stop = text:find("]", i + 1, true)
  if not stop then return nil, first end
  local inside = text:sub(i, stop - 1):gsub("[%%%]%^%[]", "%%%0")
  return "[" .. (negated and "^" or "") .. inside .. "]", stop + 1
end

--- A shell pattern as a Lua pattern for whole names: * and ? also stand for slashes.
---@param text string
---@return string
function glob.pattern(text)
  local out, i = { "^" }, 1
  while i <= #text do
    local c = text:sub(i, i)
    i = i + 1
    if c == "*" then
      -- Several in a row say what one says, and would take far longer.
      if out[#out] ~= ".*" then out[#out + 1] = ".*" end
    elseif c == "?" then
      out[#out + 1] = utf8.charpattern
    elseif c == "[" then
      local class, after = set(text, i)
      out[#out + 1], i = class or "%[", after
    else
      out[#out + 1] = c:gsub("%W", c:byte() < 128 and "%%%0" or "%0")
    end
  end
  out[#out + 1] = "$"
  return table.concat(out)
end

--- What the words of a command line let through.
---@param words { [1]: "include"|"exclude", [2]: string }[]?
---@return fun(name: string): boolean
function glob.filter(words)
  local rules = {}
  for i, word in ipairs(words or {}) do
    rules[i] = { take = word[1] == "include", pattern = glob.pattern(word[2]) }
  end
  return function(name)
    for i = #rules, 1, -1 do
      if name:find(rules[i].pattern) then return rules[i].take end
    end
    return true
  end
end

return glob
