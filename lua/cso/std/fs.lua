--- Files: the host's, with failures as errors of class "config".
---
--- read(path[, max]) -> bytes; write_atomic(path, data[, mode]) -> true (readers see the old content
--- or the new one, also after a power cut); append_sync(path, data) -> true; mkdir_p(path[, mode])
--- -> true; remove(path), rename(from, to) -> true; stat(path) -> { type, size, mode, mtime };
--- list(path) -> sorted names; real(path), exe_dir() -> path; lock(path) -> box with close(), freed
--- at the latest with the process. Each gives nil and an error otherwise: code is errno's name in
--- lower case ("enoent"), or "locked" with the holder's `pid`.
local err = require("cso.std.err")
local host = require("host.fs")

local fs = {}

local function checked(value, ...)
  if value ~= nil then return value, ... end
  return nil, err.wrap((...), "config")
end

for name, fn in pairs(host) do
  fs[name] = function(...) return checked(fn(...)) end
end

--- Whether a path is that of a device, a pipe or a socket. It is written to, or refused; a file that took its name, as
--- one that is fetched does once it is whole, would be the end of it: of /dev/null, say.
---@param path string
---@return boolean
function fs.is_no_file(path)
  if path:find "^/dev/" and not path:find "^/dev/shm/" then return true end
  local found = host.stat(path)
  return found ~= nil and found.type == "other"
end

return fs
