--- A set of keys. The secret parts live in a closure: printing, encoding or walking the table
--- shows none of them.
local err = require "cso.std.err"

local keys = {}

local mt = { __name = "cso.aws.Keys" }
mt.__index = mt
function mt.__tostring(k) return ("(keys %s from %s)"):format(k.access_key, k.source) end

--- Makes keys.
---@param t { access_key: string, secret_key: string, token: string?, expires: number?, account: string?, source: string }
---@return table keys { access_key, expires, account, source, reveal = fn() -> secret_key, token }
function keys.make(t)
  local secret, token = t.secret_key, t.token
  if token == "" then token = nil end
  return setmetatable({
    access_key = t.access_key, expires = t.expires, account = t.account, source = t.source,
    temporary = token ~= nil,
    reveal = function() return secret, token end,
  }, mt)
end

--- The name of a role session that nobody named.
---@param now number epoch seconds
---@return string
function keys.session_name(now) return ("csorun-%d"):format(math.floor(now)) end

---@param v any
---@return boolean
function keys.is(v) return getmetatable(v) == mt end

--- An error of class "credentials".
---@param source string
---@param message string
---@param hint string?
---@return cso.Err
function keys.fail(source, message, hint)
  return err.new { code = "CredentialsError", class = "credentials", source = source,
    message = ("credentials from %s: %s"):format(source, message), hint = hint }
end

return keys
