--- Signature version 2, which SimpleDB alone still wants: fields of the form say who sends it. Pure.
local hash = require "cso.std.hash"
local scalar = require "cso.aws.protocol.scalar"

local encode = scalar.encode

--- Signs a form in its body.
---@param p table  prepared; changed in place
---@param keys table
---@param time integer  epoch seconds
---@return { string_to_sign: string, signature: string, canonical_request: string } stages
return function(p, keys, time)
  local secret, token = keys.reveal()
  local pairs_ = {}
  local function add(name, value)
    if name ~= "Signature" then pairs_[#pairs_ + 1] = { name, name .. "=" .. value } end
  end
  for name, value in (p.body or ""):gmatch "([^&=]+)=?([^&]*)" do add(name, value) end
  add("AWSAccessKeyId", encode(keys.access_key))
  add("SignatureVersion", "2")
  add("SignatureMethod", "HmacSHA256")
  add("Timestamp", encode(os.date("!%Y-%m-%dT%H:%M:%SZ", time)))
  if token then add("SecurityToken", encode(token)) end
  table.sort(pairs_, function(a, b) return a[1] < b[1] end)
  for i, pair in ipairs(pairs_) do pairs_[i] = pair[2] end
  local form = table.concat(pairs_, "&")
  local text = ("%s\n%s\n%s\n%s"):format(p.method, p.host, p.path == "" and "/" or p.path, form)
  local signature = hash.base64_encode(hash.hmac_sha256(secret, text))
  p.body = form .. "&Signature=" .. encode(signature)
  return { canonical_request = form, string_to_sign = text, signature = signature }
end
