--- What lives in the state alone is there as it is remembered. What that is all in all is put together, and read
--- from the state, when somebody asks: of most such things nobody wants to know more than what was declared.
local recall = {}

local function model_of(node)
  return node.kind.spec.recall(node.record.declared, node.record.attributes)
end

--- Gives `work.models` what is remembered of a node whose thing is known without asking anybody.
---@param work table   gets `recalled`: address -> the node of which nobody has asked for more yet
---@param node table   with a record
---@return boolean   whether it is such a node
function recall.takes(work, node)
  if not node.kind.spec.recall then return false end
  local recalled = work.recalled
  if not recalled then
    recalled = {}
    work.recalled = recalled
    setmetatable(work.models, { __index = function(models, address)
      local one = recalled[address]
      if not one then return nil end
      recalled[address] = nil
      local model = model_of(one)
      models[address] = model
      return model
    end })
    -- A node that stays as it is asks for its model when somebody asks it.
    work.recalling = { __index = function(one, key)
      if key ~= "model" then return nil end
      one.model = work.models[one.address]
      return one.model
    end }
  end
  recalled[node.address] = node
  return true
end

--- What was declared for a node of which nobody has asked for more yet: its own attributes have other names.
---@param work table
---@param node table
---@return table?
function recall.unasked(work, node)
  local recalled = work.recalled
  return recalled and recalled[node.address] == node and node.record.declared or nil
end

--- Lets such a node remember the rest when it is asked for it.
---@param work table
---@param node table
function recall.when_asked(work, node) setmetatable(node, work.recalling) end

--- Remembers the rest of everything: who carries out a plan walks through nodes and records as they are.
---@param work table
function recall.all(work)
  for _, record in next, work.records do local _ = record.attributes end
  for address in next, work.recalled or {} do local _ = work.models[address] end
  for _, node in next, work.nodes do
    if work.recalling and getmetatable(node) == work.recalling then
      setmetatable(node, nil)
      node.model = work.models[node.address]
    end
  end
end

return recall
