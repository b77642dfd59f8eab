--- A bucket in memory, for specs: what a client of S3 says, with a clock and faults of one's own.
local err = require "cso.std.err"
local hash = require "cso.std.hash"

local bucket = {}

local function fail(status, code)
  return nil, err.new { code = code, status = status, class = "service", message = "s3: " .. code }
end

local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

local function http_date(at)
  local t = os.date("!*t", at // 1)
  return ("Thu, %02d %s %04d %02d:%02d:%02d GMT"):format(t.day, MONTHS[t.month], t.year, t.hour, t.min, t.sec)
end

local Client = {}
Client.__index = Client

local operations = {}

local function holds(self, now, p)
  if p.IfNoneMatch and now and not self.ignores.none then return false end
  if p.IfMatch and not self.ignores.match and (not now or now.ETag ~= p.IfMatch) then return false end
  return true
end

function operations:PutObject(p)
  local now = self.objects[p.Key]
  if p.IfMatch and not now and not self.ignores.match then return fail(404, "NoSuchKey") end
  if not holds(self, now, p) then return fail(412, "PreconditionFailed") end
  self.puts = self.puts + 1
  self.objects[p.Key] = { Body = p.Body, ETag = '"' .. hash.sha256_hex(p.Body .. self.puts):sub(1, 32) .. '"',
    Metadata = p.Metadata, LastModified = self.clock() }
  return { ETag = self.objects[p.Key].ETag }
end

function operations:GetObject(p)
  local now = self.objects[p.Key]
  if not now then return fail(404, "NoSuchKey") end
  return now, nil, { headers = { date = not self.timeless and http_date(self.clock()) or nil } }
end

function operations:HeadObject(p)
  local now = self.objects[p.Key]
  if not now then return fail(404, "404") end
  return { ETag = now.ETag, Metadata = now.Metadata }
end

function operations:DeleteObject(p)
  local now = self.objects[p.Key]
  if p.IfMatch and now and now.ETag ~= p.IfMatch then return fail(412, "PreconditionFailed") end
  self.objects[p.Key] = nil
  return {}
end

function operations:DeleteObjects(p)
  for _, o in ipairs(p.Delete.Objects) do self.objects[o.Key] = nil end
  return {}
end

function operations:CopyObject(p)
  local from = p.CopySource:match "^[^/]+/(.+)$"
  self.objects[p.Key] = assert(self.objects[from], from)
  return {}
end

function operations:ListObjectsV2(p)
  local list = {}
  for key, o in pairs(self.objects) do
    if key:sub(1, #p.Prefix) == p.Prefix then list[#list + 1] = { Key = key, Size = #o.Body, LastModified = o.LastModified } end
  end
  return { Contents = list }
end

function operations.GetBucketVersioning() return {} end

function Client:call(operation, params)
  self.calls[#self.calls + 1] = operation .. " " .. (params.Key or params.Prefix or "")
  local said = self.says and self.says(operation, params)
  if said then return fail(said[1], said[2]) end
  if self.down then return nil, err.new { code = "connect", class = "network", message = "s3: no connection" } end
  if self.pause then self.pause() end
  local out, e, meta = operations[operation](self, params)
  -- A lost answer is asked for again by the client: the second time finds what the first one did.
  if out and self.lose and (params.Key or ""):match(self.lose) then
    self.lose = nil
    return operations[operation](self, params)
  end
  return out, e, meta
end

--- A client whose bucket is empty.
---@param clock fun(): number
function bucket.new(clock)
  return setmetatable({ objects = {}, calls = {}, puts = 0, clock = clock, ignores = {} }, Client)
end

return bucket
