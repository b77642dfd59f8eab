--- Compresses the bodies of the operations that want it, from a size on that is worth it.
local err = require "cso.std.err"
local gzip = require "cso.std.gzip"

local compress = {}

local DEFAULT_MIN, MOST = 10240, 1048576

--- What the configuration says.
---@param config table? cso.aws.Config
---@return integer? min bytes; nil when compression is switched off
---@return cso.Err? err class "config"
function compress.minimum(config)
  if not config then return DEFAULT_MIN end
  if config:flag("AWS_DISABLE_REQUEST_COMPRESSION", "disable_request_compression") then return nil end
  local text = config:get("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "request_min_compression_size_bytes")
  if not text then return DEFAULT_MIN end
  local n = math.tointeger(tonumber(text))
  if n and n >= 0 and n <= MOST then return n end
  return nil, err.new { code = "InvalidSetting", class = "config",
    message = ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES (request_min_compression_size_bytes) must be 0 to %d, is %s")
      :format(MOST, text) }
end

--- Compresses a built request in place.
---@param op table
---@param request table
---@param min integer?
function compress.apply(op, request, min)
  local trait = op.requestcompression
  if not trait or not min or type(request.body) ~= "string" or #request.body < min then return end
  local gzips = false
  for _, name in ipairs(trait.encodings or {}) do gzips = gzips or name == "gzip" end
  if not gzips then return end
  request.body = gzip.deflate(request.body)
  for _, h in ipairs(request.headers) do
    if h[1]:lower() == "content-encoding" then
      h[2] = h[2] .. ", gzip"
      return
    end
  end
  request.headers[#request.headers + 1] = { "Content-Encoding", "gzip" }
end

return compress
