--- ./dev matrix faults: see spec/scenario/matrix/faults.lua.
local deep = require "cso.std.deep"
local faults = require "spec.scenario.matrix.faults"

local RATES, SEEDS = { 0.05, 0.2 }, 3

return function(opts, out)
  local book = { opts.playbook }
  if opts.kind and not faults.kinds[opts.kind] then
    error("there is no kind of fault " .. opts.kind .. ", only " .. table.concat(deep.keys(faults.kinds), ", "), 0)
  end
  local clean = faults.clean(book)
  out:say("undisturbed: %d calls", clean.requests)
  local list = {}
  for _, kind in ipairs(opts.kind and { opts.kind } or deep.keys(faults.kinds)) do
    for _, rate in ipairs(opts.rate and { opts.rate } or RATES) do
      for seed = opts.seed or 1, opts.seed or opts.seeds or SEEDS do
        list[#list + 1] = { kind = kind, rate = rate, seed = seed }
      end
    end
  end
  out.total = #list
  local lines = {}
  for i, one in ipairs(list) do
    local failure, ratio, seconds = faults.run(book, clean, one)
    local label = ("%s %g %%"):format(one.kind, one.rate * 100)
    out:one(("%s, seed %d"):format(label, one.seed), failure, ("./dev matrix faults --kind %s --rate %g --seed %d")
      :format(one.kind, one.rate, one.seed))
    local line = lines[#lines]
    if not line or line.label ~= label then
      line = { label = label, runs = 0, failed = 0, worst = 0, longest = 0 }
      lines[#lines + 1] = line
    end
    line.runs, line.failed = line.runs + 1, line.failed + (failure and 1 or 0)
    line.worst, line.longest = math.max(line.worst, ratio), math.max(line.longest, seconds)
    local after = list[i + 1]
    if not after or after.kind ~= one.kind or after.rate ~= one.rate then
      out:say("%-18s %d runs, %d failed, %.2f times the calls and %.0f s at most", label, line.runs, line.failed,
        line.worst, line.longest)
    end
  end
  return out:close()
end
