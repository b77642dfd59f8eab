--- A run may have died after a secret was made and before the resource that keeps it existed, or that
--- resource was deleted by other hands. The value is gone then; what made it has to make another one.
local kinds = require "cso.kind"

local function keeper(type_name)
  local K = kinds.native(type_name)
  return K and K.spec.keeps ~= nil
end

local function makes_secrets(node)
  for _, A in pairs(node.kind.schema.attributes or {}) do
    if A.sensitive then return true end
  end
  return false
end

return function(work)
  local kept = {}
  for address, record in pairs(work.records) do
    if keeper(record.type) and work.models[address] ~= false then
      for _, need in ipairs(record.depends or {}) do kept[need] = true end
    end
  end
  for _, node in pairs(work.nodes) do
    local missing = not node.record or work.models[node.address] == false
    if node.decl and node.form == "resource" and missing and keeper(node.type) then
      for _, need in ipairs(node.depends) do
        local origin = work.nodes[need]
        if origin and origin.record and origin.kind and origin.kind.spec.service == "local" and makes_secrets(origin)
          and not kept[need] then
          origin.lost = node.address
        end
      end
    end
  end
  return true
end
