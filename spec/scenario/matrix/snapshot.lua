--- A place as a kill at this very moment would leave it: csorun is stopped, with those that it started, and
--- what is on disk is copied together with the account. A copy is continued by a fresh process as often as one
--- likes, so that a kill at each call of a long run costs what comes after it, not what came before.
local uv = require "luv"

local snapshot = {}

snapshot.ACCOUNT = "account.db"

local function stat_of(pid)
  local file = io.open(("/proc/%d/stat"):format(pid))
  if not file then return nil end
  local state, parent = (file:read("a") or ""):match "%) (%u) (%d+)"
  file:close()
  return state, math.tointeger(tonumber(parent))
end

-- A process and all that came of it, parents first.
local function family(pid)
  local children, list = {}, { pid }
  local dir = assert(uv.fs_scandir "/proc")
  for name in uv.fs_scandir_next, dir do
    local one = math.tointeger(tonumber(name))
    local _, parent = nil, nil
    if one then _, parent = stat_of(one) end
    if parent then
      children[parent] = children[parent] or {}
      table.insert(children[parent], one)
    end
  end
  local at = 1
  while list[at] do
    table.move(children[list[at]] or {}, 1, #(children[list[at]] or {}), #list + 1, list)
    at = at + 1
  end
  return list
end

-- A signal is on its way for a moment; what is stopped says so, and what has ended is gone or a zombie.
local function hold(pid)
  if uv.kill(pid, "sigstop") ~= 0 then return end
  local state
  repeat state = stat_of(pid) until state == "T" or state == "Z" or state == nil
end

local function copy_folder(from, to)
  local dir = uv.fs_scandir(from)
  if not dir then return end -- nothing is written yet
  assert(uv.fs_mkdir(to, tonumber("700", 8)))
  for name, kind in uv.fs_scandir_next, dir do
    if kind == "file" then
      assert(uv.fs_copyfile(from .. "/" .. name, to .. "/" .. name))
    elseif kind == "directory" then
      copy_folder(from .. "/" .. name, to .. "/" .. name)
    end
  end
end

--- Copies a place while its csorun, if there is one, is held.
---@param p spec.Place
---@param to string   a folder that is made
---@param running boolean?
function snapshot.take(p, to, running)
  local held = running and family(p.pid) or {}
  for _, pid in ipairs(held) do hold(pid) end
  copy_folder(p.dir, to)
  for _, pid in ipairs(held) do uv.kill(pid, "sigcont") end
end

--- Renames files.
---@param dir string
---@param from string   a part of their names
---@param to string
function snapshot.rename(dir, from, to)
  local files, names = uv.fs_scandir(dir), {}
  if not files then return end -- nothing is written yet
  for name in uv.fs_scandir_next, files do names[#names + 1] = name end
  for _, name in ipairs(names) do
    local first, last = name:find(from, 1, true)
    if first then assert(uv.fs_rename(dir .. "/" .. name, dir .. "/" .. name:sub(1, first - 1) .. to .. name:sub(last + 1))) end
  end
end

--- Removes a folder with all that is in it.
function snapshot.drop(dir) os.execute(("rm -rf '%s'"):format(dir)) end

--- An empty folder.
---@return string
function snapshot.folder() return assert(uv.fs_mkdtemp((os.getenv "TMPDIR" or "/tmp") .. "/csorun-matrix-XXXXXX")) end

return snapshot
