--- A file, or what a reader gives, becomes an object: small ones in one call, others in parts, some at
--- once. Files are read while they are sent; of a reader as many parts are held as are under way.
local err = require "cso.std.err"
local file = require "cso.aws.file"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local multipart = require "cso.aws.transfer.multipart"
local parts = require "cso.aws.transfer.parts"
local task = require "cso.task"

local with = multipart.with

-- Parts of a reader that are read or under way at once. Each is in memory, twice while it is sent.
local HELD = 2

local function changed(path)
  error(err.new { code = "FileChanged", class = "config",
    message = ("%s changed while it was being uploaded"):format(path), hint = "upload it again" }, 0)
end

local function body_of(path, part)
  local body, e = file.of(path, part)
  if not body then
    if fs.stat(path) and e.code == "file" and part.from > 0 then changed(path) end
    error(e, 0)
  end
  return body
end

-- Nobody may find an object that is half of one file and half of another.
local function same(path, about)
  local now = fs.stat(path)
  if not now or now.size ~= about.size or now.mtime ~= about.mtime then changed(path) end
end

local function file_in_parts(client, o, list, about)
  local algorithm = multipart.algorithm(o.params)
  return multipart.run(client, o, function(send)
    local sent = task.map(list, function(part)
      local entry = send(part, { Body = body_of(o.file, part) })
      -- A service that does not tell the checksum of what it took gets it from us with the whole.
      if not part.sum then
        local sum = hash.file_sum(algorithm:lower(), o.file, part.from, part.length)
        part.sum = sum and hash.base64_encode(sum)
      end
      o.progress(part.length)
      return entry
    end, { limit = o.parallel or parts.PARALLEL })
    same(o.file, about)
    return sent, list
  end)
end

-- Reads parts until there is no more; a reader's end is not known before.
local function read_in_parts(client, o, first, size)
  local algorithm = multipart.algorithm(o.params)
  return multipart.run(client, o, function(send)
    local list, sent, room = {}, {}, task.semaphore(o.parallel or HELD)
    task.scope(function()
      local function begin(bytes)
        local number = #list + 1
        if number > parts.MOST then
          error(err.new { code = "EntityTooLarge", class = "usage",
            message = ("more than %d parts of %d bytes"):format(parts.MOST, size), hint = "say --expected-size" }, 0)
        end
        local part = { number = number, length = #bytes }
        list[number] = part
        task.spawn(function()
          sent[number] = send(part, { Body = bytes })
          part.sum = part.sum or hash.base64_encode(hash.sum(algorithm:lower(), bytes))
          -- What was sent is as large as all else together: it is not left for the collector to find.
          bytes = nil
          collectgarbage()
          room:release()
          o.progress(part.length)
        end)
      end
      room:acquire()
      begin(first)
      first = nil
      repeat
        room:acquire()
        local data = o.read(size)
        collectgarbage()
        if data then begin(data) end
      until not data
    end)
    return sent, list
  end)
end

local function put(client, o, body, length)
  local output = multipart.call(client, "PutObject",
    with(o.params, { Bucket = o.bucket, Key = o.key, Body = body }))
  o.progress(length)
  return output
end

local function from_file(client, o, about)
  local list = parts.of(about.size, o.part_size)
  local ok, result = task.try(function()
    if #list > 1 then return file_in_parts(client, o, list, about) end
    return put(client, o, body_of(o.file, { from = 0, length = about.size }), about.size)
  end)
  -- Whatever failed: a file that changed is why, or makes it worthless.
  same(o.file, about)
  if not ok then error(result, 0) end
  return result
end

local function from_reader(client, o)
  local size = o.part_size or parts.size(o.expected or 0)
  local data = o.read(size) or ""
  if #data < size then return put(client, o, data, #data) end
  return read_in_parts(client, o, data, size)
end

--- Uploads a file; within a task. In the place of a file may stand `read`, which gives so many bytes,
--- fewer only at the end, then nil; expected: how many bytes it may give in all (80 GB unless it says).
---@param client table  of s3
---@param o { file: string?, read: (fun(n: integer): string?)?, expected: integer?, bucket: string, key: string, params: table?, part_size: integer?, parallel: integer?, progress: fun(bytes: integer)? }
---@return table? output  ETag, VersionId …
---@return cso.Err? err
return function(client, o)
  o = with(o, { progress = o.progress or function() end })
  local ok, result = task.try(function()
    if o.read then return from_reader(client, o) end
    local about, e = fs.stat(o.file)
    if not about then error(e, 0) end
    return from_file(client, o, about)
  end)
  if ok then return result end
  return nil, result
end
