--- Looks at what a stack's state remembers while its playbook is evaluated: as soon as the playbook has said
--- which stack it is, its state is opened (and locked, where it would be) and read ahead. A state that
--- others share is left for later: opening it asks the account itself.
local shared = require "cso.cmd.shared"
local stack = require "cso.cmd.stack"
local task = require "cso.task"

local ahead = {}

local function open(ctx, job, name)
  if shared.is_one(stack.path(ctx, name)) then return end
  -- Whatever stands against it is told when it is opened for the plan.
  local ok, store = pcall(stack.open, ctx, name, { lock = job.keep and job.command or nil })
  if not ok or not store then return end
  job.store, job.opened = store, name
  job.early = require("cso.plan.early").begin { state = store, session = ctx.session, stack = name,
    sleep = ctx.sleep, now = ctx.now }
  -- The first requests leave before the evaluation goes on.
  if task.current() and coroutine.isyieldable() then task.sleep(0) end
end

--- Runs fn, which evaluates the playbook of a job and plans.
---@param ctx cso.cmd.Context
---@param job table   gets `store` and `opened`, the name of its stack, and `early` when they are there
---@param fn fun(ctx: cso.cmd.Context, job: table, named: (fun(name: string))?): any ...
---@return any ...  what fn returns
function ahead.within(ctx, job, fn)
  local opts = ctx.opts
  local partly = #(opts.target or {}) > 0 or #(opts.exclude or {}) > 0
  if not job.file or job.saved or partly or opts.refresh == false then return fn(ctx, job) end
  -- No scope around it: what watches over the lock of a state lives longer than the plan.
  local out = table.pack(fn(ctx, job, function(name) open(ctx, job, name) end))
  if job.early then job.early:stop() end
  job.early = nil
  return table.unpack(out, 1, out.n)
end

return ahead
