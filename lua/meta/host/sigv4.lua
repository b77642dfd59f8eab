---@meta host.sigv4
-- AWS Signature Version 4. Source: host/bind/sigv4.c

---@class host.sigv4
local sigv4 = {}

---@class host.sigv4.Request
---@field method string
---@field path string                      percent-encoded, as it goes over the wire
---@field query string[][]?                {name, value} pairs, percent-encoded
---@field headers string[][]               {name, value} pairs; "host" must be there
---@field body string?                     hashed, unless body_hash is given
---@field body_hash string?                hex, or one of AWS's UNSIGNED-PAYLOAD words
---@field access_key string
---@field secret_key string
---@field token string?
---@field region string
---@field service string                   the signing name
---@field time integer                     epoch seconds
---@field double_encode boolean?           true; false for S3
---@field normalize boolean?               true; false for S3
---@field content_sha256 boolean?          the hash travels as a header; not double_encode
---@field presign integer?                 seconds: make a URL's query instead of headers
---@field exact boolean?                   a received request: sign precisely these headers

---@class host.sigv4.Answer
---@field headers string[][]               to be added to the request
---@field query string[][]?                to be added to a presigned URL
---@field canonical_request string
---@field string_to_sign string
---@field signed_headers string            joined by ;
---@field signature string                 hex

---@param request host.sigv4.Request
---@return host.sigv4.Answer?
---@return { code: "sigv4", message: string }? err
function sigv4.sign(request) end

return sigv4
