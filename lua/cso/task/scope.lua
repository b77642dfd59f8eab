--- Scopes: who owns which task, and how failure and cancellation travel. See "Tasks" in
--- ARCHITECTURE.md for the rules; this file is their only implementation.
local failure = require("cso.task.failure")
local future = require("cso.task.future")
local sched = require("cso.task.sched")

---@class cso.task.Scope
---@field task table            the task whose body runs in the scope
---@field outer cso.task.Scope? the scope around it (a root scope's: the one the task is owned by)
---@field shielded boolean
---@field tasks table           children that have not ended
---@field count integer
---@field cancelled cso.Err?    set once
---@field failure table?        the first child's failure
local Scope = {}
Scope.__index = Scope
Scope.__name = "cso.task.Scope"

local scope = {}

-- Tasks that have begun and not ended, for leak checks; how many there have been.
local live, serial = 0, 0

---@param t table
---@param outer cso.task.Scope?
---@param shielded boolean?
---@return cso.task.Scope
function scope.new(t, outer, shielded)
  return setmetatable(
    { task = t, outer = outer, shielded = shielded or false, tasks = {}, count = 0 }, Scope)
end

--- The cancellation that is in force here: the outermost one that no shield keeps off.
---@return cso.Err?
function Scope:cancellation()
  local found
  local s = self
  repeat
    found = s.cancelled or found
    if s.shielded then break end
    s = s.outer
  until not s
  return found
end

-- The tasks of a scope as they were spawned: what is cancelled together ends in a known order.
local function in_order(tasks)
  local list = {}
  for t in pairs(tasks) do list[#list + 1] = t end
  table.sort(list, function(a, b) return a.serial < b.serial end)
  return list
end

-- Interrupts what waits inside the scope: its body, and every task below it.
local function reach(s, e)
  local t = s.task
  local inner, shield = t.scope, nil
  local chain = {}
  while inner and inner ~= s do
    chain[#chain + 1] = inner
    if inner.shielded then shield = #chain end
    inner = inner.outer
  end
  if not shield then future.interrupt(t, e) end
  chain[#chain + 1] = s
  for i = #chain, (shield or 0) + 1, -1 do
    for _, child in ipairs(in_order(chain[i].tasks)) do
      if not child.done then reach(child.root, e) end
    end
  end
end

--- Cancels the scope: its body and its tasks.
---@param reason string|table|nil
function Scope:cancel(reason)
  if self.cancelled or self.closed then return end
  self.cancelled = failure.cancellation(self, reason)
  reach(self, self.cancelled)
end

--- Runs fn when the scope ends, however it ends, after its tasks; fn may await.
---@param fn fun()
function Scope:defer(fn)
  if self.closed then error("the scope has ended", 2) end
  self.defers = self.defers or {}
  table.insert(self.defers, fn)
end

-- A task of the scope has ended.
local function ended(s, t)
  s.tasks[t] = nil
  s.count = s.count - 1
  if not t.ok and not t.cancelled then
    local f = t.values[1]
    if s.failure then failure.add(s.failure, f) else s.failure = f end
    s:cancel(f)
  end
  if s.count == 0 and s.idle then s.idle:complete() end
end

--- Fails the scope from outside, as a failed task of it would.
---@param f table
function Scope:fail(f)
  if not self.failure then self.failure = f end
  self:cancel(f)
end

local function protect(fn, ...)
  -- Not a tail call: the error for a foreign yield is raised inside of here.
  local results = table.pack(fn(...))
  return results
end

-- Runs one cleanup; gives its failure.
local function clean(s, fn)
  local ok, f = scope.run(scope.new(s.task, s, true), fn)
  return not ok and f or nil
end

local function run_defers(s, f)
  local defers = s.defers
  while defers and #defers > 0 do
    local second = clean(s, table.remove(defers))
    if second then
      if f then failure.add(f, second) else f = second end
    end
  end
  return f
end

--- Runs fn(...) as the body of the scope in the current task, ends its tasks, runs its cleanups.
---@param s cso.task.Scope
---@param fn function
---@return boolean ok
---@return table results packed, or the failure
function scope.run(s, fn, ...)
  local t = s.task
  t.scope = s
  local ok, outcome = xpcall(protect, failure.note, fn, ...)
  if not ok then s:cancel(outcome) end
  while s.count > 0 do
    s.idle = future.new()
    future.join(s.idle)
  end
  local f = s.failure
  if not ok then
    if not f then
      f = outcome
    elseif not failure.scope_of(outcome) then
      failure.add(f, outcome)
    end
  end
  f = run_defers(s, f)
  s.closed = true
  t.scope = s.outer
  if not f then return true, outcome end
  -- The scope's own cancel() has done its work: nothing to report, nothing to give.
  if failure.scope_of(f) == s and s ~= t.root then return true, { n = 0 } end
  return false, f
end

--- Whether `around` is s or lies around it.
---@param s cso.task.Scope
---@param around cso.task.Scope?
---@return boolean
function scope.encloses(s, around)
  while around and s do
    if s == around then return true end
    s = s.outer
  end
  return false
end

local function body(t)
  local ok, outcome
  local cancelled = t.root:cancellation()
  if cancelled then
    ok, outcome = false, cancelled
  else
    ok, outcome = scope.run(t.root, t.fn, table.unpack(t.args, 1, t.args.n))
  end
  t.fn, t.args = nil, nil
  t.cancelled = not ok and scope.encloses(t.root, failure.scope_of(outcome))
  live = live - 1
  if ok then
    t:complete(table.unpack(outcome, 1, outcome.n))
  else
    t:settle(false, outcome)
  end
  if t.owner then ended(t.owner, t) end
end

---@class cso.task.Task: cso.task.Future
---@field name string     file:line of its function
---@field cancelled boolean? ended by its own cancellation
local Task = setmetatable({}, { __index = future.Future })
Task.__index = Task
Task.__name = "cso.task.Task"

--- Cancels the task: its awaits raise from now on; it and its children end.
---@param reason string|table|nil
function Task:cancel(reason)
  if not self.done then self.root:cancel(reason) end
end

--- A new task, ready to run.
---@param owner cso.task.Scope?
---@param fn function
---@return cso.task.Task
function scope.spawn(owner, fn, ...)
  if type(fn) ~= "function" then
    error("a task needs a function, got " .. type(fn), 3)
  end
  if owner and owner.closed then error("the scope has ended: nothing can be spawned in it", 3) end
  local t = setmetatable({ done = false, fn = fn, args = table.pack(...), owner = owner }, Task)
  t.co = sched.coroutine(body)
  t.root = scope.new(t, owner, false)
  t.scope = t.root
  if owner then
    owner.tasks[t] = true
    owner.count = owner.count + 1
  end
  live, serial = live + 1, serial + 1
  t.serial = serial
  sched.ready(t)
  return t
end

--- Spawns into this scope.
---@param fn function
---@return cso.task.Task
function Scope:spawn(fn, ...)
  return scope.spawn(self, fn, ...)
end

--- "file:line" of a task's function, for messages.
---@param t cso.task.Task
---@return string
function scope.name(t)
  local info = debug.getinfo(t.co, 0, "Sl")
  if not info then return "?" end
  for level = 0, 30 do
    info = debug.getinfo(t.co, level, "Sl")
    if not info then break end
    if info.currentline > 0 and not info.short_src:find("cso/task/", 1, true) then
      return info.short_src .. ":" .. info.currentline
    end
  end
  return "a task that waits in its scope's end"
end

--- Number of tasks that have not ended.
---@return integer
function scope.live()
  return live
end

scope.Task = Task

return scope
