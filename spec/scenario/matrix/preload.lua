--- What is laid under csorun in a matrix: libraries that change the world below it, made when first asked for.
local snapshot = require "spec.scenario.matrix.snapshot"

local preload = {}

local built = {}

-- The path of a library, or nil where nothing can be compiled.
local function library(name)
  if built[name] == nil then
    local folder = snapshot.folder()
    local path = ("%s/%s.so"):format(folder, name)
    local ok = os.execute(("cc -shared -fPIC -O1 -o '%s' spec/support/%s.c -ldl 2>/dev/null"):format(path, name))
    -- What is mapped already stays; a process that starts later needs the file.
    built[name] = ok and path or false
    built[#built + 1] = folder
  end
  return built[name] or nil
end

--- The environment in which RSA keys are short.
---@return table<string, string>
function preload.keys() return { LD_PRELOAD = library "quickkeys", ASAN_OPTIONS = "verify_asan_link_order=0" } end

--- The environment in which csorun dies at its n-th write to the state; 0: it only counts.
---@param p spec.Place
---@param at integer
---@return table<string, string>
function preload.disk(p, at)
  return { LD_PRELOAD = library "diskfault", DISKFAULT_PATH = p.dir .. "/.cso/", DISKFAULT_AT = tostring(at),
    DISKFAULT_ERRNO = "-1", DISKFAULT_COUNT = p.dir .. "/writes" }
end

--- Removes what was made.
function preload.drop()
  for _, folder in ipairs(built) do snapshot.drop(folder) end
  built = {}
end

return preload
