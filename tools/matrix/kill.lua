--- ./dev matrix kill: see spec/scenario/matrix/kill.lua for what a point is.
local crew = require "tools.matrix.crew"
local deep = require "cso.std.deep"
local json = require "cso.std.json"
local kill = require "spec.scenario.matrix.kill"
local preload = require "spec.scenario.matrix.preload"
local snapshot = require "spec.scenario.matrix.snapshot"
local stories = require "spec.scenario.matrix.stories"

local matrix = { rest = preload.drop }

local VARIANTS = { "once", "twice", "elsewhere", "instead" }
local SELDOM = 10 -- of so many moments one is undone instead of finished
local GOLDEN = (5 ^ 0.5 - 1) / 2

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return assert(json.decode(text))
end

local function write(path, v)
  local file = assert(io.open(path, "wb"))
  file:write((assert(json.encode(v, { sort = true }))))
  file:close()
end

-- Keeps what one has to know to go on from a copy again.
local function keep(folder, clean, point)
  local to = ("%s/%s-%s"):format(folder, clean.story.name, kill.label(point))
  assert(os.execute(("rm -rf '%s' && mkdir -p '%s' && cp -a '%s/.' '%s'"):format(to, to, point.dir, to)))
  write(to .. "/point.json", { clean = clean, point = point })
  return to
end

--- One point, in a process of its own.
function matrix.work(clean, point)
  local failure, requests = kill.continue(clean, point)
  return { failure = failure, requests = requests }
end

-- Which points there are, in the order of the calls; each copy has all that is done with it side by side.
local function listed(opts, clean, points)
  local list = {}
  for _, point in ipairs(points) do
    local can = kill.variants(clean, point)
    for _, variant in ipairs(opts.variant and { opts.variant } or VARIANTS) do
      local now = variant ~= "instead" or opts.variant or point.nth % SELDOM == 5 or #points < 10 * SELDOM
      if can[variant] and now then
        list[#list + 1] = { phase = point.phase, nth = point.nth, moment = point.moment, call = point.call,
          dir = point.dir, variant = variant }
      end
    end
  end
  return list
end

local function again(opts, out)
  local kept = read(opts.from .. "/point.json")
  kept.point.dir = opts.from
  out:one(kill.label(kept.point), (kill.continue(kept.clean, kept.point)), "./dev matrix kill --from " .. opts.from)
  matrix.rest()
  return out:close()
end

-- What is to be done is in a folder, and so is what was done: a matrix that was interrupted goes on from there.
local function begin(opts, out, asked)
  local into = snapshot.folder()
  local every, first, last = opts.every or 1, opts.first or 1, opts.last or math.huge
  local clean, points = kill.record(asked, into, function(phase, nth)
    return nth >= first and nth <= last and (nth - first) % every == 0 and (opts.phase or phase) == phase
  end)
  local list = listed(opts, clean, points)
  write(into .. "/clean.json", clean)
  write(into .. "/list.json", list)
  for _, phase in ipairs(deep.keys(clean.calls)) do
    out:say("%s, undisturbed %s: %d calls, %d of them changing%s", asked.name, phase, clean.requests[phase], clean.calls[phase],
      clean.writes[phase] and (", %d writes"):format(clean.writes[phase]) or "")
  end
  out:say("%d moments copied; if this is interrupted: ./dev matrix kill --resume %s", #points, into)
  return into
end

-- Any beginning of it is spread evenly over the whole: what was done when somebody interrupts is a fair sample.
local function spread(list)
  local out, place = {}, {}
  for i, item in ipairs(list) do
    out[i], place[item] = item, i * GOLDEN % 1
  end
  table.sort(out, function(a, b) return place[a] < place[b] end)
  return out
end

local function go_through(opts, out, into)
  local clean, list, past = read(into .. "/clean.json"), read(into .. "/list.json"), {}
  for line in (io.open(into .. "/done") or io.tmpfile()):lines() do past[line] = true end
  local log = assert(io.open(into .. "/done", "ab"))
  local left, worst, tally, open = {}, 0, {}, {}
  for _, point in ipairs(list) do
    if not past[kill.label(point)] then
      left[#left + 1] = point
      open[point.dir] = (open[point.dir] or 0) + 1
    end
  end
  out.total = (out.total or 0) + #left
  crew.run("kill", into .. "/clean.json", spread(left), opts.jobs, function(point, answer)
    local label = kill.label(point)
    local folder = answer.failure and keep(opts.keep, clean, point)
    out:one(("%s %s %s"):format(clean.story.name, label, point.call), answer.failure,
      folder and "./dev matrix kill --from " .. folder)
    if not answer.failure then log:write(label, "\n") log:flush() end
    if clean.requests[point.phase] > 0 then worst = math.max(worst, (answer.requests or 0) / clean.requests[point.phase]) end
    local key = ("%s %s, %s"):format(point.phase, point.moment == "write" and "at a write" or "at a call", point.variant)
    local line = tally[key] or { runs = 0, failed = 0 }
    tally[key] = line
    line.runs, line.failed = line.runs + 1, line.failed + (answer.failure and 1 or 0)
    -- Copies of a whole matrix are gigabytes: each goes when its last run is over.
    open[point.dir] = open[point.dir] - 1
    if open[point.dir] == 0 then snapshot.drop(point.dir) end
  end)
  log:close()
  snapshot.drop(into)
  for _, key in ipairs(deep.keys(tally)) do
    out:say("%s, %-30s %d runs, %d failed", clean.story.name, key, tally[key].runs, tally[key].failed)
  end
  out:say("%s: calls of a run that goes on, against the whole run undisturbed: %.2f at most", clean.story.name, worst)
end

--- The door.
---@param opts table
---@param out table   tools.matrix.report
---@return integer failed
function matrix.run(opts, out)
  if opts.from then return again(opts, out) end
  local names = opts.story == "all" and deep.keys(stories.all()) or { opts.story or "deployment" }
  if opts.resume then
    go_through(opts, out, opts.resume)
  else
    for _, name in ipairs(names) do
      go_through(opts, out, begin(opts, out, { name = name, book = name == "deployment" and opts.book or nil }))
    end
  end
  matrix.rest()
  return out:close()
end

return matrix
