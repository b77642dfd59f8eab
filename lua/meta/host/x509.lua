---@meta host.x509
-- Keys and certificates as PEM text. Source: host/bind/x509.c

---@class host.x509
local x509 = {}

---@class host.x509.Subject
---@field CN string?
---@field O string?
---@field OU string?
---@field C string?
---@field ST string?
---@field L string?
---@field emailAddress string?

---@class host.x509.Authority
---@field key string                     its private key
---@field subject host.x509.Subject
---@field days integer?                  either this
---@field hours integer?                 or this
---@field path_length integer?           authorities allowed below it; no limit when absent
---@field now integer?                   epoch seconds
---@field serial string?                 hex; random when absent
---@field authority_certificate string?  signed by another: an intermediate
---@field authority_key string?

---@class host.x509.Leaf: host.x509.Authority
---@field dns string[]?
---@field ip string[]?
---@field usages ("server"|"client")[]?  server when absent

---@class host.x509.Facts
---@field subject string      RFC 2253
---@field issuer string
---@field common_name string?
---@field serial string       hex
---@field fingerprint string  SHA-256, hex
---@field algorithm string    RSA, EC, …
---@field bits integer
---@field not_before integer  epoch seconds
---@field not_after integer
---@field is_ca boolean
---@field self_issued boolean
---@field san string[]        "dns:name", "ip:address", …

--- Blocks; host.work makes RSA keys beside the loop.
---@param options { type: "rsa"|"ec"|nil, bits: integer? }?  rsa, 4096
---@return string? pem
---@return { code: "x509", message: string }? err
function x509.key(options) end

---@param options host.x509.Authority
---@return string? pem
---@return { code: "x509", message: string }? err
function x509.authority(options) end

---@param options host.x509.Leaf
---@return string? pem
---@return { code: "x509", message: string }? err
function x509.certificate(options) end

--- Facts of the first certificate.
---@param pem string
---@return host.x509.Facts?
---@return { code: "x509", message: string }? err
function x509.parse(pem) end

--- Facts of all certificates, at least one.
---@param pem string
---@return host.x509.Facts[]?
---@return { code: "x509", message: string }? err
function x509.list(pem) end

---@param options { certificate: string, roots: string, intermediates: string?, now: integer?, host: string? }
---@return true?
---@return { code: "x509", message: string }? err
function x509.verify(options) end

--- Whether the private key belongs to the certificate.
---@param certificate string
---@param key string
---@return boolean?
---@return { code: "x509", message: string }? err
function x509.matches(certificate, key) end

--- Signs with a P-256 key, as JSON Web Tokens want it (ES256).
---@param key string PEM
---@param text string
---@return string? signature r and s, 64 bytes
---@return string|{ code: "x509", message: string } x of the public key, 32 bytes, or the error
---@return string? y
function x509.es256(key, text) end

--- Signs a text with an Ed25519 key (RFC 8032).
---@param key string PEM, without a passphrase
---@param text string
---@return string? signature 64 bytes
---@return string|{ code: "x509", message: string } public the raw public key, 32 bytes, or the error
function x509.ed25519(key, text) end

--- Whether a signature of a text was made with the other half of this key.
---@param public string PEM of an Ed25519 public key
---@param text string
---@param signature string
---@return boolean?
---@return { code: "x509", message: string }? err
function x509.ed25519_verify(public, text, signature) end

return x509
