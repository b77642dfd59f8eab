--- ./dev matrix kill: see spec/scenario/matrix/kill.lua for what a point is.
local json = require "cso.std.json"
local kill = require "spec.scenario.matrix.kill"
local snapshot = require "spec.scenario.matrix.snapshot"

local SELDOM = 10 -- of so many calls one is also killed twice, and one destroyed instead

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return assert(json.decode(text))
end

-- Keeps what one has to know to go on from a copy again.
local function keep(folder, clean, point)
  local to = folder .. "/" .. kill.label(point)
  assert(os.execute(("rm -rf '%s' && mkdir -p '%s' && cp -a '%s/.' '%s'"):format(to, to, point.dir, to)))
  local file = assert(io.open(to .. "/point.json", "wb"))
  file:write((assert(json.encode({ clean = clean, point = point }, { sort = true }))))
  file:close()
  return to
end

local function again(opts, out)
  local kept = read(opts.from .. "/point.json")
  kept.point.dir = opts.from
  local failure = kill.continue(kept.clean, kept.point)
  out:one(kill.label(kept.point), failure, "./dev matrix kill --from " .. opts.from)
  return out:close()
end

local function variants(opts, point)
  if opts.variant then return { opts.variant } end
  local list = { "once" }
  if point.nth % SELDOM == 0 then list[2] = "twice" end
  if point.phase == "apply" and point.nth % SELDOM == 5 then list[2] = "instead" end
  return list
end

return function(opts, out)
  if opts.from then return again(opts, out) end
  local every, first = opts.every or 1, opts.first or 1
  local into = snapshot.folder()
  local clean, points = kill.record({ opts.playbook }, into, function(phase, nth)
    return nth >= first and (nth - first) % every == 0 and (opts.phase or phase) == phase
  end)
  out:say("undisturbed: %d calls to apply, %d of them changing; %d to destroy, %d changing; %d moments copied",
    clean.requests.apply, clean.calls.apply, clean.requests.destroy, clean.calls.destroy, #points)
  local worst, list = 0, {}
  for _, point in ipairs(points) do
    for _, variant in ipairs(variants(opts, point)) do
      list[#list + 1] = setmetatable({ variant = variant }, { __index = point })
    end
  end
  out.total = #list
  local count = {}
  for i, point in ipairs(list) do
    local failure, requests = kill.continue(clean, point)
    local folder = failure and keep(opts.keep, clean, { phase = point.phase, nth = point.nth, moment = point.moment,
      call = point.call, dir = point.dir, variant = point.variant })
    out:one(kill.label(point) .. " " .. point.call, failure, folder and "./dev matrix kill --from " .. folder)
    worst = math.max(worst, (requests or 0) / clean.requests[point.phase])
    local key = point.phase .. ", " .. point.variant
    count[key] = (count[key] or 0) + 1
    -- Copies of a whole matrix are gigabytes: each goes when its last run is over.
    if not list[i + 1] or list[i + 1].dir ~= point.dir then snapshot.drop(point.dir) end
  end
  snapshot.drop(into)
  for _, key in ipairs(require("cso.std.deep").keys(count)) do out:say("%-18s %d runs", key, count[key]) end
  out:say("calls of a run that goes on, against the whole run undisturbed: %.2f at most", worst)
  return out:close()
end
