--- Which of a type's properties a kind's operations handle, and when: at creation, or later.
local lazy = require "cso.std.lazy"
local deep = require "cso.std.deep"
local shape = lazy "cso.kind.shape"

local covers = {}

--- Properties that the create call takes; the others are set by updates right after it.
---@param K cso.Kind
---@param property string
---@return boolean
function covers.at_creation(K, property)
  local op = K.spec.create
  if type(op) ~= "table" or op.later and deep.index(op.later)[property] then return false end
  if property == K.tag_property then return op.tags ~= nil end
  if op.handles and deep.index(op.handles)[property] then return true end
  if op.skip and deep.index(op.skip)[property] then return false end
  local members = shape.members(K.model(), op[1], "input")
  return shape.member(members, op.rename and op.rename[property] or property) ~= nil
end

--- Whether the call that creates takes a property. A kind that creates by a function says nothing
--- of it: all are taken to be set there.
---@param K cso.Kind
---@param property string
---@return boolean
function covers.creates_with(K, property)
  return type(K.spec.create) == "function" or covers.at_creation(K, property)
end

--- How a kind changes some properties in place.
---@param K cso.Kind
---@param properties string[]
---@return table<table, string[]> groups  operation -> the properties that it changes together
---@return table[] single                 { property, its own operation or function }
---@return string[] unknown               that nothing changes
function covers.updates(K, properties)
  local groups, single, unknown = {}, {}, {}
  for _, property in ipairs(properties) do
    local own = K.spec.update and K.spec.update[property]
    local found = own and true
    if own then
      single[#single + 1] = { property, own }
    else
      for _, op in ipairs(K.spec.update or {}) do
        for _, name in ipairs(op.props or {}) do
          if name == property then
            groups[op] = groups[op] or {}
            table.insert(groups[op], property)
            found = true
          end
        end
      end
    end
    if not found and property ~= K.tag_property then unknown[#unknown + 1] = property end
  end
  return groups, single, unknown
end

--- True when a property can be changed in place by this kind.
---@param K cso.Kind
---@param property string
---@return boolean
function covers.can_update(K, property)
  if property == K.tag_property then return true end
  if type(K.spec.update) == "function" then return not K.spec.fixed or not deep.index(K.spec.fixed)[property] end
  local _, _, unknown = covers.updates(K, { property })
  return #unknown == 0
end

--- True when the kind handles a property at all: at creation or later.
---@param K cso.Kind
---@param property string
---@return boolean
function covers.any(K, property)
  if type(K.spec.create) == "function" and not K.spec.handles then return true end
  if K.spec.handles and deep.index(K.spec.handles)[property] then return true end
  -- A function is called for any property; what no creation names it does not know, and would not set.
  if type(K.spec.update) == "function" then
    return property == K.tag_property or type(K.spec.create) == "table" and covers.at_creation(K, property)
  end
  return type(K.spec.create) == "table" and covers.at_creation(K, property) or covers.can_update(K, property)
end

return covers
