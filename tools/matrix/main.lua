--- The door to the matrices: csorun-lua tools/matrix/main.lua NAME [options].
package.path = "./?.lua;" .. package.path
local options = require "tools.matrix.options"

local NAMES = { kill = true, faults = true, throttled = true }

local USAGE = [[
usage: ./dev matrix kill|faults|throttled [options]

kill        dies before and after each changing call of an apply and of a destroy, and goes on
  --every N       only every N-th call                       (default 1)
  --first K       the first of them                          (default 1)
  --variant NAME  once, twice (the next run dies, too), instead (it is destroyed then); default: all,
                  the last two at every tenth call
  --phase NAME    apply or destroy                           (default: both)
  --from FOLDER   one point again, from what a failure has kept
faults      an apply with every kind of fault
  --kind NAME     only this kind
  --rate R        only this share of the calls, 0..1         (default: 0.05 and 0.2)
  --seeds N       how many                                   (default 3)
  --seed N        only this one
throttled   an apply while every call is throttled for a while

of all:
  --playbook FILE (default: playbooks/prod-ha.lua)
  --keep FOLDER   where failures are kept                    (default: build/matrix)
]]

local name = arg[1]
if not NAMES[name or ""] then
  io.stderr:write(USAGE)
  os.exit(2)
end
local opts, problem = options.parse(table.move(arg, 2, #arg, 1, {}))
if not opts then
  io.stderr:write("matrix: ", problem, "\n\n", USAGE)
  os.exit(2)
end
local report = require "tools.matrix.report"
local failed = require("tools.matrix." .. name)(opts, report.new(name))
os.exit(failed == 0 and 0 or 1)
