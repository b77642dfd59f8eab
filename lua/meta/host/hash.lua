---@meta host.hash
-- Digests, encodings, random bytes, sealing. Source: host/bind/hash.c

---@class host.hash
---@field sha256 fun(s: string): string      32 bytes
---@field sha256_head fun(n: integer, ...: string): integer  the first n (1 to 7) bytes of the digest of all parts as one text
---@field sha256_hex fun(s: string): string
---@field sha512 fun(s: string): string      64 bytes
---@field sha512_hex fun(s: string): string
---@field sha1 fun(s: string): string        20 bytes
---@field sha1_hex fun(s: string): string
---@field md5 fun(s: string): string         16 bytes
---@field md5_hex fun(s: string): string
---@field crc32 fun(s: string): integer
---@field crc32c fun(s: string): integer
---@field sum fun(algorithm: string, s: string): string  big-endian bytes; algorithm: crc32, crc32c, crc64nvme, md5, sha1, sha256, sha512, xxhash64, xxhash3, xxhash128
---@field file_sum fun(algorithm: string, path: string, from: integer, length: integer): string?, table?  the same of a part of a file
---@field hmac_sha256 fun(key: string, s: string): string  32 bytes
---@field hex_encode fun(s: string): string
---@field hex_decode fun(s: string): string?, table?
---@field base64_encode fun(s: string): string
---@field base64_decode fun(s: string): string?, table?    both alphabets, padding or not
---@field percent_encode fun(s: string, keep_slash: boolean?): string  all but RFC 3986's unreserved characters
---@field random fun(n: integer): string?, table?          n bytes from the kernel
---@field uuid fun(): string?, table?                      version 4
---@field equal fun(a: string, b: string): boolean         in constant time for equal lengths
local hash = {}

---@param password string
---@param salt string
---@param n integer  cost, a power of two
---@param r integer
---@param p integer
---@param length integer  bytes
---@return string?
---@return { code: "scrypt", message: string }? err
function hash.scrypt(password, salt, n, r, p, length) end

--- AES-GCM; the tag is the last 16 bytes. A nonce is never used twice with one key.
---@param key string  16 or 32 bytes
---@param nonce string  12 bytes
---@param plain string
---@param aad string?  authenticated, not encrypted
---@return string?
---@return { code: "aes_gcm", message: string }? err
function hash.aes_gcm_seal(key, nonce, plain, aad) end

---@param key string
---@param nonce string
---@param sealed string
---@param aad string?
---@return string?
---@return { code: "aes_gcm", message: string }? err  changed, or another key
function hash.aes_gcm_open(key, nonce, sealed, aad) end

return hash
