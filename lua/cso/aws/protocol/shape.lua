--- Helpers over shapes. A trait may stand on the reference to a shape or on the shape itself;
--- the reference wins. Plans of members are made once per service and shape.
local deep = require "cso.std.deep"

local shape = {}

--- The value of a trait seen through a reference.
---@param S table service of the catalogue
---@param ref table { shape = name, … }
---@param name string
---@return any
function shape.trait(S, ref, name)
  local v = ref[name]
  if v == nil then
    local target = S:shape(ref.shape)
    if target then v = target[name] end
  end
  return v
end

--- Member names in the model's order where the catalogue keeps it, else sorted. Some XML
--- services check the order of elements against their schema.
---@param s table shape
---@return string[]
function shape.names(s)
  if s.order then return s.order end
  if not s.members then return {} end
  return deep.keys(s.members)
end

local stores = setmetatable({}, { __mode = "k" })

--- A cache that lives as long as the service and belongs to one purpose.
---@param S table
---@param purpose string
---@return table
function shape.cache(S, purpose)
  local all = stores[S]
  if not all then
    all = {}
    stores[S] = all
  end
  local own = all[purpose]
  if not own then
    own = {}
    all[purpose] = own
  end
  return own
end

--- Where a member of an input or output travels: header, headers, uri, querystring, statusCode
--- or nil for the body.
---@param S table
---@param ref table
---@return string?
function shape.location(S, ref)
  return shape.trait(S, ref, "location")
end

return shape
