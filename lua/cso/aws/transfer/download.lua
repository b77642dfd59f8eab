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

local function part_size(plan) return plan.list[1] and plan.list[1].length or 0 end

-- The notes of an earlier try, if they are about this very version of the object.
local function notes(path, head, plan)
  local text = fs.read(path)
  local old = text and json.decode(text)
  if type(old) == "table" and old.etag == head.ETag and old.size == head.ContentLength
    and old.parts == #plan.list and old.part == part_size(plan) and old.sum == plan.name
    and type(old.done) == "table" then
    return old
  end
  return { etag = head.ETag, size = head.ContentLength, parts = #plan.list, part = part_size(plan), sum = plan.name,
    done = {} }
end

-- An empty file, or the one that an earlier try has left.
local function open(path, fresh)
  if not fresh then return end
  local file, why = io.open(path, "wb")
  if not file then
    raise(err.new { code = "file", class = "config", message = ("can't write %s: %s"):format(path, why) })
  end
  file:close()
end

local function kept(e)
  if e.code == "file" and e.operation then
    e.hint = "what has arrived is kept: run it again once there is room"
  end
  raise(e)
end

-- Fetches all parts of a plan that are not there yet.
local function fill(client, o, head, plan, part_file, note_file)
  local noted = notes(note_file, head, plan)
  if not fs.stat(part_file) then noted.done = {} end
  open(part_file, next(noted.done) == nil)
  return task.try(task.map, plan.list, function(part)
    local name = tostring(part.number)
    local sum = noted.done[name]
    part.sum = type(sum) == "string" and sum or nil
    if not part.sum then
      local function fetch() return range.into(client, o, head, part, part_file, plan.name) end
      if o.gate then o.gate:with(fetch) else fetch() end
      noted.done[name] = part.sum
      must(fs.write_atomic(note_file, json.encode(noted), 384))
    end
    o.progress(part.length)
  end, { limit = o.parallel or parts.PARALLEL })
end

local function receive(client, o, head, part_file, note_file)
  local plan = range.plan(client, o, head)
  local ok, e = fill(client, o, head, plan, part_file, note_file)
  if not ok and range.misguessed(plan, e) then
    plan = range.unchecked(o, head)
    ok, e = fill(client, o, head, plan, part_file, note_file)
  end
  if not ok then kept(e) end
  local right, wrong = pcall(range.check, o, plan, part_file)
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
  if fs.is_no_file(o.file) then
    return nil, err.new { code = "file", class = "usage", message = o.file .. " is no file",
      hint = "name a file, or - for the standard output" }
  end
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
