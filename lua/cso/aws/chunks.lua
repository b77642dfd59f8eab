--- aws-chunked bodies, stage by stage: what each frame's signature covers, and the frames. The host
--- does the same while it sends a body (host.http's `chunked`). Pure.
local hash = require "cso.std.hash"
local sigv4 = require "cso.std.sigv4"

local chunks = {}

local EMPTY = hash.sha256_hex ""
local ECDSA_WIDTH = 144

---@class cso.aws.Signer
---@field access_key string
---@field secret_key string
---@field region string?      or region_set, for asymmetric signatures
---@field region_set string?
---@field service string
---@field time integer        epoch seconds

---@class cso.aws.Stages
---@field string_to_sign string
---@field signature string    hex

local function place(who)
  return { region = who.region, region_set = who.region_set, service = who.service, time = who.time }
end

--- The stages of a signature over a string to sign that is made of a kind and some lines.
---@param who cso.aws.Signer
---@param kind string  what stands behind the algorithm's name: "-PAYLOAD", "-TRAILER"
---@param lines string[]
---@return cso.aws.Stages? stages
---@return table? err
function chunks.stages(who, kind, lines)
  local date, scope, algorithm = sigv4.scope(place(who))
  local text = table.concat({ algorithm .. kind, date, scope, table.unpack(lines) }, "\n")
  local signature, e = sigv4.sign_text { access_key = who.access_key, secret_key = who.secret_key,
    region = who.region, region_set = who.region_set, service = who.service, time = who.time, text = text }
  if not signature then return nil, e end
  return { string_to_sign = text, signature = signature }
end

--- The signature of a chunk.
---@param who cso.aws.Signer
---@param previous string  the signature before it: the request's, for the first chunk
---@param data string      "" for the chunk that ends a body
---@return cso.aws.Stages? stages
---@return table? err
function chunks.chunk(who, previous, data)
  return chunks.stages(who, "-PAYLOAD", { previous, EMPTY, hash.sha256_hex(data) })
end

--- The signature of the trailers behind a body.
---@param who cso.aws.Signer
---@param previous string       the last chunk's
---@param trailers string[][]   { name, value } pairs
---@return cso.aws.Stages? stages
---@return table? err
function chunks.trailer(who, previous, trailers)
  local lines = {}
  for i, t in ipairs(trailers) do lines[i] = t[1]:lower() .. ":" .. t[2] .. "\n" end
  return chunks.stages(who, "-TRAILER", { previous, hash.sha256_hex(table.concat(lines)) })
end

-- Asymmetric signatures vary in length; bodies must not.
local function padded(who, signature)
  return who.region_set and signature .. ("*"):rep(ECDSA_WIDTH - #signature) or signature
end

--- A chunk as it goes over the wire.
---@param data string
---@param signature string?  padded already
---@return string
function chunks.frame(data, signature)
  local extension = signature and ";chunk-signature=" .. signature or ""
  return ("%x%s\r\n%s%s"):format(#data, extension, data, data ~= "" and "\r\n" or "")
end

--- A whole body in chunks.
---@param body string
---@param o { who: cso.aws.Signer?, seed: string?, chunk: integer?, trailers: string[][]? }
---   without `who` nothing is signed; `seed` is the request's signature
---@return string? framed
---@return table? err
function chunks.body(body, o)
  local out, last, size = {}, o.seed, o.chunk or 65536
  local function add(data)
    local stages, e
    if o.who then
      stages, e = chunks.chunk(o.who, last, data)
      if not stages then return nil, e end
      last = stages.signature
    end
    out[#out + 1] = chunks.frame(data, stages and padded(o.who, last))
    return true
  end
  for from = 1, #body, size do
    local ok, e = add(body:sub(from, from + size - 1))
    if not ok then return nil, e end
  end
  local ok, e = add ""
  if not ok then return nil, e end
  for _, t in ipairs(o.trailers or {}) do out[#out + 1] = t[1]:lower() .. ":" .. t[2] .. "\r\n" end
  if o.who and o.trailers then
    local stages
    stages, e = chunks.trailer(o.who, last, o.trailers)
    if not stages then return nil, e end
    out[#out + 1] = "x-amz-trailer-signature:" .. padded(o.who, stages.signature) .. "\r\n"
  end
  out[#out + 1] = "\r\n"
  return table.concat(out)
end

return chunks
