--- A file, or a part of one, in the place of a body that is sent as a stream: it is read while it is
--- sent and never held whole.
local err = require "cso.std.err"
local fs = require "cso.std.fs"

local file = {}

---@class cso.aws.File
---@field path string
---@field from integer   first byte, from zero
---@field length integer
local File = {}
File.__index = File
File.__name = "cso.aws.File"

function File:__len() return self.length end

function File:__tostring() return ("(file %s, %d bytes)"):format(self.path, self.length) end

--- A file as a body.
---@param path string
---@param part { from: integer?, length: integer? }?  the whole by default
---@return cso.aws.File? file
---@return cso.Err? err  class usage
function file.of(path, part)
  local from, length = part and part.from or 0, part and part.length
  local about, why = fs.stat(path)
  if not about or about.type ~= "file" then
    return nil, err.new { code = "file", class = "usage", cause = why,
      message = ("can't send %s: %s"):format(path, about and "it is no file" or why.message) }
  end
  if from > about.size or from + (length or 0) > about.size then
    return nil, err.new { code = "file", class = "usage",
      message = ("can't send bytes from %d of %s: it has %d"):format(from, path, about.size) }
  end
  return setmetatable({ path = path, from = from, length = length or about.size - from }, File)
end

---@param v any
---@return boolean
function file.is(v) return getmetatable(v) == File end

return file
