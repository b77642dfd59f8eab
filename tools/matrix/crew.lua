--- Runs the points of a matrix side by side: as many processes as there are processors, each of which takes a
--- few points at a time and tells of each as a line of JSON.
local json = require "cso.std.json"
local process = require "cso.task.process"
local task = require "cso.task"
local uv = require "luv"

local crew = {}

local FEW = 4 -- points that a process is given at once: a start costs less than one, an idle end no more than these
local INTERPRETER = uv.exepath():match "^(.*)/[^/]*$" .. "/csorun-lua"
-- Each write of a state is waited for; what is thrown away in a second need not reach a disk.
local MEMORY = uv.fs_stat "/dev/shm" and "/dev/shm" or nil

--- Goes through points.
---@param matrix string       whose `work(context, point)` is called: tools.matrix.NAME
---@param context string      a file of JSON that all points need
---@param points table[]
---@param jobs integer
---@param done fun(point: table, answer: table)   told of each, as they come
function crew.run(matrix, context, points, jobs, done)
  local batches = {}
  for i, point in ipairs(points) do
    local at = (i - 1) // FEW + 1
    batches[at] = batches[at] or {}
    table.insert(batches[at], point)
  end
  local _, e = task.run(function()
    task.map(batches, function(batch)
      local lines, nth = {}, 0
      for i, point in ipairs(batch) do lines[i] = assert(json.encode(point)) end
      local noise = {}
      local result = assert(process.run(INTERPRETER, {
        env = { TMPDIR = MEMORY },
        args = { "tools/matrix/main.lua", "work", matrix, context }, input = table.concat(lines, "\n") .. "\n",
        on_line = function(line, stream)
          local answer = stream == "out" and line:find("^{") and json.decode(line)
          if not answer then
            noise[#noise + 1] = line
            return
          end
          nth = nth + 1
          done(batch[nth], answer)
        end }))
      for i = nth + 1, #batch do
        done(batch[i], { failure = ("the worker ended with %d\n%s"):format(result.code, table.concat(noise, "\n")) })
      end
    end, { limit = jobs })
  end)
  if e then error(type(e) == "table" and e.message or e, 0) end
end

--- The worker: points come as lines of JSON.
---@param matrix string
---@param context string
function crew.work(matrix, context)
  local file = assert(io.open(context, "rb"))
  local known = assert(json.decode(file:read "a"))
  file:close()
  local one = require("tools.matrix." .. matrix)
  for line in io.stdin:lines() do
    io.stdout:write(assert(json.encode(one.work(known, assert(json.decode(line))))), "\n")
    io.stdout:flush()
  end
  if one.rest then one.rest() end
end

return crew
