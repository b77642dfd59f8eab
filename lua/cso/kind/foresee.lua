--- The calls that an action will make to change something, as the kind's data tells them. Where a
--- function of the kind decides, the service is all that can be said.
local covers = require "cso.kind.covers"
local deep = require "cso.std.deep"
local tags = require "cso.kind.tags"
local value = require "cso.std.value"
local write = require "cso.kind.write"

local cloud_control = { create = "CreateResource", update = "UpdateResource", delete = "DeleteResource" }

local function from_data(K, moment)
  local op = K.spec[moment]
  if type(op) == "table" then return { op[1] }, false end
  return {}, op ~= nil
end

local moments = {}

function moments.create(K, node)
  -- What its copy did not bring along is only known when it is there.
  if node.decl and node.decl.restores then return { K.spec.restore.create[1] }, true end
  local out, open = from_data(K, "create")
  if type(K.spec.create) ~= "table" then return out, open end
  local late = {}
  for _, property in ipairs(deep.keys(node.desired or {})) do
    if not covers.creates_with(K, property) then late[#late + 1] = property end
  end
  if #late == 0 then return out, open end
  local more, decided = write.update_operations(K, late)
  table.move(more, 1, #more, #out + 1, out)
  return out, open or decided
end

--- Tags are written and taken away by calls of their own, and only what differs.
local function tag_operations(K, node)
  local rule = tags.services[K.spec.service]
  local property = K.tag_property
  local wanted = node.desired and node.desired[property] or {}
  if value.has_unknown(wanted) or value.is_secret(wanted) then return { rule.add } end
  local set, removed = tags.changes(node.model and node.model[property] or {}, wanted)
  local out = {}
  if next(set) then out[1] = rule.add end
  if #removed > 0 then out[#out + 1] = rule.remove end
  return out
end

function moments.update(K, node)
  local updates = node.updates or {}
  local in_data = type(K.spec.update) ~= "function" and not K.spec.set_tags and tags.services[K.spec.service]
  if not (in_data and deep.contains(updates, K.tag_property)) then return write.update_operations(K, updates) end
  local others = {}
  for _, property in ipairs(updates) do
    if property ~= K.tag_property then others[#others + 1] = property end
  end
  local out, open = write.update_operations(K, others)
  local more = tag_operations(K, node)
  table.move(more, 1, #more, #out + 1, out)
  return out, open
end

function moments.delete(K) return from_data(K, "delete") end

--- Calls that a kind makes beside those of its data, as it foretells them: "Operation" or "service.Operation";
--- "?" where what it finds there decides.
local function further(K, moment, node)
  local fn = K.spec.foretell and K.spec.foretell[moment]
  local properties = moment == "delete" and node.record and node.record.declared or node.desired
  local out = {}
  for i, operation in ipairs(fn and fn(properties or {}) or {}) do
    local service, name = operation:match("^([%w-]+)%.(%w+)$")
    out[i] = { service = service or K.spec.service, operation = operation ~= "?" and (name or operation) or nil }
  end
  return out
end

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
    local more = further(K, moment, node)
    table.move(more, 1, #more, #out + 1, out)
    if open then out[#out + 1] = { service = K.spec.service } end
  end
  return out
end
