--- Reading ahead: what a state remembers is looked at while its playbook is still being evaluated, which may
--- wait for the account itself. What was seen so is taken only where the plan would have asked the very
--- same, and where nobody has written to the state since.
local lazy = require "cso.std.lazy"
local calls = require "cso.kind.calls"
local kinds = require "cso.kind"
local look = require "cso.plan.look"
local predicate = lazy "cso.plan.predicate"
local task = require "cso.task"

local early = {}

---@class cso.plan.Early
local Early = {}
Early.__index = Early

-- A function that says of an address whether one of the globs matches it. Conditions may ask for what is
-- declared, which is not known yet: they match nothing here.
local function matcher(words, option)
  local list = {}
  for _, word in ipairs(words or {}) do
    if not predicate.is_one(word) then list[#list + 1] = predicate.of(word, option) end
  end
  return function(node)
    for _, matches in ipairs(list) do
      if matches(node) then return true end
    end
    return false
  end
end

--- What most likely takes part: what is looked at in vain costs a call, what is left out is looked at later.
local function chosen(nodes, targets, exclude)
  local excluded, out = matcher(exclude, "exclude"), {}
  local wanted
  if #(targets or {}) > 0 then
    local by_address, stack, targeted = {}, {}, matcher(targets, "target")
    wanted = {}
    for _, node in ipairs(nodes) do
      by_address[node.address] = node
      if targeted(node) then stack[#stack + 1] = node end
    end
    while #stack > 0 do
      local node = table.remove(stack)
      if not wanted[node.address] then
        wanted[node.address] = true
        for _, need in ipairs(node.record.depends or {}) do stack[#stack + 1] = by_address[need] end
      end
    end
  end
  for _, node in ipairs(nodes) do
    if (not wanted or wanted[node.address]) and not excluded(node) then out[#out + 1] = node end
  end
  return out
end

--- Begins to look, in a task of its own. It never fails: what could not be seen is looked at later.
---@param opts { state: cso.Store, session: table, stack: string, sleep: function?, now: function?, identity: function?, targets: string[]?, exclude: string[]? }
---@return cso.plan.Early?   nil when there is nothing to look at
function early.begin(opts)
  local nodes = {}
  local version, records = opts.state:version(), opts.state:remembered()
  for _, record in ipairs(records) do
    local K = record.target and kinds.recorded(record)
    if K and K.spec.service ~= "local" then
      nodes[#nodes + 1] = { address = record.address, type = record.type, kind = K, record = record }
    end
  end
  local self = setmetatable({ state = opts.state, version = version, records = records, seen = {} }, Early)
  nodes = chosen(nodes, opts.targets, opts.exclude)
  if #nodes == 0 then return self end
  self.hand = task.spawn(function()
    -- What nobody answers now is waited for by the plan.
    local work = { stack = opts.stack, session = opts.session, opts = opts, invoke = calls.plain(opts.session) }
    task.try(look.at, work, nodes, function(address, model, owner)
      self.seen[address] = { model = model, owner = owner }
    end)
    for _, node in ipairs(nodes) do
      local one = self.seen[node.address]
      if one then one.kind, one.record = node.kind, node.record end
    end
    self.done = true
  end)
  return self
end

--- The records that were read, when the state is still what it was then.
---@return cso.Record[]?
function Early:remembered()
  if self.state:version() ~= self.version then self.stale = true end
  return not self.stale and self.records or nil
end

--- What was seen of a node, if the plan would ask for it in the same way; waits until all was looked at.
---@param node table
---@return { model: table|false, owner: table? }?
function Early:of(node)
  if self.hand and not self.done then task.try(task.await, self.hand) end
  local one = not self.stale and self.done and self.seen[node.address]
  if one and one.kind == node.kind and one.record == node.record then return one end
end

--- Looks no further.
function Early:stop()
  if self.hand then self.hand:cancel() end
end

return early
