--- What lives in the state alone is there as it is remembered. What that is all in all is put together, and read
--- from the state, when somebody asks: of most such things nobody wants to know more than what was declared.
local recall = {}

--- Whether a node's thing is known without asking anybody.
---@param node table   with a record
---@return boolean
function recall.can(node) return node.kind.spec.recall ~= nil end

local function model_of(node)
  return node.kind.spec.recall(node.record.declared, node.record.attributes)
end

--- Gives `work.models` what is remembered of a node.
---@param work table   gets `recalled`: address -> the node of which nobody has asked for more yet
---@param node table
function recall.note(work, node)
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
end

--- Runs fn with what was declared for the model of a node of which nobody has asked for more: its own attributes
--- have other names. Where fn says that this was enough, the node remembers the rest when it is asked.
---@param work table
---@param node table
---@param fn fun(work: table, node: table): boolean
---@return boolean
function recall.lightly(work, node, fn)
  local recalled = work.recalled
  if not recalled or recalled[node.address] ~= node then return false end
  node.model = node.record.declared
  local enough = fn(work, node)
  node.model = nil
  if enough then setmetatable(node, work.recalling) end
  return enough
end

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
