--- Reading and writing of model files: JSON, plain or gzip, and directories.
local err = require "cso.std.err"
local gzip = require "cso.std.gzip"
local json = require "cso.std.json"
local lfs = require "lfs"

local files = {}

-- No model is a tenth of this; a file that unpacks to more is not one.
local MOST = 1 << 28

---@param path string
---@return "file"|"directory"|nil
function files.kind(path) return (lfs.attributes(path, "mode")) end

--- Names in a directory, sorted, without . and ..; empty when it is none.
---@param path string
---@return string[]
function files.list(path)
  local names = {}
  if files.kind(path) ~= "directory" then return names end
  for name in lfs.dir(path) do
    if name ~= "." and name ~= ".." then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

--- A path with all directories above it made.
---@param path string
function files.make_parents(path)
  for at in path:gmatch("()/") do
    if at > 1 then lfs.mkdir(path:sub(1, at - 1)) end
  end
end

local function failure(path, e)
  return err.new { code = "models", class = "config", message = ("%s: %s"):format(path, e) }
end

---@param path string
---@return string? bytes, cso.Err? err
function files.read(path)
  local f, e = io.open(path, "rb")
  if not f then return nil, failure(path, (e:gsub("^.*: ", ""))) end
  local bytes = f:read("a")
  f:close()
  if not bytes then return nil, failure(path, "can't be read") end
  return bytes
end

---@param path string
---@param bytes string
---@return boolean? ok, cso.Err? err
function files.write(path, bytes)
  files.make_parents(path)
  local f, e = io.open(path, "wb")
  if not f then return nil, failure(path, e) end
  local ok, why = f:write(bytes)
  local closed, late = f:close()
  if not ok or not closed then return nil, failure(path, why or late) end
  return true
end

--- `path` or `path.gz`, whichever exists.
---@param path string
---@return string?
function files.either(path)
  for _, one in ipairs { path, path .. ".gz" } do
    if files.kind(one) == "file" then return one end
  end
end

--- A JSON file, gzip or not (told by its first bytes).
---@param path string
---@return any value, cso.Err|string  the error, or the file's bytes as they are on disk
function files.read_json(path)
  local bytes, e = files.read(path)
  if not bytes then return nil, e end
  local text = bytes
  if bytes:sub(1, 2) == "\x1f\x8b" then
    local why
    text, why = gzip.inflate(bytes, MOST)
    if not text then return nil, failure(path, why.message) end
  end
  local value, why = json.decode(text, { name = path })
  if value == nil then return nil, err.wrap(why, "config") end
  return value, bytes, text
end

--- Writes a value so that equal values give equal bytes.
---@param path string
---@param value any
---@return boolean? ok, cso.Err? err
function files.write_json(path, value)
  local text = json.encode(value)
  if path:match("%.gz$") then text = gzip.deflate(text) end
  return files.write(path, text)
end

return files
