--- Errors as values. Every failure that csorun reports is one of these tables, so that the
--- screen, the JSON events and the exit code are all made from the same thing.
local redact = require "cso.std.redact"

local err = {}

---@class cso.Err
---@field code string      short stable name, AWS's own where AWS gave one
---@field message string   what happened, one sentence, no secret in it
---@field class string     usage|config|credentials|locked|policy|service|network|interrupted|internal
---@field where string?    "file:line" of the playbook or file that caused it
---@field hint string?     what to do about it
---@field cause cso.Err?   the failure underneath

local mt = {}
mt.__index = {}
mt.__name = "cso.Err"

function mt.__tostring(e)
  local text = e.message or e.code or "unknown failure"
  if e.where then text = e.where .. ": " .. text end
  if e.hint then text = text .. " (" .. e.hint .. ")" end
  return text
end

local TEXTS = { "message", "hint" }

--- Makes an error from a table of fields (the table itself becomes the error). Secrets that are known go
--- out of its texts: services tell back what they refuse.
---@param fields table
---@return cso.Err
function err.new(fields)
  fields.class = fields.class or "internal"
  for _, key in ipairs(TEXTS) do
    if type(fields[key]) == "string" then fields[key] = redact.text(fields[key]) end
  end
  for i, line in ipairs(fields.problems or {}) do
    if type(line) == "string" then fields.problems[i] = redact.text(line) end
  end
  return setmetatable(fields, mt)
end

--- The same where all words are csorun's own: there is nothing to look for in them.
---@param fields table
---@return cso.Err
function err.own(fields)
  fields.class = fields.class or "internal"
  return setmetatable(fields, mt)
end

--- True when v is an error made here.
---@param v any
---@return boolean
function err.is(v)
  return getmetatable(v) == mt
end

--- Any failure value (a Lua error string, a host table, an error) as an error.
---@param v any
---@param class string?
---@return cso.Err
function err.wrap(v, class)
  if err.is(v) then return v end
  -- What has a metatable is somebody's value that was raised, a secret perhaps: it is not made an error, only named in one.
  if type(v) == "table" and getmetatable(v) == nil then
    if not v.class then v.class = class end
    v.message = v.message or v.code or "unknown failure"
    return err.new(v)
  end
  if v == "not enough memory" then return require("cso.std.limits").out_of_memory() end
  return err.new { code = "internal", message = tostring(v), class = class or "internal" }
end

--- Makes and raises an error. Only the words that a playbook uses may do this.
---@param fields table
function err.raise(fields)
  error(err.new(fields), 0)
end

return err
