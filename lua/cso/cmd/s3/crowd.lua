--- Many moves at once. What they say appears in the order in which they were begun; one that fails
--- is told and does not keep the others from being done.
local err = require "cso.std.err"
local exit = require "cso.cmd.exit"
local lazy = require "cso.std.lazy"

local task = lazy "cso.task" -- the help loads every command, and no engine

local crowd = {}

local FILES = 8       -- files under way at once
local PARTS = 8       -- parts of downloads under way at once, over all files: what bounds the memory
local STEP = 1 << 20  -- bytes between two words of progress

--- Bytes as people read them.
---@param bytes integer
---@return string
function crowd.size(bytes)
  if bytes < 1024 then return ("%d B"):format(bytes) end
  if bytes < 1024 * 1024 then return ("%.1f KiB"):format(bytes / 1024) end
  if bytes < 1024 * 1024 * 1024 then return ("%.1f MiB"):format(bytes / 1024 / 1024) end
  return ("%.2f GiB"):format(bytes / 1024 / 1024 / 1024)
end

-- What a terminal shows while bytes move.
local function progress_of(ctx)
  local done, files, told = 0, 0, 0
  local on = ctx.is_terminal(2) and not ctx.opts.quiet and not ctx.opts.json and not ctx.opts.dry_run
  local progress = {}
  function progress.clear()
    if on and told > 0 then ctx.note("\r\27[K") end
  end
  function progress.add(bytes)
    done = done + bytes
    if on and done - told >= STEP then
      told = done
      ctx.note(("\r\27[K%s, %d done"):format(crowd.size(done), files))
    end
  end
  function progress.file() files = files + 1 end
  return progress
end

-- Lines in the order of their numbers, whichever is ready first.
local function teller(ctx)
  local ready, next_one = {}, 1
  return function(i, tell)
    ready[i] = tell or false
    while ready[next_one] ~= nil do
      if ready[next_one] then ready[next_one](ctx) end
      ready[next_one] = nil
      next_one = next_one + 1
    end
  end
end

-- What would end every other move the same way.
local function ends_all(e) return e.class == "credentials" or e.class == "interrupted" or e.class == "internal" end

-- Runs fn(scope, run) in a scope that the first signal ends: uploads under way are given up at the service,
-- which would keep their parts for ever. The second one ends the process.
local function guarded(ctx, run, fn)
  task.scope(function(scope)
    local closers = {}
    local function caught()
      if run.interrupted then os.exit(exit.codes.interrupted) end
      run.interrupted = true
      ctx.note("\ninterrupted: giving up what is under way, Ctrl-C again stops at once\n")
      scope:cancel("interrupted")
    end
    scope:defer(function()
      for _, close in ipairs(closers) do close() end
    end)
    for i, name in ipairs { "SIGINT", "SIGTERM", "SIGHUP" } do closers[i] = task.on_signal(name, caught) end
    fn(scope)
  end)
end

--- How a source of files is walked: links are followed, and what can't be taken is told and counted.
---@param ctx cso.cmd.Context
---@return { follow: boolean, no_links: boolean?, skip: fun(path: string, why: string), skipped: integer }
function crowd.source(ctx)
  local o = { follow = true, no_links = ctx.opts.no_follow_symlinks, skipped = 0 }
  function o.skip(path, why)
    o.skipped = o.skipped + 1
    ctx:warn(err.new { code = "skipped", class = "config", severity = "warning",
      message = ("%s is left out: %s"):format(path, why) })
  end
  return o
end

--- The exit code of a run that has left things out.
---@param code integer
---@param source { skipped: integer }
---@return integer
function crowd.code(code, source) return code == 0 and source.skipped > 0 and exit.codes.failed or code end

--- Calls fn(item, shared) for each item of an iterator; fn gives a function that tells of it, or nil,
--- and raises what goes wrong. Raises what ends everything, also what the iterator raises.
---@param ctx cso.cmd.Context
---@param items fun(): any
---@param fn fun(item: any, shared: { gate: cso.task.Semaphore, progress: fun(bytes: integer) }): function?
---@return integer code  the exit code
function crowd.run(ctx, items, fn)
  local door, progress, tell = task.semaphore(1), progress_of(ctx), teller(ctx)
  local shared = { gate = task.semaphore(PARTS), progress = progress.add }
  local begun, code, ended, run = 0, 0, false, { interrupted = false }
  local function take()
    if ended then return nil end
    local item = items()
    if item == nil then
      ended = true
      return nil
    end
    begun = begun + 1
    return item, begun
  end
  local function worker()
    while true do
      local item, i = door:with(take)
      if item == nil then return end
      local ok, told = task.try(fn, item, shared)
      progress.clear()
      if ok then
        progress.file()
        tell(i, told)
      elseif run.interrupted then
        return -- whatever it says comes of being given up
      else
        if ends_all(told) then error(told, 0) end
        local own = exit.of(told)
        code = (code == 0 or code == own) and own or exit.codes.failed
        tell(i, function() ctx:fail(told) end)
      end
    end
  end
  guarded(ctx, run, function(scope)
    for _ = 1, FILES do scope:spawn(worker) end
  end)
  progress.clear()
  return run.interrupted and exit.codes.interrupted or code
end

return crowd
