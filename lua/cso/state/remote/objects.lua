--- The objects of one state in its bucket: written on conditions, read with what the service says of
--- them. The client is whoever opened the store's.
local err = require "cso.std.err"
local task = require "cso.task"

local objects = {}

--- How often something is written that was refused for what is not so.
objects.TRIES = 3

---@class cso.state.Objects
---@field bucket string
---@field key string     of the state; all others begin with it
---@field name string    for people: s3://bucket/key
---@field sealer cso.state.Sealer?
local Objects = {}
Objects.__index = Objects

--- Says that a condition did not hold, in any of the ways in which services say it.
---@param e cso.Err?
---@return boolean
function objects.is_conflict(e)
  return e ~= nil and (e.status == 412 or e.status == 409 or e.code == "PreconditionFailed"
    or e.code == "ConditionalRequestConflict") or false
end

--- Says that the service could not decide just now, and wants to be asked again.
---@param e cso.Err?
---@return boolean
function objects.is_busy(e)
  return e ~= nil and (e.status == 409 or e.code == "ConditionalRequestConflict") or false
end

---@param e cso.Err?
---@return boolean
function objects.is_missing(e)
  return e ~= nil and (e.code == "NoSuchKey" or e.code == "NotFound" or e.status == 404 and e.code ~= "NoSuchBucket") or false
end

local function explain(self, e)
  if e.code == "NoSuchBucket" then
    return err.new { code = "no_bucket", class = "config", cause = e,
      message = ("there is no bucket %s for the state"):format(self.bucket),
      hint = ("make it first, best with versioning: csorun exec s3.CreateBucket Bucket=%s"):format(self.bucket) }
  end
  return e
end

---@param client table   of the service s3
---@param place { bucket: string, key: string }
---@param now fun(): number   for services that don't tell their time
---@param sealer cso.state.Sealer?   what the state is sealed with
---@return cso.state.Objects
function objects.new(client, place, now, sealer)
  return setmetatable({ client = client, bucket = place.bucket, key = place.key, now = now, sealer = sealer,
    name = ("s3://%s/%s"):format(place.bucket, place.key) }, Objects)
end

local function call(self, operation, params, opts)
  params.Bucket = self.bucket
  local out, e, meta = self.client:call(operation, params, opts)
  if not out then return nil, explain(self, e) end
  return out, nil, meta
end

-- "Somebody else is at it, ask again" says nothing of the condition; a service that says it of an object
-- that is there says it again.
local AGAIN, PAUSE = 3, 0.05

--- Writes an object.
---@param tail string      behind the state's key
---@param body string
---@param on { none: boolean?, match: string?, metadata: table? }  only when nothing is there, or exactly this
---@return string? etag, cso.Err?
function Objects:put(tail, body, on)
  local out, e
  for try = 0, AGAIN do
    if try > 0 then task.sleep(PAUSE * 2 ^ (try - 1)) end
    out, e = call(self, "PutObject", { Key = self.key .. tail, Body = body, IfNoneMatch = on.none and "*" or nil,
      IfMatch = on.match, Metadata = on.metadata, ContentType = "application/octet-stream" })
    if out or not objects.is_busy(e) then break end
  end
  if out and not out.ETag then
    return nil, err.new { code = "no_conditions", class = "config",
      message = ("%s can't hold a state that is shared: it does not say what it wrote (no ETag)"):format(self.name),
      hint = "use Amazon S3 or a service that honours If-None-Match and If-Match on PutObject, or a local state" }
  end
  return out and out.ETag, e
end

local http_months = {}
for name in ("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"):gmatch "%a+" do
  http_months[#http_months + 1] = name
  http_months[name] = #http_months
end

-- Seconds since the epoch of a Date header.
local function date(text)
  local d, m, y, h, min, s = (text or ""):match "(%d+) (%a+) (%d+) (%d+):(%d+):(%d+)"
  if not d then return nil end
  local months = (y - (http_months[m] < 3 and 1 or 0)) // 1
  local era, shifted = months // 400, (http_months[m] + 9) % 12
  local of_era = months - era * 400
  local days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + (153 * shifted + 2) // 5 + d - 1 - 719468
  return days * 86400 + h * 3600 + min * 60 + s
end

objects.date = date

--- Reads an object. Its age is told by the service's clock alone, so that nobody's own matters: one that
--- does not tell the time tells no age.
---@param tail string
---@return { body: string, etag: string, metadata: table, age: number? }? object   false when there is none
---@return cso.Err?
function Objects:get(tail)
  local out, e, meta = call(self, "GetObject", { Key = self.key .. tail })
  if not out then
    if objects.is_missing(e) then return false end
    return nil, e
  end
  local now = date(meta and meta.headers and meta.headers.date)
  return { body = out.Body or "", etag = out.ETag, metadata = out.Metadata or {},
    age = now and out.LastModified and math.max(0, now - out.LastModified) or nil }
end

--- What an object is described with, without its bytes.
---@param tail string
---@return { etag: string, metadata: table }? object   false when there is none
---@return cso.Err?
function Objects:head(tail)
  local out, e = call(self, "HeadObject", { Key = self.key .. tail })
  if out then return { etag = out.ETag, metadata = out.Metadata or {} } end
  if objects.is_missing(e) then return false end
  return nil, e
end

--- Removes an object, where told only when it is exactly this.
---@param tail string
---@param match string?
---@return boolean? ok, cso.Err?
function Objects:delete(tail, match)
  local out, e = call(self, "DeleteObject", { Key = self.key .. tail, IfMatch = match })
  if not out and match and e.status == 501 then return self:delete(tail) end
  if out or objects.is_missing(e) then return true end
  return nil, e
end

--- Removes many objects; what stays is in nobody's way.
---@param tails string[]
function Objects:delete_all(tails)
  for first = 1, #tails, 1000 do
    local list = {}
    for i = first, math.min(first + 999, #tails) do list[#list + 1] = { Key = self.key .. tails[i] } end
    call(self, "DeleteObjects", { Delete = { Objects = list, Quiet = true } })
  end
end

---@param from string
---@param to string
---@return boolean? ok, cso.Err?
function Objects:copy(from, to)
  local source = ("%s/%s"):format(self.bucket, self.key .. from)
  local out, e = call(self, "CopyObject", { Key = self.key .. to,
    CopySource = (source:gsub("[^%w%-%._~/]", function(c) return ("%%%02X"):format(c:byte()) end)) })
  return out and true, e
end

--- The objects whose keys go on like this, sorted.
---@param tail string
---@return { tail: string, size: integer, modified: number }[]? list, cso.Err?
function Objects:list(tail)
  local found, token = {}, nil
  repeat
    local out, e = call(self, "ListObjectsV2", { Prefix = self.key .. tail, ContinuationToken = token })
    if not out then return nil, e end
    for _, one in ipairs(out.Contents or {}) do
      found[#found + 1] = { tail = one.Key:sub(#self.key + 1), size = one.Size, modified = one.LastModified }
    end
    token = out.IsTruncated and out.NextContinuationToken or nil
  until not token
  table.sort(found, function(a, b) return a.tail < b.tail end)
  return found
end

return objects
