-- Runs a program and says what it cost.
local fs = require "cso.std.fs"
local process = require "cso.task.process"
local stdlib = require "posix.stdlib"
local task = require "cso.task"

local measure = {}

local cost = fs.exe_dir() .. "/cost"

--- A folder that goes when the task ends.
---@param files table<string, string>
---@return string
function measure.folder(files)
  local dir = assert(stdlib.mkdtemp("/tmp/csorun-bench-XXXXXX"))
  task.defer(function() os.execute("rm -rf " .. dir) end)
  for name, text in pairs(files) do assert(fs.write_atomic(dir .. "/" .. name, text)) end
  return dir
end

--- Runs it to its end, which has to be a good one.
---@param dir string
---@param words string[]   program and arguments
---@param env table<string, string>?
---@return { cpu: number, wall: number, mib: number }  seconds, of it and its children; the most memory
---  of the largest of them
function measure.run(dir, words, env)
  local result = assert(process.run(cost, { args = { dir .. "/cost", table.unpack(words) }, cwd = dir, env = env }))
  if result.code ~= 0 then error(table.concat(words, " ") .. "\n" .. result.err .. result.out, 0) end
  local cpu, wall, kib = fs.read(dir .. "/cost"):match("([%d.]+) ([%d.]+) (%d+)")
  return { cpu = tonumber(cpu), wall = tonumber(wall), mib = tonumber(kib) / 1024 }
end

---@param list number[]
---@return number
function measure.median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

return measure
