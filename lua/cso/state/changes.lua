--- The changes that a run writes into its state, as a list that can be sent elsewhere and made again:
--- to the bucket that teams share, or into a file when the state itself can't be written.
local err = require "cso.std.err"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local schema = require "cso.state.schema"

local changes = {}

local FORMAT = 1

-- Only these are ever recorded and only these are ever made again: what comes from elsewhere must
-- not attach files or change tables.
local kinds = { "^%s*INSERT%s+INTO%s+(%w+)", "^%s*UPDATE%s+(%w+)", "^%s*DELETE%s+FROM%s+(%w+)" }

local known = { meta = true }
for _, name in ipairs(schema.TABLES) do known[name] = true end

local function table_of(sql)
  for _, pattern in ipairs(kinds) do
    local name = sql:match(pattern)
    if name then return name end
  end
  return ""
end

---@class cso.Recorder   a database handle that remembers what was written through it
---@field list table[]     what is on disk: { sql, n, ... }
---@field unwritten table[]  what the disk refused
---@field why cso.Err?       why it did
local Recorder = {}

local function note(self, sql, ...)
  if not known[table_of(sql)] or self.forget and not self.within then return end
  local list = self.within or self.list
  list[#list + 1] = { sql, select("#", ...), ... }
end

local function refuse(self, e)
  self.refused, self.why = true, self.why or e
end

local function commit(self)
  if not self.forget then table.move(self.within, 1, #self.within, #self.list + 1, self.list) end
  self.within, self.refused = nil, false
end

-- What was to be written and was not because of the disk is kept; what was taken back on purpose isn't.
local function drop(self)
  if self.within and self.refused then
    table.move(self.within, 1, #self.within, #self.unwritten + 1, self.unwritten)
  end
  self.within, self.refused = nil, false
end

function Recorder:run(sql, ...)
  local n, e = self.db:run(sql, ...)
  if n then
    note(self, sql, ...)
  elseif self.within then
    refuse(self, e)
    note(self, sql, ...)
  elseif known[table_of(sql)] then
    self.why = self.why or e
    self.unwritten[#self.unwritten + 1] = { sql, select("#", ...), ... }
  end
  return n, e
end

function Recorder:exec(sql)
  local word = sql:match "^%s*(%a+)"
  local ok, e = self.db:exec(sql)
  if word == "BEGIN" then
    if ok then self.within, self.refused = {}, false end
  elseif word == "COMMIT" then
    if ok then
      commit(self)
    else
      -- The transaction is still open: whoever made it takes it back.
      refuse(self, e)
      self.db:exec "ROLLBACK"
      drop(self)
    end
  elseif word == "ROLLBACK" then
    drop(self)
  end
  return ok, e
end

function Recorder:columns(...) return self.db:columns(...) end
function Recorder:query(...) return self.db:query(...) end
function Recorder:one(...) return self.db:one(...) end
function Recorder:bytes() return self.db:bytes() end
function Recorder:reserve(n) return self.db:reserve(n) end
function Recorder:check() return self.db:check() end
function Recorder:close() return self.db:close() end

Recorder.__index = Recorder

--- Wraps a database handle.
---@param db cso.Database
---@param opts { forget: boolean? }?   forget: what is on disk need not be remembered
---@return cso.Recorder
function changes.recorder(db, opts)
  return setmetatable({ db = db, list = {}, unwritten = {}, refused = false, forget = opts and opts.forget or nil },
    Recorder)
end

--- A list of changes as text. Its last line vouches for the rest.
---@param list table[]
---@param about table   what is to be known of it: lineage, format of the state, fence …
---@return string
function changes.encode(list, about)
  local head = { csorun = "changes", format = FORMAT, schema = schema.VERSION, count = #list }
  for k, v in pairs(about) do head[k] = v end
  local lines = { json.encode(head) }
  for i, item in ipairs(list) do
    local row = json.array { item[1] }
    for k = 1, item[2] do
      local v = item[k + 2]
      row[k + 1] = v == nil and json.null or v
    end
    lines[i + 1] = json.encode(row)
  end
  local text = table.concat(lines, "\n") .. "\n"
  return text .. hash.sha256_hex(text) .. "\n"
end

local function bad(what, why)
  return nil, err.new { code = "corrupt_changes", class = "config", message = ("%s: %s"):format(what, why) }
end

--- True when bytes look like a list of changes.
---@param text string
---@return boolean
function changes.is_one(text)
  return text:sub(1, 2) == "{\"" and text:sub(1, 400):find('"csorun":"changes"', 1, true) ~= nil
end

--- Reads a list of changes.
---@param text string
---@param what string   for messages
---@return { about: table, list: table[] }? read, cso.Err?
function changes.decode(text, what)
  local body, sum = text:match "^(.*\n)(%x+)\n$"
  if not body or hash.sha256_hex(body) ~= sum then return bad(what, "it is damaged or was cut off") end
  local about, list
  for line in body:gmatch "[^\n]+" do
    local row = json.decode(line)
    if type(row) ~= "table" then return bad(what, "it is damaged") end
    if about then list[#list + 1] = row else about, list = row, {} end
  end
  if not about or about.csorun ~= "changes" then return bad(what, "it holds no changes") end
  if math.type(about.format) ~= "integer" or math.type(about.schema) ~= "integer" then
    return bad(what, "it is damaged")
  end
  if about.format > FORMAT or about.schema > schema.VERSION then
    return nil, err.new { code = "newer_state", class = "config",
      message = what .. " was written by a newer csorun", hint = "use that version or a newer one" }
  end
  if #list ~= about.count then return bad(what, "changes are missing in it") end
  return { about = about, list = list }
end

--- Makes recorded changes, all or none.
---@param db cso.Database
---@param list table[]   as changes.decode gives it
---@param what string
---@return boolean? ok, cso.Err?
function changes.replay(db, list, what)
  local ok, e = db:exec "BEGIN IMMEDIATE"
  for _, row in ipairs(list) do
    if not ok then break end
    if type(row[1]) ~= "string" or not known[table_of(row[1])] then
      ok, e = bad(what, "it holds something that is no change of a state")
    else
      ok, e = db:run(table.unpack(row, 1, #row))
    end
  end
  if ok then ok, e = db:exec "COMMIT" end
  if ok then return true end
  db:exec "ROLLBACK"
  return nil, e
end

return changes
