--- All specs, in as many processes as there are processors: most of a spec that runs programs is waiting for
--- them. Run by ./dev test and ./dev asan: csorun-lua tools/specs/main.lua JOBS BUSTED NOTES [busted options]
--- NOTES is a file that remembers how long each spec took: the next run begins with the longest.
--- What failed is run once more when nothing else runs, and what failed then is told last, where one looks. What
--- passes then is unsteady: it fails nothing, and is told as well, because somebody has to find out why.
local loop = require "host.loop"
local process = require "cso.task.process"
local task = require "cso.task"

local jobs, busted, notes = math.tointeger(tonumber(arg[1])), arg[2], arg[3]
local options = table.move(arg, 4, #arg, 1, {})

-- A process begins with a second of its own, so short files share one.
local ENOUGH, MOST = 8, 25 -- seconds of a batch, files of a batch
local SHOWN = 10
local AGAIN = 5 -- batches that are run again; where more fail it is not by chance

local function files()
  local list = {}
  local pipe = assert(io.popen "find spec -name '*_spec.lua' | LC_ALL=C sort")
  for name in pipe:lines() do list[#list + 1] = name end
  pipe:close()
  return list
end

local function each_note(path, fn)
  local file = io.open(path)
  if not file then return end
  for line in file:lines() do
    local wall, cpu, name = line:match "^([%d.]+) ([%d.]+) (.+)$"
    if wall then fn(name, tonumber(wall), tonumber(cpu)) end
  end
  file:close()
end

-- What nobody has measured yet: what runs programs or lives whole lives takes long.
local LONG, SHORT = ENOUGH, 0.5 -- seconds
local SIGNS = { "spec%.scenario%.world", "spec%.life%.", "cso%.task%.process", "shell_line", "spec%.support%.watched", "popen" }

local function guess(name)
  local file = io.open(name)
  local text = file and file:read("a") or ""
  if file then file:close() end
  for _, sign in ipairs(SIGNS) do
    if text:find(sign) then return LONG end
  end
  return SHORT
end

-- Lists of files, the longest first.
local function batches()
  local seconds, list = {}, files()
  each_note(notes, function(name, wall) seconds[name] = wall end)
  local function of(name)
    seconds[name] = seconds[name] or guess(name)
    return seconds[name]
  end
  table.sort(list, function(a, b)
    if of(a) ~= of(b) then return of(a) > of(b) end
    return a < b
  end)
  local all, batch = {}, nil
  for _, name in ipairs(list) do
    if not batch or batch.seconds + of(name) > ENOUGH or #batch >= MOST then
      batch = { seconds = 0 }
      all[#all + 1] = batch
    end
    batch[#batch + 1], batch.seconds = name, batch.seconds + of(name)
  end
  return all
end

local sums, failed, COUNTS = {}, {}, { "successes", "failures", "errors", "pending" }
for _, name in ipairs(COUNTS) do sums[name] = 0 end

local function count(said)
  for _, name in ipairs(COUNTS) do sums[name] = sums[name] + said[name] end
end

local function numbers_of(result)
  local at = result.out:find "%d+ success%a* / %d+ failures? / "
  if not at then return nil end
  local numbers = table.pack(result.out:match("^(%d+) %a+ / (%d+) %a+ / (%d+) %a+ / (%d+) pending[^\n]*\n(.*)$", at))
  if not numbers[1] then return nil end
  numbers.signs, numbers.more = result.out:sub(1, at - 1), numbers[5] .. result.err
  return numbers
end

-- What busted says: a line of signs, a line of sums, and what is to be told of single specs.
---@return { [string]: integer, text: string } said how many of each, and what to tell of those that failed
local function hear(batch, result)
  local said, numbers = { text = "" }, numbers_of(result)
  for i, name in ipairs(COUNTS) do said[name] = numbers and math.tointeger(tonumber(numbers[i])) or 0 end
  if numbers then
    io.stdout:write((numbers.signs:gsub("\n$", "")))
    if numbers.more:find "%S" then said.text = numbers.more:gsub("^%s*\n", "") .. "\n" end
  end
  if result.code ~= 0 and said.failures + said.errors == 0 then
    said.errors = 1
    said.text = ("the specs ended with %d: %s\n%s%s\n"):format(result.code, table.concat(batch, " "),
      numbers and "" or result.out, result.err)
  end
  if said.text ~= "" then io.stdout:write("\n", said.text) end
  io.stdout:flush()
  return said
end

local function run(batch, nth)
  local times = ("%s.%d"):format(notes, nth)
  local args = { busted }
  table.move(options, 1, #options, #args + 1, args)
  table.move(batch, 1, #batch, #args + 1, args)
  local result = assert(process.run(arg[-1], { args = args, input = "", env = { CSORUN_SPEC_TIMES = times } }))
  local taken = {}
  each_note(times, function(name, wall, cpu) taken[#taken + 1] = { name = name, wall = wall, cpu = cpu } end)
  os.remove(times)
  return taken, hear(batch, result)
end

-- Of a run that left out most of them nothing is learnt.
local function remember(taken)
  for _, option in ipairs(options) do
    if option:find "^%-%-tags" or option:find "^%-%-filter" then return end
  end
  table.sort(taken, function(a, b) return a.wall > b.wall end)
  local file = io.open(notes, "w")
  if not file then return end
  for _, one in ipairs(taken) do file:write(("%.1f %.1f %s\n"):format(one.wall, one.cpu, one.name)) end
  file:close()
end

local began = loop.now()
local taken, failure = task.run(function()
  local all, list = {}, batches()
  local numbers = {}
  for i = 1, #list do numbers[i] = i end
  task.map(numbers, function(nth)
    local some, said = run(list[nth], nth)
    table.move(some, 1, #some, #all + 1, all)
    if said.failures + said.errors > 0 then failed[#failed + 1] = { nth = nth, said = said } else count(said) end
  end, { limit = jobs })
  for i, one in ipairs(failed) do
    local said = one.said
    if i <= AGAIN then said = select(2, run(list[one.nth], one.nth)) end
    count(said)
    one.unsteady = said.failures + said.errors == 0
    one.said = one.unsteady and one.said or said
  end
  return all
end)
if not taken then
  io.stderr:write(tostring(failure.message or failure), "\n")
  os.exit(1)
end
remember(taken)
print(("\n%d successes / %d failures / %d errors / %d pending : %.1f seconds"):format(sums.successes, sums.failures, sums.errors,
  sums.pending, loop.now() - began))
require("spec.support.slowest").tell(taken, SHOWN, function(text) io.stdout:write(text) end)
for _, one in ipairs(failed) do
  print(("\n%s:\n%s"):format(one.unsteady and "UNSTEADY, failed among the others and passed alone" or "FAILED, alone as well",
    one.said.text))
end
os.exit(sums.failures + sums.errors == 0)
