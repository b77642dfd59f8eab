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
---@field to_at integer?        … from this byte on, the rest of it stays; without it the file begins anew. What a failure says (status 300 and more) is the body, in memory
---@field to_sum string?        … and have its checksum of that name (host.hash.sum) in `sum`
---@field stream boolean?       the answer is read by http.read while it comes
---@field feed boolean?         the body is given by http.feed while it is sent
---@field connect_timeout number? seconds (10)
---@field timeout number?        seconds (none)
---@field low_speed_time number? seconds without a byte (none)
---@field drip_time number? seconds that an answer which has begun may be slower than 256 bytes per second (any)
---@field max_body integer?      bytes (256 MiB)
---@field max_header integer?    bytes (256 KiB)
---@field proxy string?          "" for none
---@field ca string?             file of certificates

--- Completes with { id, status, headers = { [lower name] = value, … }, body, sum?, received?, ms, bytes_out, bytes_in }
--- or { id, error = { code, message, sent, status?, headers?, received? } }, the latter of an answer that broke off; code is connect, resolve, timeout, tls, reset,
--- too_large, protocol, file or cancelled. Raises on options that can't be meant.
---@param options host.HttpRequest
---@return integer? id
---@return { code: string, message: string }? err
function http.request(options) end

--- Asks for the next bytes of a streamed answer; completes with { status, headers (the first time), data, over }.
--- At the end the request's own completion follows, with what was not read as its body.
---@param id integer  of the request
---@return integer? id  nil: the request is over
function http.read(id) end

--- Gives the next bytes of a body; completes when they have been taken, with `over` when nobody listens any more.
---@param id integer  of the request
---@param bytes string
---@param last boolean?
---@return integer? id  nil: the request is over, or earlier bytes have not been taken
function http.feed(id, bytes, last) end

--- Stops a request; it completes with the error "cancelled".
---@param id integer
function http.cancel(id) end

return http
