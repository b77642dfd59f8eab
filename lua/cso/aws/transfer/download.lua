--- An object becomes a file: ranges of one version of it, some at once, written where they belong in
--- a file beside the wanted one, which takes its name once it is whole and its checksum right. What
--- has arrived is noted there too: a download that broke goes on where it stopped.
local crc = require "cso.aws.transfer.crc"
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local parts = require "cso.aws.transfer.parts"
local task = require "cso.task"

local function raise(e) error(e, 0) end

local function must(value, e)
  if value == nil then raise(e) end
  return value
end

local function fault(code, message, hint)
  return err.new { code = code, class = "service", message = message, hint = hint }
end

-- The notes of an earlier try, if they are about this very version of the object.
local function notes(path, head, list)
  local text = fs.read(path)
  local old = text and json.decode(text)
  if type(old) == "table" and old.etag == head.ETag and old.size == head.ContentLength
    and old.parts == #list and type(old.done) == "table" then
    return old
  end
  return { etag = head.ETag, size = head.ContentLength, parts = #list, done = {} }
end

local function fetch(client, o, head, part)
  local output, e = client:call("GetObject", { Bucket = o.bucket, Key = o.key, IfMatch = head.ETag,
    VersionId = head.VersionId ~= "null" and head.VersionId or nil,
    Range = ("bytes=%d-%d"):format(part.from, part.from + part.length - 1) })
  if not output then
    if e.status == 412 then
      e = fault("ObjectChanged", ("s3://%s/%s was replaced while it was being downloaded"):format(
        o.bucket, o.key), "run it again for the new one")
    end
    raise(e)
  end
  if #output.Body ~= part.length then
    raise(fault("ShortRange", ("asked s3://%s/%s for %d bytes, got %d"):format(
      o.bucket, o.key, part.length, #output.Body)))
  end
  return output.Body
end

-- A checksum over the checksums of parts says nothing without knowing the parts.
local function check(o, head, list)
  local given, kind = head.ChecksumCRC32, head.ChecksumType
  local in_parts = (head.ETag or ""):find("-", 1, true) ~= nil
  if not given or given:find("-", 1, true) or kind == "COMPOSITE" or (in_parts and not kind) then return end
  local own = hash.base64_encode(string.pack(">I4", crc.whole(list)))
  if own ~= given then
    raise(fault("ChecksumMismatch", ("the CRC32 of s3://%s/%s is %s, what arrived has %s"):format(
      o.bucket, o.key, given, own), "run it again"))
  end
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
  local noted = notes(note_file, head, list)
  if not fs.stat(part_file) then noted.done = {} end
  local file = open(part_file, next(noted.done) == nil)
  local ok, e = task.try(task.map, list, function(part)
    local name = tostring(part.number)
    part.crc = math.tointeger(noted.done[name])
    if not part.crc then
      local data = fetch(client, o, head, part)
      part.crc = hash.crc32(data)
      local written, why = file:seek("set", part.from)
      if written then written, why = file:write(data) end
      if written then written, why = file:flush() end
      if not written then
        raise(err.new { code = "file", class = "config", message = ("can't write %s: %s"):format(part_file, why) })
      end
      noted.done[name] = part.crc
      must(fs.write_atomic(note_file, json.encode(noted), 384))
    end
    o.progress(part.length)
  end, { limit = o.parallel or parts.PARALLEL })
  local closed, why = file:close()
  if not ok then raise(e) end
  if not closed then raise(fault("file", ("can't write %s: %s"):format(part_file, why))) end
  local right, wrong = pcall(check, o, head, list)
  if not right then
    fs.remove(part_file)
    fs.remove(note_file)
    raise(wrong)
  end
end

--- Downloads an object; within a task.
---@param client table  of s3
---@param o { file: string, bucket: string, key: string, part_size: integer?, parallel: integer?, progress: fun(bytes: integer)? }
---@return table? head  what HeadObject said
---@return cso.Err? err
return function(client, o)
  local head, e = client:call("HeadObject", { Bucket = o.bucket, Key = o.key, ChecksumMode = "ENABLED" })
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
