--- ./dev matrix faults: see spec/scenario/matrix/faults.lua.
local crew = require "tools.matrix.crew"
local deep = require "cso.std.deep"
local faults = require "spec.scenario.matrix.faults"
local json = require "cso.std.json"
local preload = require "spec.scenario.matrix.preload"
local snapshot = require "spec.scenario.matrix.snapshot"

local matrix = { rest = preload.drop }

local RATES, SEEDS = { 0.05, 0.2 }, 3

--- One run, in a process of its own.
function matrix.work(known, one)
  local failure, ratio, seconds = faults.run(known.book, known.clean, one)
  return { failure = failure, ratio = ratio, seconds = seconds }
end

local function listed(opts)
  local list = {}
  for _, phase in ipairs(opts.phase and { opts.phase } or deep.keys(faults.phases)) do
    for _, kind in ipairs(opts.kind and { opts.kind } or deep.keys(faults.kinds)) do
      local certain = type(faults.kinds[kind]) == "function" -- no dice are thrown
      for _, rate in ipairs(certain and { 1 } or opts.rate and { opts.rate } or RATES) do
        for seed = opts.seed or 1, opts.seed or certain and 1 or opts.seeds or SEEDS do
          list[#list + 1] = { phase = phase, kind = kind, rate = rate, seed = seed }
        end
      end
    end
  end
  return list
end

local function count(lines, one, answer)
  local label = ("%s, %s %g %%"):format(one.phase, one.kind, one.rate * 100)
  local line = lines[label]
  if not line then
    line = { label = label, runs = 0, failed = 0, worst = 0, longest = 0 }
    lines[label], lines[#lines + 1] = line, line
  end
  line.runs, line.failed = line.runs + 1, line.failed + (answer.failure and 1 or 0)
  line.worst, line.longest = math.max(line.worst, answer.ratio or 0), math.max(line.longest, answer.seconds or 0)
end

--- The door.
---@param opts table
---@param out table   tools.matrix.report
---@return integer failed
function matrix.run(opts, out)
  local book = opts.book
  for name, known in pairs { kind = faults.kinds, phase = faults.phases } do
    if opts[name] and not known[opts[name]] then
      error(("there is no %s %s, only %s"):format(name, opts[name], table.concat(deep.keys(known), ", ")), 0)
    end
  end
  local into = snapshot.folder()
  local clean, known = faults.clean(book, into .. "/applied"), into .. "/known.json"
  for phase, one in deep.sorted_pairs(clean) do out:say("undisturbed %s: %d calls", phase, one.requests) end
  local file = assert(io.open(known, "wb"))
  file:write((assert(json.encode { book = book, clean = clean })))
  file:close()
  local list, lines = listed(opts), {}
  out.total = #list
  local chosen = (opts.chosen and " --playbook " .. opts.chosen or "") .. (opts.env and " --env " .. opts.env or "")
  crew.run("faults", known, list, opts.jobs, function(one, answer)
    out:one(("%s, %s %g %%, seed %d"):format(one.phase, one.kind, one.rate * 100, one.seed), answer.failure,
      ("./dev matrix faults --phase %s --kind %s --rate %g --seed %d%s"):format(one.phase, one.kind, one.rate, one.seed,
        chosen))
    count(lines, one, answer)
  end)
  snapshot.drop(into)
  for _, line in ipairs(lines) do
    out:say("%-27s %d runs, %d failed, %.2f times the calls and %.0f s at most", line.label, line.runs, line.failed,
      line.worst, line.longest)
  end
  matrix.rest()
  return out:close()
end

return matrix
