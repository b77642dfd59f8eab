--- The process itself: environment, core files, exit (see host.proc); and which process a number means.
local host = require "host.proc"

local proc = setmetatable({}, { __index = host })

local BEGAN = 20 -- where the time of its beginning stands behind a process's name

local function text_of(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text
end

--- What a process has that no other one with its number has: the boot of its machine and when it began. Numbers come
--- again; this does not.
---@param pid integer
---@return string? birth  nil: there is none of that number here, it has ended and nobody asked how, or the system
---  does not tell
---@return boolean? ended  true where it surely has
function proc.birth(pid)
  local stat = math.type(pid) == "integer" and text_of(("/proc/%d/stat"):format(pid))
  local boot = stat and text_of "/proc/sys/kernel/random/boot_id"
  if not boot then return nil end
  local field = 0
  -- Its name may hold blanks and brackets; behind the last one stand numbers.
  for word in (stat:match "^.*%)(.*)$" or ""):gmatch "%S+" do
    field = field + 1
    -- What was killed stands there until its parent asks for its end, for ever where that one never does.
    if field == 1 and word:find "[ZX]" then return nil, true end
    if field == BEGAN then return boot:match "%S+" .. ":" .. word end
  end
end

--- Where numbers of processes mean what they mean here: a container has its own.
---@return string? space   nil where the system does not tell
function proc.space() return (require("lfs").symlinkattributes("/proc/self/ns/pid", "target")) end

--- Whether the process runs that wrote down its number, birth and space. Without a process table, or with one that
--- shows nobody else's processes, the system still says whether there is one of that number.
---@param pid integer?
---@param birth string?
---@param space string?
---@return boolean?   nil: nobody here can tell
function proc.runs(pid, birth, space)
  if math.type(pid) ~= "integer" or pid < 1 then return false end
  local here = proc.space()
  if space and here and space ~= here then return nil end
  local now, ended = proc.birth(pid)
  if ended then return false end
  if birth and now then return birth == now end
  local ok, _, code = require("luv").kill(pid, 0)
  if not ok and code == "ESRCH" then return false end
  return nil
end

return proc
