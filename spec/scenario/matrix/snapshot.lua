--- A place as a kill at this very moment would leave it: csorun is stopped, and what is on disk of its
--- state is copied together with the account. A copy is continued by a fresh process as often as one
--- likes, so that a kill at each call of a long run costs what comes after it, not what came before.
local uv = require "luv"

local snapshot = {}

local ACCOUNT = "account.db"
snapshot.ACCOUNT = ACCOUNT

-- A signal is on its way for a moment; what is stopped says so.
local function stopped(pid)
  local file = assert(io.open(("/proc/%d/stat"):format(pid)))
  local state = file:read("a"):match("%) (%u)")
  file:close()
  return state == "T"
end

local function copy_folder(from, to, keep)
  local dir = uv.fs_scandir(from)
  if not dir then return end -- nothing is written yet
  assert(uv.fs_mkdir(to, tonumber("700", 8)))
  for name, kind in uv.fs_scandir_next, dir do
    if kind == "file" and (not keep or keep(name)) then assert(uv.fs_copyfile(from .. "/" .. name, to .. "/" .. name)) end
  end
end

--- Copies a place while its csorun is held.
---@param p spec.Place
---@param to string   a folder that is made
function snapshot.take(p, to)
  assert(uv.kill(p.pid, "sigstop"))
  while not stopped(p.pid) do end -- luacheck: ignore 542
  copy_folder(p.dir, to, function(name) return name:sub(1, #ACCOUNT) == ACCOUNT end)
  copy_folder(p.dir .. "/.cso", to .. "/.cso")
  assert(uv.kill(p.pid, "sigcont"))
end

--- Removes a folder with all that is in it.
function snapshot.drop(dir) os.execute(("rm -rf '%s'"):format(dir)) end

--- An empty folder.
---@return string
function snapshot.folder() return assert(uv.fs_mkdtemp((os.getenv "TMPDIR" or "/tmp") .. "/csorun-matrix-XXXXXX")) end

return snapshot
