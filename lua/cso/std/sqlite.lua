--- SQLite databases: the host's handle with transactions and a check of the file's health.
local err = require "cso.std.err"
local host = require "host.sqlite"

local sqlite = {}

---@class cso.Database  the host's handle; its methods but transaction and check are in C
---@field exec fun(self, sql: string): boolean?, cso.Err?
---@field run fun(self, sql: string, ...): integer?, integer|cso.Err  changes, last row id
---@field query fun(self, sql: string, ...): table[]?, cso.Err?
---@field columns fun(self, sql: string, ...): any[][]?, cso.Err?   a list of each column's values, of which none is NULL
---@field one fun(self, sql: string, ...): table?, cso.Err?
---@field bytes fun(self): string?, cso.Err?   all of it, as the bytes of a file in clear
---@field become fun(self, bytes: string): boolean?, cso.Err?   a database in memory takes such bytes
---@field reserve fun(self, n: integer): boolean?, cso.Err?   bytes free in each page of copies of it
---@field close fun(self)
local methods = host.methods

-- Databases with an open transaction: two tasks may hold the same handle.
local busy = setmetatable({}, { __mode = "k" })

local function finish(db, ok, first, ...)
  busy[db] = nil
  if not ok or (first == nil and ... ~= nil) then
    db:exec "ROLLBACK" -- may have happened already, when the file system failed
    if not ok then error(first, 0) end
    return first, ...
  end
  local done, failure = db:exec "COMMIT"
  if not done then
    db:exec "ROLLBACK"
    return nil, err.wrap(failure)
  end
  return first, ...
end

--- Runs fn(db) between BEGIN IMMEDIATE and COMMIT. A raised error rolls back and is raised again; so
--- does a returned `nil, err`, which is then returned. fn's other results are this method's.
---@param fn fun(db: cso.Database): ...
---@return any ...  fn's results, or nil and the error
function methods.transaction(db, fn)
  if busy[db] then error("this database is in a transaction already", 2) end
  local begun, failure = db:exec "BEGIN IMMEDIATE"
  if not begun then return nil, err.wrap(failure) end
  busy[db] = true
  return finish(db, pcall(fn, db))
end

--- Whether the file is sound: pages, indexes, constraints.
---@return boolean?  true
---@return cso.Err?  code "corrupt", the first findings in the message
function methods.check(db)
  local rows, failure = db:query "PRAGMA integrity_check(5)"
  if not rows then return nil, err.wrap(failure) end
  if rows[1] and rows[1].integrity_check == "ok" then return true end
  local findings = {}
  for i, row in ipairs(rows) do findings[i] = tostring(row.integrity_check) end
  return nil, err.new { code = "corrupt", message = table.concat(findings, "; ") }
end

--- Opens a database file (":memory:" for one that is nowhere).
---@param path string
---@param options { readonly: boolean?, create: boolean?, busy_ms: integer?, cover: host.sqlite.Cover? }?
---@return cso.Database?
---@return cso.Err?  code "sqlite", field sqlite = SQLite's extended result code
function sqlite.open(path, options)
  local db, failure = host.open(path, options)
  if not db then
    failure.message = ("cannot open %s: %s"):format(path, failure.message)
    return nil, err.wrap(failure)
  end
  return db
end

--- What a sealed file is sealed with (host/core/cover.h).
sqlite.cover = host.cover

return sqlite
