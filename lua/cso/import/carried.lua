--- What stands of a thing's attributes in a text that was computed of them: a member of a JSON document, a
--- part between two others. The playbook's own computation is done with marks in the attributes' place; where a
--- mark stands then, the text has the attribute.
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local value = require "cso.std.value"

local carried = {}

local DIGITS = 32
local MARK = "csorun" .. ("%x"):rep(DIGITS)

-- Letters and digits alone: no computation has to write them otherwise.
local function mark_of(address, path)
  return "csorun" .. hash.hex_encode(hash.sha256(address .. "\0" .. path)):sub(1, DIGITS)
end

-- Of a text, what stands in the mark's place.
local function between(marked, text, mark)
  local first, last = marked:find(mark, 1, true)
  if not first then return nil end
  local before, after = marked:sub(1, first - 1), marked:sub(last + 1)
  -- What is not known either may be of any length.
  if before:find(MARK) or after:find(MARK) or #text <= #before + #after then return nil end
  if text:sub(1, #before) ~= before or text:sub(#text - #after + 1) ~= after then return nil end
  return text:sub(#before + 1, #text - #after)
end

local function find(marked, text, mark)
  if type(marked) == "string" and type(text) == "string" then
    if not marked:find(mark, 1, true) then return nil end
    local tree = marked:match "^%s*[{%[]" and json.decode(marked)
    if type(tree) ~= "table" then return between(marked, text, mark) end
    marked, text = tree, json.decode(text)
  end
  if type(marked) ~= "table" or type(text) ~= "table" then return nil end
  for key, item in pairs(marked) do
    local found = find(item, text[key], mark)
    if found then return found end
  end
end

--- The attributes of a thing that a text carries.
---@param declared any      what the playbook computes the text of: a ref, or a value over refs
---@param address string    the thing
---@param text string       as it is in the account
---@param lookup fun(address: string, path: string): any   what is known of others; an unknown otherwise
---@return table<string, string>   by the attribute's path
function carried.texts(declared, address, text, lookup)
  local marks, out = {}, {}
  local ok, marked = pcall(function()
    return value.reveal(value.resolve({ declared }, function(other, path)
      local known = other ~= address and lookup(other, path) or nil
      if known ~= nil and not value.has_unknown(known) then return known end
      local mark = mark_of(other, path)
      if other == address then marks[path] = mark end
      return mark
    end))[1]
  end)
  -- A computation may want more of an attribute than that it is a text: then nothing is known.
  if not ok or type(marked) ~= "string" then return out end
  for path, mark in pairs(marks) do out[path] = find(marked, text, mark) end
  return out
end

return carried
