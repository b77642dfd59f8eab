--- What an answer may cost: bytes in memory, and slowness. Servers that mean harm, or are broken,
--- are given up when they go beyond.
local customize = require "cso.aws.customize"
local err = require "cso.std.err"
local limits = require "cso.std.limits"
local shape = require "cso.aws.protocol.shape"

local bounds = {}

local MIB = 1024 * 1024

-- The largest pages of services are 16 MB; what is an object's content may be more.
local BODY, CONTENT = 48 * MIB, 96 * MIB

-- Seconds that an answer which has begun may hardly move.
local SLOW = 8

--- What the user has raised the bound of answers in memory to.
---@param config table? cso.aws.Config
---@return integer? bytes  nil: nothing is set
---@return cso.Err? err class config
function bounds.raised(config)
  local text = config and config:variable "CSORUN_MAX_ANSWER"
  if not text then return nil end
  local size = limits.bytes(text)
  if size and size > 0 then return size end
  return nil, err.new { code = "setting", class = "config", where = "CSORUN_MAX_ANSWER",
    message = ("%s is not what CSORUN_MAX_ANSWER takes"):format(text), hint = "for instance 512M" }
end

--- How many times the usual room a client's answers have: for what reading takes in memory and in time.
---@param max_body integer?  bytes
---@return number  1 or more
function bounds.times(max_body) return math.max(1, (max_body or 0) / BODY) end

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
