--- Where in the user's own files something happens.
--- Playbooks, modules and templates are marked by the chunk names that they are loaded under, so
--- that an error names the user's line and never a line of csorun's own code.
local where = {}

local marked = {}
local getinfo = debug.getinfo

--- Marks a chunk name ("@playbooks/prod.lua") as a user's file.
---@param source string  as given to `load`
---@param shown string?  the name that errors show; default: the source without its "@"
function where.mark(source, shown)
  marked[source] = shown or source:gsub("^[@=]", "")
end

--- True when the chunk name is a user's file.
---@param source string?
---@return boolean
function where.is_marked(source)
  return marked[source] ~= nil
end

-- The files of functions, each looked up once.
local file_of = setmetatable({}, { __mode = "k" })

local function look_up(fn)
  local found = marked[getinfo(fn, "S").source] or false
  file_of[fn] = found
  return found
end

--- The nearest frame of a user's file: fn(level) -> file, line, or nothing. level is the first one to look at: 1 is
--- the caller, 2 (the default) the caller's caller.
---@type fun(level: integer?): string?, integer?
where.at = require("host.place").finder(file_of, look_up)

--- "file:line" of the nearest frame of a user's file, or nil.
---@param level integer?
---@return string?
function where.here(level)
  local file, line = where.at((level or 2) + 1)
  return file and file .. ":" .. line
end

--- "file:line" where a function was written.
---@param fn function
---@return string?
function where.of(fn)
  local info = getinfo(fn, "S")
  local file = marked[info.source]
  return file and file .. ":" .. info.linedefined
end

--- Splits Lua's own "file:line: message" text; names marked files as the user knows them.
---@param text string
---@return string? place
---@return string message
function where.split(text)
  local file, line, rest = text:match("^(.-):(%d+):%s*(.*)$")
  if not file then return nil, text end
  return file .. ":" .. line, rest
end

return where
