---@meta host.fs

--- Failures are nil, { code, message }; code is errno's name in lower case.
---@class host.fs
local fs = {}

---@class host.Box
local Box = {}
--- Safe to call twice.
function Box:close() end

---@param path string
---@param max integer? bytes (1 GiB)
---@return string?
---@return table? err
function fs.read(path, max) end

--- Readers see the old content or the new one, also after a power cut.
---@param path string
---@param data string
---@param mode integer? (420: rw-r--r--)
---@return true?
---@return table? err
function fs.write_atomic(path, data, mode) end

---@param path string
---@param data string
---@return true?
---@return table? err
function fs.append_sync(path, data) end

---@param path string
---@param mode integer? (493: rwxr-xr-x)
---@return true?
---@return table? err
function fs.mkdir_p(path, mode) end

--- A file or an empty directory.
---@param path string
---@return true?
---@return table? err
function fs.remove(path) end

--- On disk when it returns.
---@param from string
---@param to string
---@return true?
---@return table? err
function fs.rename(from, to) end

---@param path string
---@return { type: string, size: integer, mode: integer, mtime: number }?
---@return table? err
function fs.stat(path) end

--- Sorted names.
---@param path string
---@return string[]?
---@return table? err
function fs.list(path) end

---@param path string
---@return string?
---@return table? err
function fs.real(path) end

--- Directory of the running binary.
---@return string
function fs.exe_dir() end

--- Ends with close(), or with the process. err.code "locked": err.pid is who has it.
---@param path string
---@return host.Box?
---@return table? err
function fs.lock(path) end

return fs
