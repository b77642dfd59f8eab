--- Events as JSON, one object per line, for programs. The fields are a contract
--- (docs/events.md): what an event carries beyond them stays inside.
local json = require "cso.std.json"
local plainly = require "cso.ui.plainly"

local stream = {}

--- What each event shows.
stream.fields = {
  plan_start = { "stack", "destroy" },
  refresh_start = { "total" },
  refresh_done = { "total", "gone" },
  planned = { "address", "action", "resource_type", "reasons", "changes", "replace_order", "affects", "affects_more", "loses",
    "keeps", "where" },
  moved = { "from", "to" },
  planned_call = { "address", "service", "operation", "why" },
  plan_done = { "counts" },
  check_failed = { "text", "hint", "where" },
  policy_finding = { "rule", "title", "severity", "level", "status", "address", "where", "text", "why", "hint", "reason" },
  policy_done = { "counts" },
  rehearsal_failed = { "address", "action", "where", "err" },
  rehearsed = { "total", "left_out", "skipped", "by_schema", "steps" },
  apply_start = { "run", "total" },
  step_start = { "address", "action", "resource_type" },
  step_exists = { "address", "id" },
  step_wait = { "address", "what", "seconds" },
  step_done = { "address", "action", "seconds", "id" },
  step_failed = { "address", "action", "err" },
  step_skipped = { "address", "because" },
  api_call = { "service", "operation", "region", "ms", "status", "attempt", "bytes_out", "bytes_in",
    "request_id", "err" },
  outage = { "service", "operation", "seconds", "err" },
  apply_done = { "counts", "failed", "skipped", "interrupted", "seconds", "critical" },
  not_restored = { "address", "text" },
  note = { "text" },
  outputs = { "values" },
  diagnostic = { "severity", "err" },
}

-- "type" names the event; what an event calls its type is the type of a resource.
local sources = { resource_type = "type" }

local function list_of(items, make)
  local out = {}
  for i, item in ipairs(items or {}) do out[i] = make(item) end
  return json.array(out)
end

local function where_text(where)
  if type(where) ~= "table" then return where end
  return ("%s:%s"):format(where.file, where.line)
end

-- What a property was or will be; `false` is a value like any other.
local function side(c, v)
  if v == nil then return nil end
  if c.sensitive then return "(sensitive)" end
  return plainly(v)
end

local function change_of(c)
  return {
    path = c.path,
    before = side(c, c.before), after = side(c, c.after),
    unknown = c.unknown or nil, sensitive = c.sensitive or nil, replaces = c.replaces or nil,
  }
end

local shapes = {
  where = where_text,
  changes = function(changes) return list_of(changes, change_of) end,
  reasons = function(reasons) return list_of(reasons, plainly) end,
  failed = function(failed)
    return list_of(failed, function(f) return { address = f.address, err = plainly(f.err or f) } end)
  end,
  skipped = function(skipped) return list_of(skipped, plainly) end,
  critical = function(critical)
    return { seconds = critical.seconds, path = list_of(critical.path, plainly) }
  end,
}

local function stamp(seconds)
  local whole = math.floor(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%S", whole) .. (".%03dZ"):format(math.floor((seconds - whole) * 1000))
end

--- One event as a table with exactly the documented fields, or nil when it has no such form.
---@param name string
---@param data table
---@param seconds number  wall clock
---@return table?
function stream.object(name, data, seconds)
  local fields = stream.fields[name]
  if not fields then return nil end
  local out = { type = name, time = stamp(seconds) }
  for _, field in ipairs(fields) do
    local v = data[sources[field] or field]
    if v ~= nil then
      local shape = shapes[field]
      if shape then out[field] = shape(v) else out[field] = plainly(v) end
    end
  end
  return out
end

local Json = {}
Json.__index = Json

--- A view that writes one JSON object per line.
---@param opts { write: fun(text: string), time: (fun(): number), trace: boolean? }
---@return cso.ui.View
function stream.new(opts)
  return setmetatable({ write = opts.write, time = opts.time, trace = opts.trace }, Json)
end

function Json:event(name, data)
  if name == "api_call" and not self.trace then return end
  local object = stream.object(name, data, self.time())
  if object then self.write(json.encode(object) .. "\n") end
end

function Json.tick() end

function Json.close() end

return stream
