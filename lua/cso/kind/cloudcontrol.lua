--- Every type without a kind of its own, through the Cloud Control API: desired states go in as
--- JSON, changes as JSON Patch (RFC 6902), and each request is followed until it is finished.
local catalogue = require "cso.std.catalogue"
local declare = require "cso.kind.declare"
local json = require "cso.std.json"
local read = require "cso.kind.read"
local tags = require "cso.kind.tags"
local value = require "cso.std.value"

local cloudcontrol = {}

--- The form in which CloudFormation wants tags: a list of Key and Value, or a map.
local function tag_form(schema, map)
  local P = schema.properties[schema.tags.property]
  if P and P.type.kind == "map" or schema.tags.style == "map" then return map end
  local out, keys = {}, {}
  for k in pairs(map) do keys[#keys + 1] = k end
  table.sort(keys)
  -- Groups of instances say of each tag whether their instances get it: they do unless it is declared otherwise.
  local passed = schema.tags.style == "asg" or nil
  for i, k in ipairs(keys) do
    local v = map[k]
    if type(v) == "table" then
      out[i] = { Key = k, Value = v.Value, PropagateAtLaunch = v.PropagateAtLaunch }
    else
      out[i] = { Key = k, Value = v, PropagateAtLaunch = passed }
    end
  end
  return json.array(out)
end

-- The tags as they are declared: what instances don't get says so.
local function tag_map(schema, list)
  local map = tags.to_map(list)
  for _, tag in ipairs(schema.tags.style == "asg" and list or {}) do
    if map[tag.Key] and tag.PropagateAtLaunch == false then
      map[tag.Key] = { Value = tag.Value or "", PropagateAtLaunch = false }
    end
  end
  return map
end

local function desired_state(r)
  local schema, state = r.kind.schema, {}
  for property, v in pairs(r.desired) do state[property] = value.reveal(v) end
  if schema.tags then
    state[schema.tags.property] = tag_form(schema, tags.owned(value.reveal(r.desired[schema.tags.property]), r.own))
  end
  return state
end

--- Follows a request to its end: success, or an error that says why.
local function follow(r, out, moment)
  local event = out.ProgressEvent
  local function finished()
    if event.Identifier then r.id = event.Identifier end
    if event.OperationStatus == "SUCCESS" then return true end
    if event.OperationStatus == "FAILED" or event.OperationStatus == "CANCEL_COMPLETE" then
      if moment == "delete" and event.ErrorCode == "NotFound" then return true end
      r:fail(event.ErrorCode or "failed", ("%s: %s"):format(r.type, event.StatusMessage or event.OperationStatus))
    end
    return false
  end
  r:poll("waiting for Cloud Control", function()
    if finished() then return true end
    event = r:call("GetResourceRequestStatus", { RequestToken = event.RequestToken }).ProgressEvent
    return finished()
  end, 10)
end

local function create(r)
  local out = r:call("CreateResource", { TypeName = r.type, ClientToken = r.token,
    DesiredState = json.encode(desired_state(r)) }, { creates = true })
  r.id = out.ProgressEvent.Identifier
  follow(r, out, "create")
  r.attributes = r.kind.spec.read(r) or {}
end

local function read_one(r)
  local out, e = r:try("GetResource", { TypeName = r.type, Identifier = r.id })
  if not out then
    if read.is_gone(e) then return nil end
    error(e, 0)
  end
  local model = json.decode(out.ResourceDescription.Properties)
  local schema = r.kind.schema
  if schema.tags then
    local list = model[schema.tags.property]
    r.owner_tags = tags.to_map(list, true)
    model[schema.tags.property] = tag_map(schema, list)
  end
  return model
end

--- Starts a request; while another one runs for the same resource, AWS wants us to wait.
local function start(r, operation, params)
  local out
  r:poll("waiting for another request of the same resource", function()
    local e
    out, e = r:try(operation, params)
    if out then return true end
    if e.code == "ConcurrentOperationException" then return false end
    if operation == "DeleteResource" and read.is_gone(e) then return true end
    error(e, 0)
  end, 10)
  return out
end

local function pointer(name)
  return "/" .. name:gsub("~", "~0"):gsub("/", "~1")
end

local function update(r, _, properties)
  local patch, state = {}, desired_state(r)
  for _, property in ipairs(properties) do
    if state[property] == nil then
      patch[#patch + 1] = { op = "remove", path = pointer(property) }
    else
      local there = r.current and r.current[property] ~= nil
      patch[#patch + 1] = { op = there and "replace" or "add", path = pointer(property), value = state[property] }
    end
  end
  follow(r, start(r, "UpdateResource", { TypeName = r.type, Identifier = r.id, ClientToken = r.token,
    PatchDocument = json.encode(json.array(patch)) }), "update")
end

local function delete(r)
  local out = start(r, "DeleteResource", { TypeName = r.type, Identifier = r.id })
  if out then follow(r, out, "delete") end
end

local made = {}

--- The Cloud Control kind of a type.
---@param type_name string
---@return cso.Kind?, cso.Err?
function cloudcontrol.of(type_name)
  if made[type_name] then return made[type_name] end
  local schema, e = catalogue.type(type_name)
  if not schema then return nil, e end
  local K = declare(type_name) {
    service = "cloudcontrol", create = create, read = read_one, update = update, delete = delete,
    removes = "all", -- a patch can take away whatever it can change
    seconds = { create = 10, update = 10, delete = 10 },
  }
  K.native = false
  made[type_name] = K
  return K
end

return cloudcontrol
