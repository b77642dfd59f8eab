--- Some things can be declared inside of another or as things of their own: the rules of a security
--- group, the policies of a role. A group that lists its rules means those that nobody declares apart:
--- else each run would take away what the other declaration makes.
local actions = require "cso.plan.actions"
local err = require "cso.std.err"
local value = require "cso.std.value"

local parts = {}

-- How an entry is told from others, or nil while that is not known.
local function key_of(rule, entry)
  if type(entry) ~= "table" or value.is_unknown(entry) or value.is_ref(entry) then return nil end
  local own = {}
  for k, v in next, entry do
    if k ~= rule.by then own[k] = v end
  end
  return not value.has_unknown(own) and rule.key(own) or nil
end

local function list_of(tree, property)
  local list = tree and tree[property]
  return type(list) == "table" and not value.is_unknown(list) and not value.is_secret(list) and list or nil
end

local function holds(rule, tree, key)
  for _, entry in ipairs(list_of(tree, rule.property) or {}) do
    if key and key_of(rule, entry) == key then return true end
  end
  return false
end

-- The nodes of what can be declared inside of another. Mostly there are none, and later on none are added.
local function apart_of(work)
  local before = work.declared_apart
  if before and #before == 0 then return before end
  local list = {}
  for _, node in next, work.nodes do
    local kind = node.kind
    if kind and kind.spec.inside then list[#list + 1] = node end
  end
  work.declared_apart = list
  return list
end

--- Those that are remembered as things of their own, with the node of the whole that each is a part of.
local function each(work, apart, fn)
  local wholes
  local function whole_of(rule, record)
    if not wholes then
      wholes = {}
      for _, node in pairs(work.nodes) do
        if node.record then wholes[node.type .. "\0" .. node.record.id] = node end
      end
    end
    return wholes[rule.type .. "\0" .. tostring(record.declared[rule.by])]
  end
  for _, node in ipairs(apart) do
    local rule = node.kind.spec.inside
    local whole = node.record and whole_of(rule, node.record)
    if whole then fn(node, whole, rule, key_of(rule, node.record.declared)) end
  end
end

-- What is a whole's own of that which apply reads of it again.
local function own_of(node, model)
  for _, one in ipairs(type(model) == "table" and node.apart or {}) do
    local kept = {}
    for _, entry in ipairs(list_of(model, one.property) or {}) do
      if key_of(one.rule, entry) ~= one.key then kept[#kept + 1] = entry end
    end
    model[one.property] = kept
  end
  return model
end

--- Takes out of what was read of the wholes what is declared apart. What is no longer declared apart is
--- left in: it may be declared inside now.
---@param work table   nodes and models
---@return true ok
function parts.leave_out(work)
  each(work, apart_of(work), function(node, whole, rule, key)
    local model = work.models[whole.address]
    local list = list_of(model, rule.property)
    if node.orphan or not list or not holds(rule, model, key) then return end
    local kept, copy = setmetatable({}, getmetatable(list)), {}
    for _, entry in ipairs(list) do
      if key_of(rule, entry) ~= key then kept[#kept + 1] = entry end
    end
    for k, v in next, model do copy[k] = v end
    copy[rule.property] = kept
    work.models[whole.address] = copy
    whole.apart = whole.apart or {}
    whole.apart[#whole.apart + 1] = { property = rule.property, key = key, rule = rule }
    whole.own_of = function(read) return own_of(whole, read) end
  end)
  return true
end

local function place(node)
  return node.where and ("%s:%s"):format(node.where.file, node.where.line) or nil
end

--- After all is decided: what is declared twice is refused, and what is declared inside now is only
--- forgotten as a thing of its own.
---@param work table
---@return true? ok, cso.Err? e  code "declared_twice"
function parts.check(work)
  local takes_in, apart = {}, apart_of(work)
  if #apart == 0 then return true end
  each(work, apart, function(node, whole, rule, key)
    if node.orphan and not node.excluded and whole.decl and holds(rule, whole.desired, key) then
      node.inside, takes_in[whole.address] = whole.address, true
    end
  end)
  for nth, action in ipairs(work.actions) do
    local node = work.nodes[action.address]
    -- Nothing changes in the account, but it is remembered otherwise.
    if takes_in[action.address] and action.action == "noop" then
      actions.awaken(work, nth, "update", { "what was declared apart is declared in it now" })
    end
    local rule = node.decl and node.kind and node.kind.spec.inside
    for _, address in ipairs(rule and value.dependencies(node.decl.properties[rule.by]) or {}) do
      local whole = work.nodes[address]
      if whole and whole.type == rule.type and holds(rule, whole.desired, key_of(rule, node.desired)) then
        local at = place(whole)
        return nil, err.new { code = "declared_twice", class = "usage", where = place(node),
          message = ("%s is declared already, in %s of %s%s"):format(node.address, rule.property, address,
            at and (" (%s)"):format(at) or ""),
          hint = "leave one of the two out" }
      end
    end
  end
  return true
end

return parts
