--- aws-chunked: a body in signed or unsigned chunks, with checksums as trailers. It wraps the
--- payload of S3 uploads. Each chunk's signature covers the one before it, the first the request's.
local gate = require "sim.gate"
local hash = require "cso.std.hash"

local chunked = {}

local EMPTY = hash.sha256_hex("")

--- True when a request's body is wrapped.
---@param req table
---@return boolean
function chunked.applies(req)
  return (req.headers["x-amz-content-sha256"] or ""):find("^STREAMING%-") ~= nil
    or (req.headers["content-encoding"] or ""):find("aws-chunked", 1, true) ~= nil
end

local function checker(req, auth, secret)
  local mode = req.headers["x-amz-content-sha256"] or ""
  local kind = mode:match("^STREAMING%-(AWS4%-.-)%-PAYLOAD")
  if not kind or not auth or not secret then return nil end
  local last = auth.signature
  local stamp, scope = gate.scope(auth)
  return function(what, signature, ...)
    signature = (signature or ""):gsub("%*+$", "") -- asymmetric ones are filled up to one length
    local to_sign = table.concat({ kind .. what, stamp, scope, last, ... }, "\n")
    if not gate.signed(auth, secret, to_sign, signature) then return false end
    last = signature
    return true
  end
end

local BAD = "The chunk signature we calculated does not match the signature you provided."

-- The chunks of a body; returns them and where the trailers begin, or what is wrong.
local function chunks(body, good)
  local at, parts = 1, {}
  while true do
    local size, extension, start = body:match("^(%x+)([^\r\n]*)\r\n()", at)
    if not size or #size > 15 then return nil, "The body is not in chunks.", "IncompleteBody" end
    size = tonumber(size, 16)
    local data = body:sub(start, start + size - 1)
    if #data < size or size > 0 and body:sub(start + size, start + size + 1) ~= "\r\n" then
      return nil, "A chunk is shorter than it says.", "IncompleteBody"
    end
    if good and not good("-PAYLOAD", extension:match("^;chunk%-signature=([^;]*)"), EMPTY, hash.sha256_hex(data)) then
      return nil, BAD, "SignatureDoesNotMatch"
    end
    if size == 0 then return parts, start end
    parts[#parts + 1] = data
    at = start + size + 2
  end
end

local function promised(req, headers)
  for name in (req.headers["x-amz-trailer"] or ""):gmatch("[^,%s]+") do
    if not headers[name:lower()] then return name end
  end
end

-- Trailers become headers; their signature, where there is one, covers them as they came.
local function trailers(req, text, good)
  local lines, signature, found = {}, nil, {}
  for name, value in text:gmatch("([%w%-]+):[ \t]*([^\r\n]*)") do
    name = name:lower()
    if name == "x-amz-trailer-signature" then
      signature = value
    else
      found[name] = value
      lines[#lines + 1] = name .. ":" .. value .. "\n"
    end
  end
  local absent = promised(req, found)
  if absent then return "The trailer " .. absent .. " was announced and did not come.", "MalformedTrailerError" end
  local covered = (req.headers["x-amz-content-sha256"] or ""):find("%-TRAILER$")
  if good and covered and not good("-TRAILER", signature, hash.sha256_hex(table.concat(lines))) then
    return BAD, "SignatureDoesNotMatch"
  end
  for name, value in next, found do req.headers[name] = value end
end

--- Takes the wrapping off. Trailers become headers.
---@param req table
---@param auth table?    from gate.parse, of a request that was let in
---@param secret string? the caller's
---@return string|nil message what is wrong with the body
---@return string|nil code
function chunked.unwrap(req, auth, secret)
  local body, good = req.body or "", checker(req, auth, secret)
  local parts, at, code = chunks(body, good)
  if not parts then return at, code end
  local wrong
  wrong, code = trailers(req, body:sub(at), good)
  if wrong then return wrong, code end
  req.body = table.concat(parts)
  local length = tonumber(req.headers["x-amz-decoded-content-length"])
  if length and length ~= #req.body then
    return "The length is not what x-amz-decoded-content-length says.", "IncompleteBody"
  end
  local rest = {}
  for word in (req.headers["content-encoding"] or ""):gmatch("[^,%s]+") do
    if word ~= "aws-chunked" then rest[#rest + 1] = word end
  end
  req.headers["content-encoding"] = rest[1] and table.concat(rest, ",") or nil
end

return chunked
