--- Names that the user left to us. They are made from stack and address, so a second run (or a
--- run after a crash) makes the same name and finds what the first one created.
local hash = require "cso.std.hash"

local names = {}

local function squeeze(text, rule)
  text = text:gsub("[^%w]+", "-"):gsub("^%-+", ""):gsub("%-+$", "")
  if rule.lower then text = text:lower() end
  if not text:match("^%a") then text = "r-" .. text end
  return text
end

--- A deterministic name within a service's rule.
---@param rule { [1]: string, max: integer, lower: boolean? }
---@param stack string
---@param address string
---@param generation integer?   raised by a create-first replacement
---@return string
function names.make(rule, stack, address, generation)
  local digest = hash.sha256_hex(stack .. "\0" .. address .. "\0" .. (generation or 0)):sub(1, 8)
  local base = squeeze(stack .. "-" .. (address:match("([^.]*)$") or address), rule)
  local room = rule.max - #digest - 1
  if #base > room then base = base:sub(1, room):gsub("%-+$", "") end
  return base .. "-" .. digest
end

return names
