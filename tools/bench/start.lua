-- Cold start, side by side: the time from exec to exit, medians, and ratios to the bare C program of
-- floor.c:   build/csorun-lua tools/bench/start.lua FLOOR
local fcntl = require "posix.fcntl"
local loop = require "host.loop"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"
local wait = require "posix.sys.wait"

local floor = assert(arg[1], "usage: start.lua FLOOR_BINARY")
local csorun = require("host.fs").exe_dir() .. "/csorun"
local dir = assert(stdlib.mkdtemp("/tmp/csorun-bench-XXXXXX"))
local empty = dir .. "/empty.lua"
io.open(empty, "w"):close()

-- Seconds of one run, its output thrown away.
local function once(command)
  local started = loop.now()
  local pid = unistd.fork()
  if pid == 0 then
    local null = fcntl.open("/dev/null", fcntl.O_RDWR)
    for fd = 0, 2 do unistd.dup2(null, fd) end
    unistd.chdir(dir)
    unistd.execp(command[1], table.move(command, 2, #command, 1, {}))
    unistd._exit(127)
  end
  local _, _, status = wait.wait(pid)
  if status == 127 then return nil end
  return loop.now() - started
end

local function installed(name)
  for path in os.getenv("PATH"):gmatch("[^:]+") do
    if unistd.access(path .. "/" .. name, "x") then return true end
  end
end

local rows = {
  { "bare C: Lua, libyaml, jansson, libcrypto", { floor, empty }, 101 },
  { "lua5.4, empty script", { "lua5.4", empty }, 101 },
  { "csorun --version", { csorun, "--version" }, 101 },
  { "csorun, empty playbook", { csorun, empty }, 101 },
  { "terraform version", { "terraform", "version" }, 5 },
  { "aws --version", { "aws", "--version" }, 5 },
}

local base
print(("%-44s %9s %7s"):format("cold start", "ms", "ratio"))
for _, row in ipairs(rows) do
  local what, command, rounds = row[1], row[2], row[3]
  if command[1]:find("/") or installed(command[1]) then
    local times = {}
    for i = 1, rounds do times[i] = assert(once(command), what .. " can't be run") end
    table.sort(times)
    local median = times[rounds // 2 + 1]
    base = base or median
    print(("%-44s %9.2f %7.2f"):format(what, median * 1000, median / base))
  else
    print(("%-44s %9s"):format(what, "not here"))
  end
end
os.execute("rm -r " .. dir)
