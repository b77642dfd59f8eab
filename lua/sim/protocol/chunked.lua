--- aws-chunked: a body in signed or unsigned chunks, with checksums as trailers. It wraps the
--- payload of S3 uploads; the signatures of single chunks are not checked, only the request's.
local chunked = {}

--- True when a request's body is wrapped.
---@param req table
---@return boolean
function chunked.applies(req)
  return (req.headers["x-amz-content-sha256"] or ""):find("^STREAMING%-") ~= nil
end

--- Takes the wrapping off. Trailers become headers.
---@param req table
---@return string|nil message what is wrong with the body
function chunked.unwrap(req)
  local body, at, parts = req.body or "", 1, {}
  while true do
    local size, stop = body:match("^(%x+)[^\r\n]*\r\n()", at)
    if not size then return "The body is not in chunks." end
    size = tonumber(size, 16)
    if size == 0 then
      at = stop
      break
    end
    if #body < stop + size + 1 or body:sub(stop + size, stop + size + 1) ~= "\r\n" then
      return "A chunk is shorter than it says."
    end
    parts[#parts + 1] = body:sub(stop, stop + size - 1)
    at = stop + size + 2
  end
  for name, value in body:sub(at):gmatch("([%w%-]+):%s*([^\r\n]*)") do
    req.headers[name:lower()] = value
  end
  req.body = table.concat(parts)
  local length = tonumber(req.headers["x-amz-decoded-content-length"])
  if length and length ~= #req.body then return "The length is not what x-amz-decoded-content-length says." end
  local rest = {}
  for word in (req.headers["content-encoding"] or ""):gmatch("[^,%s]+") do
    if word ~= "aws-chunked" then rest[#rest + 1] = word end
  end
  req.headers["content-encoding"] = rest[1] and table.concat(rest, ",") or nil
end

return chunked
