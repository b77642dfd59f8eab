--- Looks at what a stack's state remembers while its playbook is evaluated: as soon as the playbook has said
--- which stack it is, its state is opened (and locked, where it would be) and read ahead. A state that
--- others share is opened beside the evaluation, because opening it asks the account itself.
local shared = require "cso.cmd.shared"
local stack = require "cso.cmd.stack"
local task = require "cso.task"

local ahead = {}

local function open(ctx, job, name)
  -- Whatever stands against it is told when it is opened for the plan.
  local ok, store = pcall(stack.open, ctx, name, { lock = job.keep and job.command or nil })
  if not ok or not store then return end
  job.store, job.opened = store, name
  job.early = require("cso.plan.early").begin { state = store, session = ctx.session, stack = name,
    sleep = ctx.sleep, now = ctx.now, targets = ctx.opts.target, exclude = ctx.opts.exclude }
end

-- The task that opens it goes on as long as the lock is looked after, so it is the opening that is waited for.
local function open_beside(ctx, job, name)
  local opened = task.future()
  job.opening = function() task.await(opened) end
  task.spawn(function()
    local ok, e = pcall(open, ctx, job, name)
    opened:complete(ok)
    if not ok then error(e, 0) end
  end)
end

--- Runs fn, which evaluates the playbook of a job and plans.
---@param ctx cso.cmd.Context
---@param job table   gets `store` and `opened`, the name of its stack, and `early` when they are there; `opening`,
---  where there is one, waits until they are
---@param fn fun(ctx: cso.cmd.Context, job: table, named: (fun(name: string))?): any ...
---@return any ...  what fn returns
function ahead.within(ctx, job, fn)
  if not job.file or ctx.opts.refresh == false then return fn(ctx, job) end
  -- No scope around it: what watches over the lock of a state lives longer than the plan.
  local out = table.pack(fn(ctx, job, function(name)
    local begin = shared.is_one(stack.path(ctx, name)) and open_beside or open
    begin(ctx, job, name)
    -- The first requests leave before the evaluation goes on.
    if task.current() and coroutine.isyieldable() then task.sleep(0) end
  end))
  -- A playbook that fails must not leave a lock behind that is only just being taken.
  if job.opening then job.opening() end
  if job.early then job.early:stop() end
  job.early, job.opening = nil, nil
  return table.unpack(out, 1, out.n)
end

return ahead
