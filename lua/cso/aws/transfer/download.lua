--- An object becomes a file: ranges of one version of it, some at once, written where they belong in
--- a file beside the wanted one, which takes its name once it is whole and its checksum right. What
--- has arrived is noted there too: a download that broke goes on where it stopped.
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local json = require "cso.std.json"
local parts = require "cso.aws.transfer.parts"
local range = require "cso.aws.transfer.range"
local task = require "cso.task"

local function raise(e) error(e, 0) end

local function must(value, e)
  if value == nil then raise(e) end
  return value
end

-- The notes of an earlier try, if they are about this very version of the object.
local function notes(path, head, list, sum)
  local text = fs.read(path)
  local old = text and json.decode(text)
  if type(old) == "table" and old.etag == head.ETag and old.size == head.ContentLength
    and old.parts == #list and old.sum == sum and type(old.done) == "table" then
    return old
  end
  return { etag = head.ETag, size = head.ContentLength, parts = #list, sum = sum, done = {} }
end

local function unwritten(path, why)
  return err.new { code = "file", class = "config", message = ("can't write %s: %s"):format(path, why),
    hint = "what has arrived is kept: run it again once there is room" }
end

local function open(path, fresh)
  local file, why = io.open(path, fresh and "w+b" or "r+b")
  if not file and not fresh then file, why = io.open(path, "w+b") end
  if not file then
    raise(err.new { code = "file", class = "config", message = ("can't write %s: %s"):format(path, why) })
  end
  return file
end

local function receive(client, o, head, part_file, note_file)
  local list = parts.of(head.ContentLength, o.part_size)
  local sum = range.kind(head)
  local noted = notes(note_file, head, list, sum)
  if not fs.stat(part_file) then noted.done = {} end
  local file = open(part_file, next(noted.done) == nil)
  local ok, e = task.try(task.map, list, function(part)
    local name = tostring(part.number)
    part.crc = math.tointeger(noted.done[name])
    if not part.crc then
      local data = o.gate and o.gate:with(range.fetch, client, o, head, part) or range.fetch(client, o, head, part)
      part.crc = range.sum(sum, data)
      local written, why = file:seek("set", part.from)
      if written then written, why = file:write(data) end
      if written then written, why = file:flush() end
      if not written then
        raise(unwritten(part_file, why))
      end
      noted.done[name] = part.crc
      must(fs.write_atomic(note_file, json.encode(noted), 384))
    end
    o.progress(part.length)
  end, { limit = o.parallel or parts.PARALLEL })
  local closed, why = file:close()
  if not ok then raise(e) end
  if not closed then raise(unwritten(part_file, why)) end
  local right, wrong = pcall(range.check, o, head, list, part_file)
  if not right then
    fs.remove(part_file)
    fs.remove(note_file)
    raise(wrong)
  end
end

--- Downloads an object; within a task. `gate` bounds the parts of several downloads together.
---@param client table  of s3
---@param o { file: string, bucket: string, key: string, part_size: integer?, parallel: integer?, gate: cso.task.Semaphore?, progress: fun(bytes: integer)? }
---@return table? head  what HeadObject said
---@return cso.Err? err
return function(client, o)
  local head, e = range.head(client, o)
  if not head then return nil, e end
  local given = o
  o = setmetatable({ progress = given.progress or function() end }, { __index = given })
  local part_file, note_file = o.file .. ".csorun-part", o.file .. ".csorun-part.json"
  local ok, failure = task.try(function()
    receive(client, o, head, part_file, note_file)
    must(fs.rename(part_file, o.file))
    fs.remove(note_file)
  end)
  if not ok then return nil, failure end
  return head
end
