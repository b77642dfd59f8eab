--- Tells which files of specs took longest, on the wall and of the processor (with the programs that they
--- started). A suite grows slow one file at a time.
local loop = require "host.loop"

local SHOWN, LEAST = 10, 3 -- files; of so many files at least anybody wants to know

local slowest = {}

-- Seconds of processor time of this process and of the children it has waited for.
local function used()
  local file = io.open "/proc/self/stat"
  if not file then return 0 end
  local text = file:read("a")
  file:close()
  local fields = {}
  for word in text:match("^.*%)(.*)$"):gmatch("%S+") do fields[#fields + 1] = tonumber(word) or 0 end
  return (fields[12] + fields[13] + fields[14] + fields[15]) / 100
end

--- Tells the slowest of them.
---@param files { name: string, wall: number, cpu: number }[]  seconds; sorted afterwards
---@param most integer
---@param write fun(text: string)
function slowest.tell(files, most, write)
  local wall, cpu = 0, 0
  for _, one in ipairs(files) do wall, cpu = wall + one.wall, cpu + one.cpu end
  table.sort(files, function(a, b) return a.wall > b.wall end)
  write(("\nslowest files, of %.1f s and %.1f s of processor in all:\n"):format(wall, cpu))
  for i = 1, math.min(most, #files) do
    write(("%7.1f s %7.1f s of processor  %s\n"):format(files[i].wall, files[i].cpu, files[i].name))
  end
end

--- Listens to busted. What each file took goes to the end of the run, or where CSORUN_SPEC_TIMES says,
--- a line for each: seconds, seconds of the processor, name.
---@param busted table
---@param write fun(text: string)
function slowest.listen(busted, write)
  local files, running = {}, nil
  busted.subscribe({ "file", "start" }, function(element)
    running = { name = element.name, began = loop.now(), used = used() }
  end)
  busted.subscribe({ "file", "end" }, function()
    if not running then return end
    running.wall, running.cpu = loop.now() - running.began, used() - running.used
    files[#files + 1], running = running, nil
  end)
  busted.subscribe({ "suite", "end" }, function()
    local path = os.getenv "CSORUN_SPEC_TIMES"
    local notes = path and path ~= "" and io.open(path, "w")
    if notes then
      for _, one in ipairs(files) do notes:write(("%.3f %.3f %s\n"):format(one.wall, one.cpu, one.name)) end
      notes:close()
    elseif #files >= LEAST then
      slowest.tell(files, SHOWN, write)
    end
  end)
end

return slowest
