local local_kind = require "cso.kind.cso.local_kind"
local value = require "cso.std.value"
local x509 = require "cso.std.x509"

local text, whole = { kind = "string" }, { kind = "integer" }
local texts = { kind = "list", element = text }

local function secret(r, path, v)
  return value.secret(v, { origin = { address = r.address, path = path } })
end

--- A private key by the name that ACM gives its algorithm.
local function new_key(r, algorithm)
  local bits = algorithm:match("^RSA_(%d+)$")
  if bits then return r.make_key(math.tointeger(tonumber(bits))) end
  return x509.key { type = "ec" }
end

--- A leaf, issued by a cso.tls.Authority.
return local_kind("cso.tls.Certificate", {
  id = { "Id" },
  properties = {
    Authority = { type = text, required = true, sensitive = true,
      refs = { { type = "cso.tls.Authority", attribute = "KeyAndCertificatePem" } } },
    CommonName = { type = text, required = true }, Organization = { type = text },
    DnsNames = { type = texts }, IpAddresses = { type = texts },
    KeyAlgorithm = { type = { kind = "string", enum = { "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1" } },
      default = "RSA_2048" },
    ValidityDays = { type = whole, default = 825 },
  },
  attributes = {
    Id = { type = text }, CertificatePem = { type = text }, ChainPem = { type = text }, Serial = { type = text },
    NotAfter = { type = whole }, Fingerprint = { type = text }, PrivateKeyPem = { type = text, sensitive = true },
  },
}, function(r)
  local d = value.reveal(r.desired)
  local authority_key, authority = d.Authority:match("^(.-%-%-%-%-%-END [%u ]*PRIVATE KEY%-%-%-%-%-\n)(.+)$")
  if not authority then r:fail("property", r.address .. ": Authority is no key with its certificate") end
  local key, e = new_key(r, d.KeyAlgorithm or "RSA_2048")
  if not key then error(e, 0) end
  local pem
  pem, e = x509.certificate { key = key, days = math.tointeger(tonumber(d.ValidityDays or 825)),
    subject = { CN = d.CommonName, O = d.Organization }, dns = d.DnsNames, ip = d.IpAddresses, usages = { "server", "client" },
    authority_certificate = authority, authority_key = authority_key }
  if not pem then r:fail(e.code, ("%s: %s"):format(r.address, e.message)) end
  local facts = assert(x509.parse(pem))
  r.id = facts.fingerprint
  r.attributes = { Id = r.id, CertificatePem = pem, ChainPem = authority, Serial = facts.serial, NotAfter = facts.not_after,
    Fingerprint = facts.fingerprint, PrivateKeyPem = secret(r, "PrivateKeyPem", key) }
end)
