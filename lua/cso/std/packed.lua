--- Texts inside of texts: user data and a few documents go to AWS as base64, and what they name can
--- only be seen when they are opened.
local hash = require "cso.std.hash"

local packed = {}

local SHORTEST = 24

--- What a base64 text holds, when it holds text; nil for anything else.
---@param s string
---@return string?
function packed.open(s)
  if #s < SHORTEST or #s % 4 ~= 0 or s:find("[^%w+/=]") then return nil end
  local ok, text = pcall(hash.base64_decode, s)
  if not ok or not text or text:find("[%z\1-\8\14-\31]") or not utf8.len(text) then return nil end
  return text
end

--- The reverse.
---@param text string
---@return string
function packed.close(text) return hash.base64_encode(text) end

return packed
