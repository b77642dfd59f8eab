--- Keys as the container and instance endpoints print them.
local json = require "cso.std.json"
local keys = require "cso.aws.credentials.keys"
local scalar = require "cso.aws.protocol.scalar"

---@param text string
---@param source string
---@return table? keys
---@return cso.Err? err
return function(text, source)
  local answer = json.decode(text)
  if type(answer) ~= "table" then return nil, keys.fail(source, "the answer is not JSON") end
  if answer.Code and answer.Code ~= "Success" then
    return nil, keys.fail(source, ("%s: %s"):format(tostring(answer.Code), tostring(answer.Message)))
  end
  local access, secret = answer.AccessKeyId, answer.SecretAccessKey
  if type(access) ~= "string" or type(secret) ~= "string" then
    return nil, keys.fail(source, "the answer has no AccessKeyId and SecretAccessKey")
  end
  local token = answer.Token or answer.SessionToken
  return keys.checked {
    access_key = access, secret_key = secret, source = source,
    token = type(token) == "string" and token or nil,
    account = type(answer.AccountId) == "string" and answer.AccountId or nil,
    expires = type(answer.Expiration) == "string" and scalar.read_time(answer.Expiration) or nil,
  }
end
