--- The calls that an action will make to change something, as the kind's data tells them. Where a
--- function of the kind decides, the service is all that can be said.
local deep = require "cso.std.deep"
local write = require "cso.kind.write"

local cloud_control = { create = "CreateResource", update = "UpdateResource", delete = "DeleteResource" }

local function from_data(K, moment)
  local op = K.spec[moment]
  if type(op) == "table" then return { op[1] }, false end
  return {}, op ~= nil
end

local moments = {}

function moments.create(K, node)
  local out, open = from_data(K, "create")
  if type(K.spec.create) ~= "table" then return out, open end
  local late = {}
  for _, property in ipairs(deep.keys(node.desired or {})) do
    if not write.creates_with(K, property) then late[#late + 1] = property end
  end
  if #late == 0 then return out, open end
  local more, decided = write.update_operations(K, late)
  table.move(more, 1, #more, #out + 1, out)
  return out, open or decided
end

function moments.update(K, node) return write.update_operations(K, node.updates or {}) end

function moments.delete(K) return from_data(K, "delete") end

local of_action = { create = { "create" }, update = { "update" }, delete = { "delete" } }

local function steps_of(node, action)
  if action ~= "replace" then return of_action[action] or {} end
  return node.replace_order == "create_first" and { "create", "delete" } or { "delete", "create" }
end

--- The calls of one node's action, in their order. An entry without an operation says that the
--- kind decides the calls, or further calls, on its way.
---@param node table
---@param action string
---@return { service: string, operation: string? }[]
return function(node, action)
  local K, out = node.kind, {}
  if node.form ~= "resource" or not K or K.spec.service == "local" then return out end
  for _, moment in ipairs(steps_of(node, action)) do
    local operations, open
    if K.native then
      operations, open = moments[moment](K, node)
    else
      operations, open = { cloud_control[moment] }, false
    end
    for _, operation in ipairs(operations) do out[#out + 1] = { service = K.spec.service, operation = operation } end
    if open then out[#out + 1] = { service = K.spec.service } end
  end
  return out
end
