--- A set of keys. The secret parts live in a closure: printing, encoding or walking the table
--- shows none of them.
local err = require "cso.std.err"

local keys = {}

--- Bytes that an answer with keys may have.
keys.LARGEST = 64 * 1024

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

local fit

--- Makes keys of what a person has written down, in the environment or a file.
---@param t table as for `make`
---@param names { access_key: string, secret_key: string, token: string }  what they are called there
---@return table? keys
---@return cso.Err? err class credentials
function keys.written(t, names)
  for _, field in ipairs { "access_key", "secret_key", "token" } do
    local v = t[field]
    if v ~= nil and v ~= "" and not fit(v) then
      return nil, keys.fail(t.source, ("%s holds a blank, a line break or another character that no key has"):format(
        names[field]))
    end
  end
  return keys.make(t)
end

-- Keys go into headers and URLs: one byte that ends a line there would begin a header of its own.
function fit(text) return type(text) == "string" and text:match("^[\33-\126]+$") ~= nil end

--- Makes keys of what a service or program answered, which may be anything.
---@param t table as for `make`
---@return table? keys
---@return cso.Err? err class credentials
function keys.checked(t)
  local wrong = not fit(t.access_key) and "access key" or not fit(t.secret_key) and "secret key"
    or t.token ~= nil and t.token ~= "" and not fit(t.token) and "session token"
  if wrong then
    return nil, keys.fail(t.source, ("the %s in the answer is missing or has characters that none has"):format(wrong))
  end
  if type(t.expires) ~= "number" or t.expires ~= t.expires then t.expires = nil end
  return keys.make(t)
end

--- Keys out of what the token service answers. Whose account they belong to says the assumed
--- role's own ARN; the ARN that was asked for may be an alias of old.
---@param answer table output of AssumeRole and its kin
---@param role string the role's ARN
---@param source string
---@return table? keys
---@return cso.Err? err
function keys.of_role(answer, role, source)
  local c, user = answer.Credentials or {}, answer.AssumedRoleUser
  return keys.checked {
    access_key = c.AccessKeyId, secret_key = c.SecretAccessKey, token = c.SessionToken,
    expires = c.Expiration, source = source,
    account = user and user.Arn and user.Arn:match("^arn:[^:]*:sts::(%d+):")
      or role:match("^arn:[^:]*:iam::(%d+):"),
  }
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
