--- A protected thing is protected by its service too, where the service knows such a thing: then nobody
--- deletes it by another way either. Said by the kind, or known by the property's name.
local guard = {}

--- What Cloud Control's types call it.
local names = { "DeletionProtection", "DeletionProtectionEnabled", "DeleteProtection" }

--- Where it is no switch.
local words = {
  ["AWS::AutoScaling::AutoScalingGroup"] = { property = "DeletionProtection", on = "prevent-all-deletion", off = "none" },
  ["AWS::OpenSearchServerless::Collection"] = { property = "DeletionProtection", on = "ENABLED", off = "DISABLED" },
}

--- How a kind's service protects: a property and its two values; `key` for one entry of a list of keys.
---@param K cso.Kind
---@return { property: string, on: any, off: any, key: string? }?
function guard.of(K)
  if K.spec.protection then return K.spec.protection end
  if K.native then return nil end
  if words[K.type] then return words[K.type] end
  for _, name in ipairs(names) do
    local P = K.schema.properties[name]
    if P and P.type.kind == "boolean" then return { property = name, on = true, off = false } end
  end
end

local function has_key(list, key)
  for _, item in ipairs(list or {}) do
    if item.Key == key then return true end
  end
  return false
end

--- Declares the service's protection with ours. Lifting ours takes the service's away in words of its own,
--- because a property that is only left out may stay as it is. What the playbook says itself, stands.
---@param K cso.Kind
---@param decl table            its properties get the service's protection
---@param record cso.Record?    what is remembered
function guard.declare(K, decl, record)
  local protect = decl.options and decl.options.protect
  local lifted = not protect and record and record.protect
  if not (protect or lifted) then return end
  local rule = guard.of(K)
  if not rule then return end
  local v = rule.off
  if protect then v = rule.on end
  local had = decl.properties[rule.property]
  if not rule.key then
    if had == nil then decl.properties[rule.property] = v end
  elseif type(had) ~= "userdata" and not has_key(had, rule.key) then
    local list = {}
    for i, item in ipairs(had or {}) do list[i] = item end
    list[#list + 1] = { Key = rule.key, Value = v }
    decl.properties[rule.property] = list
  end
end

return guard
