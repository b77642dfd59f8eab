local local_kind = require "cso.kind.cso.local_kind"
local value = require "cso.std.value"
local x509 = require "cso.std.x509"

local text, whole = { kind = "string" }, { kind = "integer" }

local function secret(r, path, v)
  return value.secret(v, { origin = { address = r.address, path = path } })
end

--- A root of one's own. Its key leaves csorun only through the secret that the playbook declares
--- for it; KeyAndCertificatePem is the form to keep, since leaves are issued from it later.
return local_kind("cso.tls.Authority", {
  id = { "Id" },
  properties = {
    CommonName = { type = text, required = true }, Organization = { type = text }, Country = { type = text },
    Bits = { type = whole, default = 4096 }, ValidityDays = { type = whole, default = 10950 },
  },
  attributes = {
    Id = { type = text }, CertificatePem = { type = text }, Serial = { type = text }, NotAfter = { type = whole },
    Fingerprint = { type = text }, PrivateKeyPem = { type = text, sensitive = true },
    KeyAndCertificatePem = { type = text, sensitive = true },
  },
}, function(r)
  local d = r.desired
  local key, e = r.make_key(math.tointeger(tonumber(d.Bits or 4096)))
  if not key then error(e, 0) end
  local pem
  pem, e = x509.authority { key = key, days = math.tointeger(tonumber(d.ValidityDays or 10950)),
    subject = { CN = d.CommonName, O = d.Organization, C = d.Country } }
  if not pem then r:fail(e.code, ("%s: %s"):format(r.address, e.message)) end
  local facts = assert(x509.parse(pem))
  r.id = facts.fingerprint
  r.attributes = { Id = r.id, CertificatePem = pem, Serial = facts.serial, NotAfter = facts.not_after,
    Fingerprint = facts.fingerprint, PrivateKeyPem = secret(r, "PrivateKeyPem", key),
    KeyAndCertificatePem = secret(r, "KeyAndCertificatePem", key .. pem) }
end)
