--- Processes that a program started, and that may live longer than it.
local task = require "cso.task"
local uv = require "luv"

local survivors = {}

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "a" or nil
  if file then file:close() end
  return text
end

-- Parent and state of a process: what follows its name, which may hold anything.
local function stat(pid)
  local state, parent = (read(("/proc/%s/stat"):format(pid)) or ""):match "^.*%) (%a) (%d+)"
  return tonumber(parent), state
end

--- The processes below one, its children first.
---@param pid integer
---@return integer[]
function survivors.below(pid)
  local of, list, at = {}, { pid }, 1
  for name in require("lfs").dir "/proc" do
    local parent = name:find "^%d+$" and stat(name)
    if parent then of[parent] = of[parent] or {}; table.insert(of[parent], tonumber(name)) end
  end
  while list[at] do
    for _, child in ipairs(of[list[at]] or {}) do list[#list + 1] = child end
    at = at + 1
  end
  table.remove(list, 1)
  return list
end

--- Kills a program and what it started, it alone, or only what it started.
---@param pid integer
---@param whom "all"|"parent"|"child"
---@return integer[] below  what it had started
function survivors.kill(pid, whom)
  local below = survivors.below(pid)
  if whom ~= "child" or #below == 0 then uv.kill(pid, "sigkill") end
  for _, one in ipairs(whom == "parent" and {} or below) do uv.kill(one, "sigkill") end
  return below
end

--- Waits until processes have ended.
---@param list integer[]?
---@param limit number   seconds
function survivors.wait(list, limit)
  local last = uv.hrtime() + limit * 1e9
  for _, pid in ipairs(list or {}) do
    while true do
      local parent, state = stat(pid)
      if not parent or state == "Z" then break end
      if uv.hrtime() > last then error(("process %d did not end"):format(pid), 0) end
      task.sleep(0.02)
    end
  end
end

return survivors
