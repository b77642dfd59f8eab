--- The simulated AWS account: `require("sim").start { … }` opens it on a loopback port.
local clock = require "cso.std.clock"
local server = require "sim.server"
local task = require "cso.task"
local World = require "sim.world"

local sim = {}

---@class sim.Options
---@field port integer?          0 (default): any free one
---@field host string?           default 127.0.0.1
---@field db string?             SQLite file that keeps the account
---@field seed string|integer?   of ids and dice
---@field latency "none"|"realistic"|nil
---@field speed number?          how fast virtual time runs
---@field faults string|sim.FaultRule[]|nil
---@field credentials { access_key: string, secret_key: string, account: string? }[]
---@field account string?        default 123456789012
---@field quotas table<string, integer>?  other limits than those of sim.data.quotas
---@field clock (fun():number)?  wall clock, epoch seconds
---@field report (fun(text: string))?  is told of defects of the simulator
---@field watch (fun(moment: "before"|"after", service: string, operation: string):boolean?)?  sees every
---  admitted request before it is carried out and after it is stored; true cuts the connection there

-- The wall clock with fractions (whole seconds would let the next process begin before the last one
-- ended), anchored once so that it never jumps.
local function wall_clock()
  local epoch, start = clock.time(), task.now()
  return function() return epoch + task.now() - start end
end

--- Starts a simulator in tasks of the running loop.
---@param options sim.Options
---@return { url: string, port: integer, close: fun(), dump: fun():table, world: table }|nil, table? err
function sim.start(options)
  local world, err = World.new { db = options.db, seed = options.seed, latency = options.latency,
    speed = options.speed, faults = options.faults, credentials = options.credentials,
    account = options.account, wall = options.clock or wall_clock(), report = options.report,
    watch = options.watch, quotas = options.quotas }
  if not world then return nil, err end
  local box
  box, err = server.serve(world, options)
  if not box then
    world:close()
    return nil, err
  end
  return { url = box.url, port = box.port, world = world,
    dump = function() return world:dump() end,
    close = function()
      box.close()
      world:close()
    end }
end

--- What the account of a file holds, without serving it.
---@param path string
---@return table|nil inventory place → rows, table? err
function sim.inventory(path)
  local world, err = World.new { db = path, wall = os.time }
  if not world then return nil, err end
  local inventory = world:dump()
  world:close()
  return inventory
end

return sim
