--- From a built request and an endpoint to what is sent: address, headers, signature. Pure.
local bounded = require "cso.std.bounded"
local chunks = require "cso.aws.chunks"
local err = require "cso.std.err"
local event_write = require "cso.aws.protocol.event_write"
local file = require "cso.aws.file"
local hash = require "cso.std.hash"
local scalar = require "cso.aws.protocol.scalar"
local sigv4 = require "cso.std.sigv4"

local sign = {}

local encode = scalar.encode

-- Bytes in a frame: S3 wants 8 KiB at least.
local CHUNK = 65536
-- Seconds that a presigned URL may work.
local LONGEST = 7 * 24 * 3600

--- Scheme, authority and base path of an endpoint, with the operation's host prefix.
---@param url string
---@param prefix string?
---@return string? scheme nil when the URL is none
---@return string authority
---@return string path
function sign.split(url, prefix)
  local scheme, authority, path = url:match("^(https?)://([^/?#]+)([^?#]*)$")
  if not scheme then return nil, "", "" end
  return scheme, (prefix or "") .. authority, (path:gsub("/+$", ""))
end

local function query_text(pairs_)
  if not pairs_[1] then return "" end
  local out = {}
  for i, p in ipairs(pairs_) do
    out[i] = p[2] == "" and p[1] or p[1] .. "=" .. p[2]
  end
  return table.concat(out, "&")
end

-- The parts of the addresses that calls went to last: { scheme, host, path, what a Host header says }.
local addresses = bounded.new(64)

local function address(endpoint, prefix)
  local key = prefix and prefix .. "\0" .. endpoint.url or endpoint.url
  local found = addresses:get(key)
  if not found then
    local scheme, host, path = sign.split(endpoint.url, prefix)
    if not scheme then return nil end
    found = { scheme, host, path, (host:gsub(scheme == "https" and ":443$" or ":80$", "")) }
    addresses:put(key, found)
  end
  return found
end

--- Puts address and headers together, unsigned.
---@param request table from the protocol
---@param endpoint table from cso.aws.endpoint
---@return table? prepared { method, url, scheme, host, path, query (encoded), headers, body }
---@return cso.Err? err
function sign.prepare(request, endpoint)
  local to = address(endpoint, request.host_prefix)
  if not to then
    return nil, err.new { code = "InvalidEndpoint", class = "config",
      message = ("%s is not the URL of an endpoint"):format(endpoint.url),
      hint = "an endpoint looks like https://host:port" }
  end
  local path = to[3] .. request.path
  if path == "" then path = "/" end
  local headers, given, query = { { "Host", to[4] } }, request.headers, request.query
  -- Copies: what an attempt changes in its headers is no business of the next one.
  for i = 1, #given do headers[i + 1] = { given[i][1], given[i][2] } end
  if endpoint.headers then
    for name, values in next, endpoint.headers do
      for _, v in ipairs(values) do headers[#headers + 1] = { name, v } end
    end
  end
  local encoded = {}
  for i = 1, #query do encoded[i] = { encode(query[i][1]), encode(query[i][2]) } end
  return {
    method = request.method, scheme = to[1], host = to[2], path = path, query = encoded,
    headers = headers, body = request.body, streaming = request.streaming, trailer = request.trailer,
    events = request.events, live = request.live,
  }
end

---@param p table prepared
---@return string
function sign.url(p)
  local query = query_text(p.query)
  return p.scheme .. "://" .. p.host .. p.path .. (query ~= "" and "?" .. query or "")
end

-- A session of a directory bucket has a header of its own for its token.
local function session_token(p, endpoint, token, presign)
  if endpoint.way ~= "v4-s3express" then return token end
  if presign then p.query[#p.query + 1] = { "X-Amz-S3session-Token", encode(token) }
  else p.headers[#p.headers + 1] = { "x-amz-s3session-token", token } end
  return nil
end

-- S3 in its forms: the body's hash travels as a header.
local hashes_travel = { s3 = true, s3express = true, ["s3-object-lambda"] = true, ["s3-outposts"] = true }

local function options(p, endpoint, keys, time, presign)
  local secret, token = keys.reveal()
  token = session_token(p, endpoint, token, presign)
  local s3 = hashes_travel[endpoint.signing_name] or false
  local region_set = endpoint.way == "v4a" and (endpoint.region_set or endpoint.signing_region) or nil
  return {
    region_set = region_set, method = p.method, path = p.path, query = p.query, headers = p.headers,
    body = p.body, access_key = keys.access_key, secret_key = secret, token = token,
    region = endpoint.signing_region, service = endpoint.signing_name, time = time,
    double_encode = endpoint.double_encode, normalize = endpoint.double_encode,
    content_sha256 = s3,
  }
end

-- Who signs what follows a request's own signature.
local function signer(o)
  return { access_key = o.access_key, secret_key = o.secret_key, region = o.region,
    region_set = o.region_set, service = o.service, time = o.time }
end

local function event_word(endpoint)
  return ("STREAMING-AWS4-%s-SHA256-EVENTS"):format(endpoint.way == "v4a" and "ECDSA-P256" or "HMAC")
end

-- Which word of S3 says how a body is framed and signed.
local function streaming_word(endpoint, trailer)
  if not endpoint then return "STREAMING-UNSIGNED-PAYLOAD-TRAILER" end
  return ("STREAMING-AWS4-%s-SHA256-PAYLOAD%s"):format(endpoint.way == "v4a" and "ECDSA-P256" or "HMAC",
    trailer and "-TRAILER" or "")
end

--- Frames a body that is a file, so that it is read once: its checksum travels behind it, and where
--- TLS does not protect it, or where somebody wants it (s3.payload_signing_enabled), each chunk is signed.
---@param p table  prepared; changed in place, also by a `chunked` for the transport
---@param endpoint table?  nil: the request is not signed
---@return string? word  instead of the body's hash; nil: this body is no file
function sign.frame(p, endpoint)
  if not file.is(p.body) then return nil end
  local trailer = p.trailer
  local signs = endpoint ~= nil and (p.scheme == "http" or p.sign_payload == true)
  if not trailer and not signs then return "UNSIGNED-PAYLOAD" end
  local word = streaming_word(signs and endpoint or nil, trailer)
  local headers = p.headers
  local encoding
  for _, h in ipairs(headers) do
    if h[1]:lower() == "content-encoding" then encoding = h end
  end
  if encoding then
    encoding[2] = encoding[2] .. ",aws-chunked"
  else
    headers[#headers + 1] = { "Content-Encoding", "aws-chunked" }
  end
  headers[#headers + 1] = { "X-Amz-Decoded-Content-Length", tostring(p.body.length) }
  if trailer then headers[#headers + 1] = { "X-Amz-Trailer", trailer.name } end
  if not endpoint then headers[#headers + 1] = { "x-amz-content-sha256", word } end
  p.chunked = { chunk = CHUNK, checksum = trailer and trailer.checksum, trailer = trailer and trailer.name,
    sign = signs or nil }
  return word
end

--- Signs a prepared request in its headers.
---@param p table changed in place
---@param endpoint table
---@param keys table
---@param time integer epoch seconds
---@param unsigned_payload boolean?
---@return table? stages { canonical_request, string_to_sign, signature }
---@return table? err
function sign.headers(p, endpoint, keys, time, unsigned_payload)
  local s3 = endpoint.signing_name:sub(1, 2) == "s3"
  local word = s3 and sign.frame(p, endpoint) or p.events and event_word(endpoint)
    or unsigned_payload and "UNSIGNED-PAYLOAD"
  local o = options(p, endpoint, keys, time)
  if word then
    o.body, o.body_hash, o.content_sha256 = nil, word, true
  elseif file.is(p.body) then
    local sum, why = hash.file_sum("sha256", p.body.path, p.body.from, p.body.length)
    if not sum then return nil, why end
    o.body, o.body_hash = nil, hash.hex_encode(sum)
  end
  local signed, why = sigv4.sign(o)
  if not signed then return nil, why end
  if p.chunked and p.chunked.sign then
    p.chunked.sign = signer(o)
    p.chunked.sign.seed = signed.signature
  elseif p.live and p.events then
    p.who, p.seed = signer(o), signed.signature
  elseif p.events then
    p.body, why = event_write.body(signer(o), signed.signature, p.events, chunks.stages)
    if not p.body then return nil, why end
  end
  local headers, more = p.headers, signed.headers
  table.move(more, 1, #more, #headers + 1, headers)
  return signed
end

-- A form's fields fit into the URL as well, and whoever has the URL need not send a body.
local function form_to_query(p)
  local kept = {}
  for _, h in ipairs(p.headers) do
    if h[1]:lower() ~= "content-type" then
      kept[#kept + 1] = h
    elseif not h[2]:find("^application/x%-www%-form%-urlencoded") then
      return
    end
  end
  p.headers = kept
  for name, value in (p.body or ""):gmatch("([^&=]+)=?([^&]*)") do
    p.query[#p.query + 1] = { name, value }
  end
  p.body = ""
end

--- Signs a prepared request in its query string; all of its headers must be sent with it.
---@param p table changed in place
---@param endpoint table
---@param keys table
---@param time integer
---@param expires integer seconds, 1 to 604800
---@return table? stages
---@return table? err
function sign.presign(p, endpoint, keys, time, expires)
  if math.type(expires) ~= "integer" or expires < 1 or expires > LONGEST then
    return nil, { code = "usage", class = "usage", message = "a URL lives for 1 second to 7 days" }
  end
  if type(p.body) == "string" then form_to_query(p) end
  local o = options(p, endpoint, keys, time, true)
  o.presign, o.content_sha256 = expires, false
  if endpoint.signing_name:match("^s3") then o.body, o.body_hash = nil, "UNSIGNED-PAYLOAD" end
  if file.is(o.body) then
    return nil, { code = "usage", class = "usage", message = "a URL can't carry a file" }
  end
  local signed, why = sigv4.sign(o)
  if not signed then return nil, why end
  for _, q in ipairs(signed.query) do p.query[#p.query + 1] = q end
  return signed
end

return sign
