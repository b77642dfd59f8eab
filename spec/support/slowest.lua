--- Tells at the end of a run which files took longest, on the wall and of the processor (with the programs
--- that they started). A suite grows slow one file at a time.
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

--- Listens to busted.
---@param busted table
---@param write fun(text: string)
function slowest.listen(busted, write)
  local files, total, running = {}, 0, nil
  busted.subscribe({ "file", "start" }, function(element)
    running = { name = element.name, began = loop.now(), used = used() }
  end)
  busted.subscribe({ "file", "end" }, function()
    if not running then return end
    running.wall, running.cpu = loop.now() - running.began, used() - running.used
    total = total + running.wall
    files[#files + 1], running = running, nil
  end)
  busted.subscribe({ "suite", "end" }, function()
    if #files < LEAST then return end
    table.sort(files, function(a, b) return a.wall > b.wall end)
    write(("\nslowest files, of %.1f s in all:\n"):format(total))
    for i = 1, math.min(SHOWN, #files) do
      write(("%7.1f s %7.1f s of processor  %s\n"):format(files[i].wall, files[i].cpu, files[i].name))
    end
  end)
end

return slowest
