--- Who is asking? Signature version 4 is recomputed here from the request as it arrived, by a
--- second implementation: the client's signer and this one check each other. Of asymmetric
--- signatures (SigV4a) the text is made here, and the host says whether the key signed it.
local hash = require "cso.std.hash"
local sigv4 = require "cso.std.sigv4"
local text = require "sim.protocol.text"

local gate = {}

local SKEW = 15 * 60
local DAY_KEY_LIMIT = 512

-- The refusals as each family of services words them: { code, status }.
local refusals = {
  ec2 = { missing = { "MissingAuthenticationToken", 403 }, key = { "AuthFailure", 401 },
    signature = { "SignatureDoesNotMatch", 403 }, skew = { "RequestExpired", 400 } },
  query = { missing = { "MissingAuthenticationToken", 403 }, key = { "InvalidClientTokenId", 403 },
    signature = { "SignatureDoesNotMatch", 403 }, skew = { "SignatureDoesNotMatch", 403 } },
  json = { missing = { "MissingAuthenticationTokenException", 400 }, key = { "UnrecognizedClientException", 400 },
    signature = { "InvalidSignatureException", 400 }, skew = { "InvalidSignatureException", 400 } },
  ["rest-json"] = { missing = { "MissingAuthenticationTokenException", 403 },
    key = { "UnrecognizedClientException", 403 }, signature = { "InvalidSignatureException", 403 },
    skew = { "InvalidSignatureException", 403 } },
  ["rest-xml"] = { missing = { "MissingAuthenticationToken", 403 }, key = { "InvalidClientTokenId", 403 },
    signature = { "SignatureDoesNotMatch", 403 }, skew = { "SignatureDoesNotMatch", 403 } },
  s3 = { missing = { "AccessDenied", 403 }, key = { "InvalidAccessKeyId", 403 },
    signature = { "SignatureDoesNotMatch", 403 }, skew = { "RequestTimeTooSkewed", 403 },
    expired = { "AccessDenied", 403 }, token = { "InvalidToken", 400 } },
}
refusals.cbor = refusals.json

local messages = {
  missing = "Request is missing Authentication Token",
  key = "The security token included in the request is invalid.",
  token = "The security token included in the request is invalid.",
  expired_token = "The security token included in the request is expired",
  signature = "The request signature we calculated does not match the signature you provided. "
    .. "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  expired = "Request has expired",
}

--- The fault for a refusal.
---@param kind string
---@param protocol string?
---@param service string?
---@param message string?
---@return table
function gate.refuse(kind, protocol, service, message)
  local family = refusals[service == "s3" and "s3" or protocol] or refusals.query
  local entry = family[kind] or (kind == "expired" and family.skew) or family.key
  if kind == "expired_token" then entry = { protocol == "ec2" and "RequestExpired" or "ExpiredToken", entry[2] } end
  return { code = entry[1], status = entry[2], message = message or messages[kind] or messages.key }
end

local HMAC, ECDSA = "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"

-- Asymmetric signatures name their regions in a header or the query; the first stands for the call.
local function set_scope(credential, regions)
  local key, date, service = credential:match("^([^/]+)/(%d%d%d%d%d%d%d%d)/([^/]+)/aws4_request$")
  if not key or not regions or regions == "" then return nil end
  local first = regions:match("^[^,*]+") or "us-east-1"
  return { access_key = key, date = date, region = first:gsub("%-$", ""), service = service, regions = regions }
end

local function scope_of(credential, algorithm, regions)
  if algorithm == ECDSA then return set_scope(credential, regions) end
  if algorithm ~= HMAC then return nil end
  local key, date, region, service = credential:match("^([^/]+)/(%d%d%d%d%d%d%d%d)/([^/]+)/([^/]+)/aws4_request$")
  if key then return { access_key = key, date = date, region = region, service = service } end
end

--- Reads the credential scope of a signed or presigned request.
---@param req table
---@return table|nil auth, string? problem "missing"|"signature"
function gate.parse(req)
  local line = req.headers.authorization
  if line then
    local algorithm, fields = line:match("^(%S+)%s+(.*)$")
    if algorithm ~= HMAC and algorithm ~= ECDSA then return nil, "missing" end
    local auth = scope_of(fields:match("Credential=([^,%s]+)") or "", algorithm, req.headers["x-amz-region-set"])
    if not auth then return nil, "signature" end
    auth.signed = fields:match("SignedHeaders=([^,%s]+)")
    auth.signature = fields:match("Signature=(%x+)")
    auth.time = req.headers["x-amz-date"] or req.headers.date
    auth.token = req.headers["x-amz-security-token"]
    auth.session = req.headers["x-amz-s3session-token"]
    if not (auth.signed and auth.signature and auth.time) then return nil, "signature" end
    return auth
  end
  if not (req.query or ""):find("X-Amz-Signature=", 1, true) then return nil, "missing" end
  local q = {}
  for _, p in ipairs(text.pairs(req.query)) do q[p[1]] = p[2] end
  local auth = scope_of(q["X-Amz-Credential"] or "", q["X-Amz-Algorithm"], q["X-Amz-Region-Set"])
  if not auth then return nil, "signature" end
  auth.signed, auth.signature, auth.time = q["X-Amz-SignedHeaders"], q["X-Amz-Signature"], q["X-Amz-Date"]
  auth.token, auth.expires, auth.presigned = q["X-Amz-Security-Token"], tonumber(q["X-Amz-Expires"]), true
  auth.session = q["X-Amz-S3session-Token"]
  if not (auth.signed and auth.time and auth.expires) then return nil, "signature" end
  return auth
end

local function canonical_query(raw)
  if not raw or raw == "" then return "" end
  local list = {}
  for _, p in ipairs(text.pairs(raw)) do
    if p[1] ~= "X-Amz-Signature" then list[#list + 1] = { text.encode(p[1]), text.encode(p[2]) } end
  end
  table.sort(list, function(a, b)
    if a[1] ~= b[1] then return a[1] < b[1] end
    return a[2] < b[2]
  end)
  for i, p in ipairs(list) do list[i] = p[1] .. "=" .. p[2] end
  return table.concat(list, "&")
end

local s3 = { s3 = true, s3express = true }

local function canonical_path(path, service)
  if path == "/" or path == "" then return "/" end
  if s3[service] then return path end
  -- Every other service signs the path with dot segments removed and encoded once more.
  local out = {}
  for part in path:gmatch("[^/]+") do
    if part == ".." then out[#out] = nil elseif part ~= "." then out[#out + 1] = text.encode(part) end
  end
  return "/" .. table.concat(out, "/") .. ((#out > 0 and path:sub(-1) == "/") and "/" or "")
end

local function payload_hash(req, auth)
  local given = req.headers["x-amz-content-sha256"]
  if given and not given:match("^%x+$") then return given end
  if auth.presigned and s3[auth.service] then return given or "UNSIGNED-PAYLOAD" end
  local real = hash.sha256_hex(req.body or "")
  if given and given ~= real then return nil end
  return real
end

-- The names in a SignedHeaders list; clients send the same few lists all the time.
local lists, list_count = {}, 0

local function signed_names(signed)
  local names = lists[signed]
  if not names then
    if list_count >= 256 then lists, list_count = {}, 0 end
    names = { set = {} }
    for name in signed:gmatch("[^;]+") do
      names[#names + 1] = name
      names.set[name] = true
    end
    lists[signed], list_count = names, list_count + 1
  end
  return names
end

local function canonical_headers(req, signed)
  local names, values = signed_names(signed), {}
  if not names.set.host then return nil end
  for _, h in ipairs(req.raw_headers) do
    local name, v = h[1]:lower(), h[2]
    if names.set[name] then
      if v:find("^%s") or v:find("  ", 1, true) or v:find("%s$") then
        v = v:match("^%s*(.-)%s*$"):gsub("%s+", " ")
      end
      values[name] = values[name] and values[name] .. "," .. v or v
    end
  end
  local out = {}
  for i, name in ipairs(names) do
    if not values[name] then return nil end
    out[i] = name .. ":" .. values[name] .. "\n"
  end
  return table.concat(out)
end

-- The last time stamp that was read: a burst of requests bears the same second.
local last_text, last_time

local function time_of(stamp)
  if stamp ~= last_text then last_text, last_time = stamp, text.time(stamp) end
  return last_time
end

local keys, key_count = {}, 0

local function signing_key(secret, auth)
  local id = secret .. "/" .. auth.date .. "/" .. auth.region .. "/" .. auth.service
  local k = keys[id]
  if not k then
    if key_count >= DAY_KEY_LIMIT then keys, key_count = {}, 0 end
    k = hash.hmac_sha256("AWS4" .. secret, auth.date)
    k = hash.hmac_sha256(k, auth.region)
    k = hash.hmac_sha256(k, auth.service)
    k = hash.hmac_sha256(k, "aws4_request")
    keys[id], key_count = k, key_count + 1
  end
  return k
end

--- Whether a signature over a text is the caller's; for chunks of a body too.
---@param auth table from gate.parse
---@param secret string
---@param to_sign string
---@param signature string
---@return boolean
function gate.signed(auth, secret, to_sign, signature)
  if auth.regions then return sigv4.verify_text(auth.access_key, secret, to_sign, signature) end
  return hash.equal(hash.hex_encode(hash.hmac_sha256(signing_key(secret, auth), to_sign)), signature)
end

--- The middle lines of every text that is signed: when, and for what.
---@param auth table
---@return string stamp
---@return string scope
function gate.scope(auth)
  local place = auth.regions and "" or auth.region .. "/"
  return auth.time, auth.date .. "/" .. place .. auth.service .. "/aws4_request"
end

--- Checks signature, age and token of a parsed request.
---@param req table
---@param auth table from gate.parse
---@param secret string
---@param now number wall clock, epoch seconds (signatures live in real time)
---@return boolean ok, string? kind, string? message
function gate.verify(req, auth, secret, now)
  local at = time_of(auth.time)
  if not at or auth.time:gsub("%D", ""):sub(1, 8) ~= auth.date and auth.time:match("^%d") then
    return false, "signature", "Date in Credential scope does not match the date of the request"
  end
  if auth.presigned then
    if now > at + auth.expires then return false, "expired" end
    if at > now + SKEW then return false, "skew", "Signature not yet current: " .. auth.time end
  elseif math.abs(now - at) > SKEW then
    local stamp = os.date("!%Y%m%dT%H%M%SZ", math.floor(now))
    return false, "skew", at < now
      and ("Signature expired: %s is now earlier than %s - 15 min."):format(auth.time, stamp)
      or ("Signature not yet current: %s is still later than %s + 15 min."):format(auth.time, stamp)
  end
  local body, headers = payload_hash(req, auth), canonical_headers(req, auth.signed)
  if not body then return false, "signature", "The provided 'x-amz-content-sha256' header does not match what was computed." end
  if not headers then return false, "signature" end
  local request = table.concat({ req.method, canonical_path(req.raw_path, auth.service),
    canonical_query(req.query), headers, auth.signed, body }, "\n")
  if not auth.time:find("^%d+T%d+Z$") then auth.time = os.date("!%Y%m%dT%H%M%SZ", math.floor(at)) end
  local stamp, scope = gate.scope(auth)
  local to_sign = table.concat({ auth.regions and ECDSA or HMAC, stamp, scope, hash.sha256_hex(request) }, "\n")
  if not gate.signed(auth, secret, to_sign, auth.signature) then return false, "signature" end
  return true
end

return gate
