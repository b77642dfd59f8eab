--- What an answer may cost: bytes in memory, and slowness. Servers that mean harm, or are broken,
--- are given up when they go beyond.
local customize = require "cso.aws.customize"
local shape = require "cso.aws.protocol.shape"

local bounds = {}

local MIB = 1024 * 1024

-- The largest pages of services are 16 MB; what is an object's content may be more.
local BODY, CONTENT = 48 * MIB, 96 * MIB

-- Seconds that an answer which has begun may hardly move.
local SLOW = 8

local function output_member(S, op)
  local s = op.output and S:shape(op.output.shape)
  local ref = s and s.payload and s.members[s.payload]
  return ref, ref and S:shape(ref.shape)
end

-- A stream of events has its pauses.
local function has_events(S, op)
  local s = op.output and S:shape(op.output.shape)
  for _, ref in next, s and s.members or {} do
    if S:shape(ref.shape).eventstream then return true end
  end
  return false
end

--- The bounds of an operation's answers.
---@param S table
---@param op table
---@return { max_body: integer, drip_time: number? } bounds bytes, seconds
function bounds.of(S, op)
  local cache = shape.cache(S, "bounds")
  local found = cache[op.name]
  if not found then
    local ref, s = output_member(S, op)
    local content = ref and (ref.streaming or s.streaming or s.type == "blob")
    found = {
      max_body = content and CONTENT or BODY,
      drip_time = not (has_events(S, op) or customize.late(S, op)) and SLOW or nil,
    }
    cache[op.name] = found
  end
  return found
end

return bounds
