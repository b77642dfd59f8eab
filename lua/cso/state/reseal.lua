--- Seals a state that lies in clear, opens one for good, or gives it another key: whichever the configuration
--- asks for. The file is written anew beside itself and takes its own place, so that there is always
--- one whole state; the copies beside it go first, so that the last step ends all.
local backup = require "cso.state.backup"
local cover = require "cso.state.cover"
local err = require "cso.std.err"
local fs = require "cso.std.fs"

local reseal = {}

-- What a file would have to be, if it isn't.
local function wanted(which, sealer)
  if which == "keys" or which == "clear" and not sealer.keys then return nil end
  if not sealer.keys then return "opened" end
  return which == "clear" and "sealed" or "renewed"
end

local function dir_and_name(path)
  local dir, name = path:match "^(.*)/([^/]+)$"
  return dir or ".", name or path
end

-- Copies that csorun made of it and knows how to read, and what else of it lies there.
local function beside(path)
  local dir, name = dir_and_name(path)
  local copies, rest = {}, {}
  for _, other in ipairs(fs.list(dir) or {}) do
    local tail = other:sub(1, #name) == name and other:sub(#name + 1) or ""
    local full = dir .. "/" .. other
    if tail == ".backup" or tail:match "^%.format%d+$" then copies[#copies + 1] = full end
    local stem = other:sub(1, #name - 3) == name:gsub("%.db$", "") and other:sub(#name - 2) or ""
    if tail:match "^%.damaged" or stem:match "^%.spill%-" then rest[#rest + 1] = full end
  end
  return copies, rest
end

local function copies(path, sealer)
  for _, copy in ipairs((beside(path))) do
    local db, which = cover.open(copy, sealer, { readonly = true })
    -- One with a key that nobody has any more is left as it is: it is no secret told.
    if db then
      local ok, e = true, nil
      if wanted(which, sealer) then ok, e = backup.copy(db, copy, sealer) end
      db:close()
      if not ok then return nil, e end
    end
  end
  return true
end

--- Files of a state that lie there in clear and that nobody converts: damaged and spilled ones.
---@param path string
---@return string[]
function reseal.left(path)
  local list = {}
  for _, file in ipairs((select(2, beside(path)))) do
    if not cover.is_sealed(file) then list[#list + 1] = file end
  end
  return list
end

-- Nobody else has it open from here on, and what waits in the write-ahead log is in the file.
local function alone(store)
  local ok, e = store.db:exec "PRAGMA locking_mode = EXCLUSIVE"
  local row
  if ok then row, e = store.db:one "PRAGMA journal_mode = DELETE" end
  if row and row.journal_mode == "delete" then return true end
  return nil, err.new { code = "state_busy", class = "locked",
    message = ("%s is to be encrypted anew, and another csorun reads it%s"):format(store.path,
      e and " (" .. e.message .. ")" or ""), hint = "wait for it to end and run again" }
end

--- Does what is to be done to an open state whose lock the caller holds.
---@param store cso.Store
---@return "sealed"|"opened"|"renewed"|nil what   nil without error: nothing was to be done
---@return cso.Err?
function reseal.run(store)
  local sealer = store.sealer
  if not sealer or store.path == ":memory:" then return nil end
  local ok, e = copies(store.path, sealer)
  if not ok then return nil, e end
  local what = wanted(store.which, sealer)
  if not what then return nil end
  ok, e = alone(store)
  if ok then ok, e = backup.copy(store.db, store.path, sealer) end
  if not ok then
    store.db:exec "PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL"
    return nil, e
  end
  ok, e = store:reopen()
  if not ok then return nil, e end
  return what
end

return reseal
