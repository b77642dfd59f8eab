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
---@field region string                   not needed with region_set
---@field region_set string?               "us-east-1,eu-*" or "*": an asymmetric signature (SigV4a)
---@field service string                   the signing name
---@field time integer                     epoch seconds
---@field double_encode boolean?           true; false for S3
---@field normalize boolean?               true; false for S3
---@field content_sha256 boolean?          the hash travels as a header; not double_encode
---@field presign integer?                 seconds: make a URL's query instead of headers
---@field token_after boolean?            the token travels unsigned (URLs of IoT)
---@field exact boolean?                   a received request: sign precisely these headers

---@class host.sigv4.Answer
---@field headers string[][]               to be added to the request
---@field query string[][]?                to be added to a presigned URL
---@field canonical_request string
---@field string_to_sign string
---@field signed_headers string            joined by ;
---@field signature string                 hex; asymmetric ones are DER and differ each time

---@param request host.sigv4.Request
---@return host.sigv4.Answer?
---@return { code: "sigv4", message: string }? err
function sigv4.sign(request) end

--- Signs a text that is no request: a chunk of a body, a message of a stream.
---@param o { access_key: string, secret_key: string, region: string?, region_set: string?, service: string, time: integer, text: string }
---@return string? signature hex
---@return { code: "sigv4", message: string }? err
function sigv4.sign_text(o) end

--- The lines that stand in the middle of every text that is signed.
---@param o { region: string?, region_set: string?, service: string, time: integer }
---@return string date "20260102T030405Z"
---@return string scope "20260102/eu-west-2/s3/aws4_request"
---@return string algorithm "AWS4-HMAC-SHA256" or "AWS4-ECDSA-P256-SHA256"
function sigv4.scope(o) end

--- The public half of the P-256 key that belongs to a pair of access and secret key.
---@param access_key string
---@param secret_key string
---@return string x hex
---@return string y hex
function sigv4.public_key(access_key, secret_key) end

--- Whether an asymmetric signature over a text was made with that key.
---@param access_key string
---@param secret_key string
---@param text string
---@param signature string hex
---@return boolean
function sigv4.verify_text(access_key, secret_key, text, signature) end

return sigv4
