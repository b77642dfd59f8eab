--- Secrets in a rehearsal. Their values are kept by resources of the real account and none of the
--- rehearsal's business: whatever is asked for gets a value of the right form made up on the spot,
--- under the digest of the real one, so that nothing looks changed.
local deep = require "cso.std.deep"
local value = require "cso.std.value"
local work = require "cso.task.work"
local x509 = require "cso.std.x509"

local secrets = {}

-- Long enough and mixed enough for what services ask of passwords.
local PASSWORD = "Rehearsal-0nly-not-a-Secret"

local BITS = 2048 -- a longer key rehearses nothing more

---@class cso.rehearse.Secrets
local Secrets = {}
Secrets.__index = Secrets

--- A key that serves every purpose of this rehearsal.
---@return string? pem
---@return cso.Err?
function Secrets:key()
  local e
  if not self.pem then self.pem, e = work.rsa_key(BITS) end
  return self.pem, e
end

--- Takes note of the secrets that are known by now: what is remembered of them is filled with their values,
--- so that they look as unchanged as they are.
---@param tree any
function Secrets:learn(tree)
  if type(tree) ~= "table" then return end
  if value.is_secret(tree) then
    if value.secret_info(tree).known then self.known[#self.known + 1] = tree end
    return
  end
  local mt = getmetatable(tree)
  if mt and not mt.__cso_plain then return end
  for _, v in next, tree do self:learn(v) end
end

function Secrets:authority()
  self.root = self.root or assert(x509.authority { key = assert(self:key()), days = 2, subject = { CN = "rehearsal" } })
  return self.root
end

local function made_up(self, info)
  local path = info.origin and info.origin.path or ""
  if path:match("KeyAndCertificatePem$") then return self:key() .. self:authority() end
  if path:match("KeyPem$") then return self:key() end
  if path:match("CertificatePem$") then return self:authority() end
  return PASSWORD
end

--- A copy of a tree in which every secret whose value is not at hand has one.
---@param tree any
---@return any
function Secrets:fill(tree)
  if type(tree) ~= "table" then return tree end
  if value.is_secret(tree) then
    local info = value.secret_info(tree)
    if info.known or not info.digest then return tree end
    for _, known in ipairs(self.known) do
      if value.same_secret(tree, known) then return known end
    end
    local box = value.secret(nil, { digest = info.digest, salt = info.salt, origin = info.origin,
      fetch = function() return made_up(self, info) end })
    value.reveal(box)
    return box
  end
  local mt = getmetatable(tree)
  if mt and not mt.__cso_plain then return tree end
  local out = {}
  for k, v in next, tree do out[k] = self:fill(v) end
  return setmetatable(out, mt)
end

--- The same for what is sent to fill the simulator: plain values, secrets opened.
---@param tree any
---@return any
function Secrets:open(tree) return value.reveal(self:fill(deep.copy(tree))) end

---@return cso.rehearse.Secrets
function secrets.new() return setmetatable({ known = {} }, Secrets) end

return secrets
