--- Loaded by busted before any spec: refuses to run on an interpreter without the host, and fails
--- every test that leaves something behind: a task, a timer, a handle on the loop, an open file.
if not pcall(require, "host.proc") then
  error("specs run on the host: ./dev test, or busted --lua=build/csorun-lua", 0)
end

local busted = require("busted")
local lfs = require("lfs")
local loop = require("host.loop")
local task = require("cso.task")
require("luv") -- here, so that busted does not forget and open it once per file

local known = require("cso.std.catalogue").path()

-- Paths of the files that are open. Sockets are not counted: the HTTP client keeps connections. Nor is the
-- catalogue, which is opened at the first question and stays open.
local function open_files()
  local files = {}
  for fd in lfs.dir("/proc/self/fd") do
    local path = lfs.symlinkattributes("/proc/self/fd/" .. fd, "target")
    if path and path:find("^/") and not path:find("^/proc/") and not path:find("^/dev/")
      and path ~= known then
      files[#files + 1] = path
    end
  end
  table.sort(files)
  return files
end

local before, name

local function remember()
  before = { files = open_files(), handles = loop.handles() }
end

local function leaks()
  local found = {}
  local stats = task.stats()
  for _, what in ipairs { "tasks", "timers", "awaited" } do
    if stats[what] ~= 0 then found[#found + 1] = ("%d %s"):format(stats[what], what) end
  end
  if loop.handles() > before.handles then
    loop.wait(0) -- closing takes a turn of the loop
    if loop.handles() > before.handles then
      found[#found + 1] = ("%d handles"):format(loop.handles() - before.handles)
    end
  end
  if #open_files() > #before.files then
    collectgarbage() -- a file that nothing refers to is closed by the collector: no leak
    local files = open_files()
    if #files > #before.files then
      found[#found + 1] = "open files: " .. table.concat(files, ", ")
    end
  end
  return found
end

require("spec.support.slowest").listen(busted, function(text) io.stdout:write(text) end)

busted.before_each(remember)

busted.subscribe({ "test", "start" }, function(element) name = element.name end)

busted.after_each(function()
  local found = leaks()
  if #found > 0 then
    error(("%q left behind: %s"):format(name, table.concat(found, "; ")), 0)
  end
end)
