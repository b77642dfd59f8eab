--- Glacier wants each upload with its hash, and with one made as a tree over its mebibytes.
local file = require "cso.aws.file"
local hash = require "cso.std.hash"

local glacier = {}

local LEAF = 1 << 20

local uploads = { UploadArchive = true, UploadMultipartPart = true }

--- The root of a tree of hashes.
---@param leaves string[] raw SHA-256, used up
---@return string raw
function glacier.root(leaves)
  while #leaves > 1 do
    local above = {}
    for i = 1, #leaves, 2 do
      above[#above + 1] = leaves[i + 1] and hash.sha256(leaves[i] .. leaves[i + 1]) or leaves[i]
    end
    leaves = above
  end
  return leaves[1]
end

-- SHA-256 of a piece of what is sent: bytes, or a file.
local function piece(body, from, length)
  if type(body) == "string" then return hash.sha256(body:sub(from + 1, from + length)) end
  return hash.file_sum("sha256", body.path, (body.from or 0) + from, length)
end

--- The tree hash of a body.
---@param body string|cso.aws.File
---@return string? hex
---@return table? err
function glacier.tree_hash(body)
  local length = type(body) == "string" and #body or body.length
  local leaves = {}
  for from = 0, math.max(length - 1, 0), LEAF do
    local sum, e = piece(body, from, math.min(LEAF, length - from))
    if not sum then return nil, e end
    leaves[#leaves + 1] = sum
  end
  return hash.hex_encode(glacier.root(leaves))
end

local function put(headers, name, value)
  for _, h in ipairs(headers) do
    if h[1]:lower() == name then return end
  end
  headers[#headers + 1] = { name, value }
end

--- Adjusts a built request.
---@param S table
---@param op table
---@param request table
---@return table? err
function glacier.request(S, op, request)
  put(request.headers, "x-amz-glacier-version", S:metadata().apiVersion)
  local body = request.body or ""
  if not uploads[op.name] or not (type(body) == "string" or file.is(body)) then return nil end
  local tree, e = glacier.tree_hash(body)
  local all
  if tree then all, e = piece(body, 0, type(body) == "string" and #body or body.length) end
  if not all then
    return { code = "file", class = "config", message = ("%s cannot be read: %s"):format(tostring(body.path),
      e and e.message or "no reason was given") }
  end
  put(request.headers, "x-amz-content-sha256", hash.hex_encode(all))
  put(request.headers, "x-amz-sha256-tree-hash", tree)
  return nil
end

return glacier
