--- The simulated AWS account: `require("sim").start { … }` opens it on a loopback port.
local server = require "sim.server"
local task = require "cso.task"
local World = require "sim.world"

local sim = {}

-- The wall clock with fractions: the monotonic clock, anchored once.
local function wall_clock()
  local epoch, start = os.time(), task.now()
  return function() return epoch + task.now() - start end
end

--- Starts a simulator in tasks of the running loop.
---@param options { port: integer?, host: string?, db: string?, seed: any, latency: "none"|"realistic"|nil, speed: number?, faults: any, credentials: { access_key: string, secret_key: string, account: string? }[], account: string?, clock: (fun():number)?, report: (fun(text:string))? }
---@return { url: string, port: integer, close: fun(), dump: fun():table, world: table }|nil, table? err
function sim.start(options)
  local world, err = World.new { db = options.db, seed = options.seed, latency = options.latency,
    speed = options.speed, faults = options.faults, credentials = options.credentials,
    account = options.account, wall = options.clock or wall_clock(), report = options.report }
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

return sim
