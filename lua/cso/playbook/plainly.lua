--- Most declarations hold texts and numbers only, each of the kind that its property takes. These are as they should
--- be without a look at what else could be meant; all others are checked by cso.playbook.check.
local is = {
  string = function(v) return type(v) == "string" end,
  integer = function(v) return math.type(v) == "integer" end,
  boolean = function(v) return type(v) == "boolean" end,
}

--- A copy of properties that are all as they should be; nil where one is not, or is missing.
---@param t cso.PreparedType
---@param properties table
---@return table?
return function(t, properties)
  local out, declared = {}, t.properties
  for k, v in next, properties do
    local P = declared[k]
    local T = P and P.type
    local of_kind = T and is[T.kind]
    if not of_kind or P.sensitive or T.enum or not of_kind(v) then return nil end
    out[k] = v
  end
  for _, name in ipairs(t.required) do
    if out[name] == nil then return nil end
  end
  return out
end
