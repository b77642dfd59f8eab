--- The door to the matrices: csorun-lua tools/matrix/main.lua NAME [options].
package.path = "./?.lua;" .. package.path
local options = require "tools.matrix.options"

local NAMES = { kill = true, faults = true, throttled = true }

local USAGE = [[
usage: ./dev matrix kill|faults|throttled [options]

kill        dies before and after each changing call of an apply and of a destroy, and goes on
  --every N       only every N-th call                       (default 1)
  --first K       the first of them                          (default 1)
  --last K        no later one
  --variant NAME  once, twice (the next run dies, too), instead (it is undone then), elsewhere (another
                  machine goes on); default: all that there are, instead at every tenth call
  --story NAME    another life than the deployment of --playbook: STORIES; all
  --from FOLDER   one point again, from what a failure has kept
  --resume FOLDER the rest of a matrix that was interrupted
faults      an apply and a destroy with every kind of fault
  --kind NAME     only this kind
  --rate R        only this share of the calls, 0..1         (default: 0.05 and 0.2)
  --seeds N       how many                                   (default 3)
  --seed N        only this one
throttled   an apply while every call is throttled for a while

of kill and faults:
  --phase NAME    only this stage: apply, destroy, or one of a story
  --jobs N        so many processes side by side             (default: 2)

of all:
  --playbook FILE (default: playbooks/prod-ha.lua)
  --env FILE      its environment, where it is not the usual one
  --keep FOLDER   where failures are kept                    (default: build/matrix)
]]

local name = arg[1]
if name == "work" then
  require("tools.matrix.crew").work(arg[2], arg[3])
  os.exit(0)
end
if not NAMES[name or ""] then
  local stories = require("cso.std.deep").keys(require("spec.scenario.matrix.stories").all())
  io.stderr:write((USAGE:gsub("STORIES", table.concat(stories, ", "))))
  os.exit(2)
end
local opts, problem = options.parse(table.move(arg, 2, #arg, 1, {}))
if not opts then
  io.stderr:write("matrix: ", problem, "; ./dev matrix says what there is\n")
  os.exit(2)
end
local report = require "tools.matrix.report"
local failed = require("tools.matrix." .. name).run(opts, report.new(name))
os.exit(failed == 0 and 0 or 1)
