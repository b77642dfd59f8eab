--- Reading and running the user's Lua files: playbooks, modules, libraries, schemas. All run in one
--- environment per evaluation, under names that errors show.
local err = require("cso.std.err")
local evaluation = require("cso.playbook.evaluation")
local fs = require("cso.std.fs")
local hash = require("cso.std.hash")
local where = require("cso.std.where")

local source = {}

--- Bytes that a file of a playbook may have, and a YAML file of values.
source.LARGEST, source.LARGEST_YAML = 64 << 20, 4 << 20

--- Reads a file; nil when there is none. The evaluation under way notes it: a saved plan holds
--- only as long as every file that was read says the same. One that is too large raises.
---@param path string
---@param most integer?  bytes, source.LARGEST unless told
---@return string? text
---@return string? message
function source.read(path, most)
  most = most or source.LARGEST
  local text, e = fs.read(path, most)
  if not text and e.code == "efbig" then
    err.raise { code = "file_too_large", class = "usage", where = path .. ":1",
      message = ("the file is larger than %d MiB"):format(most >> 20) }
  end
  -- Who asked says what was not possible; the reason is all that is wanted here.
  if not text then return nil, e.code == "eisdir" and path .. ": not a file" or (e.message:gsub("^cannot read ", "")) end
  local running = evaluation.current()
  if running then running.files[path] = hash.sha256_hex(text) end
  return text
end

--- Joins a folder and a path; absolute paths stay.
---@param dir string
---@param path string
---@return string
function source.join(dir, path)
  if path:sub(1, 1) == "/" then return path end
  path = path:gsub("^%./", "")
  if dir == "." or dir == "" then return path end
  -- "playbooks" and "../templates" are "templates": shorter names make better messages.
  while path:sub(1, 3) == "../" do
    local parent, last = dir:match("^(.-)/?([^/]+)$")
    if not last or last == ".." or last == "." then break end
    dir, path = parent, path:sub(4)
    if dir == "" then return path end
  end
  return dir .. "/" .. path
end

--- The folder of a path.
---@param path string
---@return string
function source.dir(path)
  return path:match("^(.*)/[^/]*$") or "."
end

local function usage(fields)
  fields.class = "usage"
  return err.new(fields)
end

--- Compiles a user's file.
---@param path string
---@param env table
---@param text string?  its content, when it is read already
---@return function?
---@return cso.Err?
function source.compile(path, env, text)
  local message
  if not text then
    text, message = source.read(path)
    if not text then
      return nil, usage { code = "no_file", message = "can't read " .. message }
    end
  end
  if text:sub(1, 1) == "\27" then
    return nil, usage { code = "bytecode", message = path .. " is compiled Lua; csorun runs sources only" }
  end
  if text:find("\0", 1, true) then
    return nil, usage { code = "binary", message = path .. " is no Lua text: there are zero bytes in it" }
  end
  text = text:gsub("^\xef\xbb\xbf", ""):gsub("^#[^\n]*", "") -- a byte order mark, #!/usr/bin/env csorun
  where.mark("@" .. path)
  local chunk, why = load(text, "@" .. path, "t", env)
  if chunk then return chunk end
  local place, said = where.split(why)
  return nil, usage { code = "syntax", message = "syntax error: " .. said, where = place or path }
end

local function at_user(e)
  if not e.where then e.where = where.here(3) end
  if not e.traceback then e.traceback = debug.traceback("", 3) end
  return e
end

-- What a task of the playbook's raised as a text has become an error of csorun's on its way out of the task. It is the
-- playbook's own all the same.
local function own_again(e)
  local place, message = where.split(e.code == "internal" and e.message or "")
  local file = place and place:match("^(.*):%d+$")
  if file and where.is_marked("@" .. file) then
    e.code, e.class, e.where, e.message = "lua", "usage", e.where or place, message
  end
  return e
end

--- Turns whatever was raised into an error with the user's line. For xpcall.
---@param raised any
---@return cso.Err
function source.failure(raised)
  if err.is(raised) then return at_user(own_again(raised)) end
  if type(raised) == "table" and (raised.message or raised.code) then
    return at_user(err.wrap(raised, "usage"))
  end
  local place, message = where.split(tostring(raised))
  -- An error that came through several hands has several positions: the innermost counts.
  while place do
    local inner, rest = where.split(message)
    if not inner then break end
    place, message = inner, rest
  end
  local file = place and place:match("^(.*):%d+$")
  -- A position inside csorun helps nobody; the user's nearest line does.
  if not file or not where.is_marked("@" .. file) then place = where.here(2) end
  if raised == nil then message = "error(nil)" end
  -- table.concat is C and can't know of values that are not texts yet.
  local hint = message:find("in table for 'concat'", 1, true) and "cso.join takes values known later, too" or nil
  return at_user(usage { code = "lua", message = message, where = place, hint = hint })
end

--- Calls a function of the user's.
---@param fn function
---@return table? results  packed
---@return cso.Err?
function source.call(fn, ...)
  local results = table.pack(xpcall(fn, source.failure, ...))
  if not results[1] then return nil, results[2] end
  return { n = results.n - 1, table.unpack(results, 2, results.n) }
end

return source
