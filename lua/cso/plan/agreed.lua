--- What others changed in the account and the playbook says by now, too, is agreed, or not looked at any more:
--- nothing has to be done about it, but it has to be remembered as applied. Else it would be drift for ever, which
--- a repair or a rollback undoes.
local deep = require "cso.std.deep"
local diff = require "cso.kind.diff"
local ignore = require "cso.kind.ignore"
local value = require "cso.std.value"

local agreed = {}

-- The properties of a thing that stays as it is which were applied otherwise than they are.
local function of(node)
  local record, declared = node.record, node.record.declared
  if deep.equal(declared, node.desired) then return nil end
  local was = ignore.apply(node.kind, node.options.ignore, declared, node.model, record)
  local changes = diff.changes(node, was, node.model, record)
  return #changes > 0 and changes or nil
end

local NONE = {}

-- What is said of a thing besides its properties, and matters when its declaration is gone.
local function options_of(node)
  local record, differ = node.record, false
  for _, name in ipairs { "ignore", "timeouts" } do
    local said = node.options[name]
    if not deep.equal(record[name] or NONE, said or NONE) then record[name], differ = said, true end
  end
  return differ
end

-- The record as it will be, or nil where it stays.
local function renewed(node)
  local record = node.record
  if record.status ~= "ready" then return nil end
  local changes = of(node)
  if changes then
    for _, change in ipairs(changes) do record.declared[change.path] = node.desired[change.path] end
    record.attributes = value.cover(node.model, record.declared)
  end
  return (options_of(node) or changes) and record or nil
end

--- Writes it down. What is only worded otherwise than when it was applied is none of it.
---@param store cso.Store   locked
---@param made cso.Plan
---@return integer kept   how many records
function agreed.keep(store, made)
  local found = {}
  for _, action in ipairs(made.actions) do
    local node = action.action == "noop" and made.nodes[action.address]
    if node and node.kind and node.decl and node.record and node.model and not node.excluded then
      found[#found + 1] = renewed(node)
    end
  end
  if #found > 0 then
    store:together(function()
      for _, record in ipairs(found) do store:put(record) end
    end)
  end
  return #found
end

return agreed
