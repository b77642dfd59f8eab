--- What a playbook's own Lua may cost: CPU time in one stretch, and memory. See host.limits.
local duration = require("cso.std.duration")
local err = require("cso.std.err")
local host = require("host.limits")

local limits = {}

--- Says that another coroutine runs now, within the same stretch; gives the one before.
---@type fun(co: thread?): thread?
limits.inside = host.inside

--- Calls fn, which may hold so many bytes more than Lua holds now and can't await: for reading what
--- strangers send. Gives true and its results, or false and what was raised, "not enough memory" for
--- one.
---@type fun(bytes: integer, fn: function, ...: any): boolean, any, any
limits.spend = host.spend

--- Lets go of memory that can be had again: code that ran, and what was freed. What is used again comes back by
--- itself, so this is for the moment between one long piece of work and another.
---@type fun()
limits.slim = host.slim

--- Takes memory in large pages from now on: for who fills some MiB, walks through them and ends soon. It may be up to
--- 2 MiB more than is needed.
---@type fun()
limits.large_pages = host.large_pages

-- A plan of 10,000 resources takes half a second and 80 MB.
local SECONDS, MEMORY = 60, 4 << 30

local units = { [""] = 1, K = 1 << 10, M = 1 << 20, G = 1 << 30 }

--- A size as people write it: 512M, 8G, 1048576.
---@param text string
---@return integer? bytes
function limits.bytes(text)
  local number, unit = text:upper():match("^(%d+)%s*([KMG]?)I?B?$")
  return number and math.tointeger(tonumber(number)) * units[unit]
end

local function setting(getenv, name, parse, example)
  local text = getenv(name)
  if not text or text == "" then return nil end
  local value = parse(text)
  if value then return value end
  err.raise { code = "setting", class = "config", where = name,
    message = ("%s is not what %s takes"):format(text, name), hint = "for instance " .. example .. "; 0 is no limit" }
end

--- The same the other way.
---@param size integer
---@return string
function limits.shown(size)
  for _, unit in ipairs { "G", "M", "K" } do
    if size >= units[unit] then return ("%.3g %siB"):format(size / units[unit], unit) end
  end
  return size .. " bytes"
end

local faults = {
  interrupted = function()
    return { class = "interrupted", message = "interrupted while Lua was busy" }
  end,
  memory_limit = function(_, size)
    host.widen()
    return { class = "usage", message = ("the memory that Lua may use is full: %s"):format(limits.shown(size)),
      hint = "a table that grows for ever? CSORUN_LUA_MEMORY=8G allows more" }
  end,
  time_limit = function(seconds)
    return { class = "usage",
      message = ("this ran for %g s of CPU time without waiting for anything"):format(seconds),
      hint = "a loop that never ends? CSORUN_LUA_SECONDS=600 allows more, 0 any" }
  end,
}

--- Turns the limits on: from CSORUN_LUA_SECONDS and CSORUN_LUA_MEMORY, else 60 s, and 4 GiB or three
--- quarters of the machine's memory.
---@param getenv fun(name: string): string?
function limits.start(getenv)
  local seconds = setting(getenv, "CSORUN_LUA_SECONDS", duration.parse, "300 or 5m") or SECONDS
  local memory = setting(getenv, "CSORUN_LUA_MEMORY", limits.bytes, "8G") or math.min(MEMORY, host.machine() // 4 * 3)
  host.start { seconds = seconds, memory = memory, raise = function(code, source, line)
    local fields = faults[code](seconds, memory)
    fields.code = code
    fields.where = ("%s:%d"):format(source:gsub("^[@=]", ""), line)
    err.raise(fields)
  end }
end

--- Lua's own "not enough memory" as an error that names the limit and, where it was a user's, the line.
---@return cso.Err
function limits.out_of_memory()
  local file, line, size = host.refused()
  local fields = faults.memory_limit(nil, size)
  fields.code = "memory_limit"
  fields.where = file and ("%s:%d"):format(file, line) or nil
  return err.new(fields)
end

return limits
