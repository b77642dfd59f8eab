--- The kill matrix: for each changing call of a deployment, and of its destruction, what happens when
--- csorun dies right before the call is carried out and right after. Nobody hears of a death; the next
--- run has to find out by itself, and to end where a run that nobody killed ends.
local calls = require "cso.kind.calls"
local snapshot = require "spec.scenario.matrix.snapshot"
local world = require "spec.scenario.world"

local kill = {}

local LIMIT = 300 -- seconds for one run: what hangs has failed

---@class spec.Kill                 one point of the matrix
---@field phase "apply"|"destroy"   of what
---@field nth integer               at which changing call
---@field moment "before"|"after"
---@field call string               "service.Operation"
---@field dir string                the copy of that moment
---@field variant "once"|"twice"|"instead"   twice: the next run dies, too; instead: it is destroyed, not finished

---@class spec.Clean                the run that nobody killed
---@field words string[]            playbook and options
---@field account table<string, { inventory: string, counts: string }>   at the end of apply and of destroy
---@field requests table<string, integer>   calls of any kind that each took
---@field calls table<string, integer>      changing calls of each

local function words(verb, clean, ...)
  return table.move(clean.words, 1, #clean.words, 2, { verb, ... })
end

local function run(p, list, expected)
  local code, text = p:csorun(list, { limit = LIMIT })
  if expected and code ~= expected then
    error(("csorun %s ended with %d\n%s"):format(list[1], code, text), 0)
  end
  return code
end

local function approved(verb, clean)
  local list = words(verb, clean)
  table.move({ "-y", "-q" }, 1, 2, #list + 1, list)
  return list
end

local function ask(verb, clean)
  local list = words("plan", clean)
  list[#list + 1] = "--detailed-exitcode"
  if verb == "destroy" then list[#list + 1] = "--destroy" end
  return list
end

local function look(p) return { inventory = p:inventory(), counts = p:counts() } end

--- Runs a playbook undisturbed, then its destruction, and copies both at the moments that are wanted.
---@param book string[]                 playbook and options
---@param into string                   folder of the copies
---@param wanted fun(phase: string, nth: integer, moment: string): boolean
---@param phases string[]?              default apply and destroy
---@return spec.Clean clean, spec.Kill[] points
function kill.record(book, into, wanted, phases)
  local clean = { words = book, account = {}, requests = {}, calls = {} }
  local points = {}
  world.run({ seed = 1, db = snapshot.ACCOUNT }, function(p)
    for _, phase in ipairs(phases or { "apply", "destroy" }) do
      p.calls, p.requests = {}, 0
      local nth = {} -- calls run side by side: the one that is carried out is not always the one that came last
      p.watch = function(moment, service, operation)
        if not calls.mutating(operation) then return end
        nth[moment] = (nth[moment] or 0) + 1
        if not wanted(phase, nth[moment], moment) then return end
        local dir = ("%s/%s-%04d-%s"):format(into, phase, nth[moment], moment)
        snapshot.take(p, dir)
        points[#points + 1] = { phase = phase, nth = nth[moment], moment = moment,
          call = service .. "." .. operation, dir = dir, variant = "once" }
      end
      run(p, approved(phase, clean), 0)
      p.watch = nil
      clean.account[phase], clean.requests[phase], clean.calls[phase] = look(p), p.requests, #p.calls
    end
  end)
  return clean, points
end

-- Lines that only one of two texts has, at most forty of them.
local function differences(wanted, found, only_more)
  local count, out = {}, {}
  for line in wanted:gmatch "[^\n]+" do count[line] = (count[line] or 0) - 1 end
  for line in found:gmatch "[^\n]+" do count[line] = (count[line] or 0) + 1 end
  for line, n in pairs(count) do
    if n > 0 or n < 0 and not only_more then out[#out + 1] = ("  %+d %s"):format(n, line:sub(1, 200)) end
  end
  table.sort(out)
  return table.concat(out, "\n", 1, math.min(#out, 40))
end

--- Fails when the account is not as it was at the end of the undisturbed run.
---@param p spec.Place
---@param expected { inventory: string, counts: string }
---@param less boolean?   it may hold less: what was never made is not kept either
function kill.compare(p, expected, less)
  local found = look(p)
  if less then
    local more = differences(expected.inventory, found.inventory, true)
    if more ~= "" then error("something is left\n" .. more, 0) end
    return
  end
  if found.counts ~= expected.counts then
    error("the account holds more or less (+ too much, - missing)\n" .. differences(expected.counts, found.counts)
      .. "\n" .. differences(expected.inventory, found.inventory), 0)
  end
  if found.inventory ~= expected.inventory then
    error("the account differs\n" .. differences(expected.inventory, found.inventory), 0)
  end
end

-- Where the second run dies: early, where the first one's leavings are met, and later.
local SECOND = { 1, 2, 3, 5, 8, 13, 21, 34 }

local function play(p, clean, point)
  local phase = point.phase
  if point.variant == "twice" then
    p.kill = { at = SECOND[point.nth % #SECOND + 1], moment = point.nth % 3 == 0 and "before" or "after" }
    local code = run(p, approved(phase, clean))
    if code ~= 137 and code ~= 0 then error("the second run ended with " .. code, 0) end
    p.kill, p.calls = nil, {}
  elseif point.variant == "instead" then
    phase = "destroy"
  end
  p.requests = 0
  run(p, approved(phase, clean), 0)
  local requests = p.requests
  if point.variant == "instead" then
    kill.compare(p, clean.account.destroy, true)
  else
    kill.compare(p, clean.account[phase])
  end
  run(p, ask(phase, clean), 0)
  return requests
end

--- Goes on from a copy with fresh processes.
---@param clean spec.Clean
---@param point spec.Kill
---@return string? failure, integer? requests   what the run that converged took
function kill.continue(clean, point)
  local failure, requests
  world.run({ seed = 1, db = snapshot.ACCOUNT, copy = point.dir }, function(p)
    local ok, got = pcall(play, p, clean, point)
    if ok then requests = got else failure = tostring(type(got) == "table" and got.message or got) end
  end)
  return failure, requests
end

--- How a point is called.
---@param point spec.Kill
---@return string
function kill.label(point)
  return ("%s-%04d-%s%s"):format(point.phase, point.nth, point.moment, point.variant == "once" and "" or "-" .. point.variant)
end

return kill
