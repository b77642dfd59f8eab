--- A run may have died after a secret was made and before the resource that keeps it existed or was
--- given it, or that resource was deleted by other hands. The value is gone then; what made it has to make another one.
local deep = require "cso.std.deep"
local kinds = require "cso.kind"

-- What a kind keeps is asked once of each type.
local keeps = {}

local function keeper(type_name)
  local keeping = keeps[type_name]
  if keeping == nil then
    local K = kinds.native(type_name)
    keeping = K ~= nil and K.spec.keeps ~= nil
    keeps[type_name] = keeping
  end
  return keeping
end

local function is_maker(node)
  if not node.kind or node.kind.spec.service ~= "local" then return false end
  for _, A in pairs(node.kind.schema.attributes or {}) do
    if A.sensitive then return true end
  end
  return false
end

return function(work)
  local kept = {}
  for address, record in pairs(work.records) do
    if keeper(record.type) and work.models[address] ~= false then
      for _, need in ipairs(record.depends or {}) do
        -- A secret that was made anew is kept once its keeper was written after it.
        local origin = work.records[need]
        kept[need] = kept[need] or not record.keeps or not origin or record.keeps[need] == origin.id
      end
    end
  end
  for _, node in pairs(work.nodes) do
    if node.decl and node.form == "resource" and keeper(node.type) then
      local missing = not node.record or work.models[node.address] == false
      for _, need in ipairs(node.depends) do
        local origin = work.nodes[need]
        local gone = missing or deep.contains(node.record.depends, need)
        if gone and not kept[need] and origin and origin.record and is_maker(origin) then
          origin.lost = node.address
        end
      end
    end
  end
  return true
end
