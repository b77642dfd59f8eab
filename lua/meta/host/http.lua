---@meta host.http

---@class host.http
local http = {}

---@class host.HttpRequest
---@field method string
---@field url string             http or https; sent as it is
---@field headers string[][]?    { { name, value }, … }
---@field body string?
---@field from_file string?      send this file instead …
---@field from_at integer?       … from this byte on (0) …
---@field from_length integer?   … so many of them (all)
---@field chunked { chunk: integer?, checksum: string?, trailer: string?, sign: table? }?  aws-chunked: bytes in a frame (65536), checksum (host.hash.sum) and the header that carries it behind the body; sign as for host.sigv4.sign_text, with `seed`, the request's signature
---@field to_file string?        write the answer's body there
---@field connect_timeout number? seconds (10)
---@field timeout number?        seconds (none)
---@field low_speed_time number? seconds without a byte (none)
---@field drip_time number? seconds that an answer which has begun may be slower than 256 bytes per second (any)
---@field max_body integer?      bytes (256 MiB)
---@field max_header integer?    bytes (256 KiB)
---@field proxy string?          "" for none
---@field ca string?             file of certificates

--- Completes with { id, status, headers = { [lower name] = value, … }, body, ms, bytes_out, bytes_in }
--- or { id, error = { code, message, sent } }; code is connect, resolve, timeout, tls, reset,
--- too_large, protocol, file or cancelled. Raises on options that can't be meant.
---@param options host.HttpRequest
---@return integer? id
---@return { code: string, message: string }? err
function http.request(options) end

--- Stops a request; it completes with the error "cancelled".
---@param id integer
function http.cancel(id) end

return http
