--- Most declarations hold texts and numbers only, each of the kind that its property takes. These are as they should
--- be without a look at what else could be meant; all others are checked by cso.playbook.check.
local math_type = math.type

local KINDS = { string = true, integer = true, boolean = true }

-- Which properties take what is plain: property -> Lua's name for that; false for what has to be looked at closer.
-- A type may have very many, so each is asked for when it is declared.
local function taking(t)
  local declared = t.properties
  local plain = setmetatable({}, { __index = function(known, name)
    local P = declared[name]
    local T = P and not P.sensitive and P.type
    known[name] = T and not T.enum and KINDS[T.kind] and T.kind or false
    return known[name]
  end })
  t.plain = plain
  return plain
end

--- A copy of properties that are all as they should be; nil where one is not, or is missing.
---@param t cso.PreparedType   gets `plain`
---@param properties table
---@return table?
return function(t, properties)
  local out, plain = {}, t.plain or taking(t)
  for k, v in next, properties do
    local kind = plain[k]
    if not kind or (kind == "integer" and math_type(v) or type(v)) ~= kind then return nil end
    out[k] = v
  end
  for _, name in ipairs(t.required) do
    if out[name] == nil then return nil end
  end
  return out
end
