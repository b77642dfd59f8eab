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
local function notes(path, head, list, sum)
  local text = fs.read(path)
  local old = text and json.decode(text)
  if type(old) == "table" and old.etag == head.ETag and old.size == head.ContentLength
    and old.parts == #list and old.sum == sum and type(old.done) == "table" then
    return old
  end
  return { etag = head.ETag, size = head.ContentLength, parts = #list, sum = sum, done = {} }
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

-- The checksum of the whole that can be had from its parts' ones; CRC32 where there is none.
local function kind_of(head)
  for _, name in ipairs { "CRC64NVME", "CRC32C", "CRC32" } do
    if head["Checksum" .. name] then return name end
  end
  return "CRC32"
end

-- Other kinds know only the whole: the file is read once more.
local function sum_of_file(path, head)
  for _, name in ipairs { "SHA256", "SHA1", "SHA512", "XXHASH3", "XXHASH128", "XXHASH64", "MD5" } do
    local given = head["Checksum" .. name]
    if given and not given:find("-", 1, true) then
      local sum = must(hash.file_sum(name:lower(), path, 0, head.ContentLength))
      return name, given, hash.base64_encode(sum)
    end
  end
end

-- A checksum over the checksums of parts says nothing without knowing the parts.
local function check(o, head, list, part_file)
  local in_parts = (head.ETag or ""):find("-", 1, true) ~= nil
  local type_of = head.ChecksumType
  if type_of == "COMPOSITE" or (in_parts and not type_of) then return end
  local name = kind_of(head)
  local given, own = head["Checksum" .. name], nil
  if given then
    if given:find("-", 1, true) then return end
    own = crc.text(crc.whole(list, name), name)
  else
    name, given, own = sum_of_file(part_file, head)
  end
  if own ~= given then
    raise(fault("ChecksumMismatch", ("the %s of s3://%s/%s is %s, what arrived has %s"):format(
      name, o.bucket, o.key, given, own), "run it again"))
  end
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
  local sum = kind_of(head)
  local noted = notes(note_file, head, list, sum)
  if not fs.stat(part_file) then noted.done = {} end
  local file = open(part_file, next(noted.done) == nil)
  local ok, e = task.try(task.map, list, function(part)
    local name = tostring(part.number)
    part.crc = math.tointeger(noted.done[name])
    if not part.crc then
      local data = fetch(client, o, head, part)
      part.crc = crc.number(hash.base64_encode(hash.sum(sum:lower(), data)), sum)
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
  local right, wrong = pcall(check, o, head, list, part_file)
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
