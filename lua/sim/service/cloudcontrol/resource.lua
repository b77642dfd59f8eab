--- Resources of any catalogue type.
local catalogue = require "cso.std.catalogue"
local deep = require "cso.std.deep"
local json = require "cso.std.json"
local model = require "sim.service.cloudcontrol.model"
local patch = require "sim.service.cloudcontrol.patch"
local request = require "sim.service.cloudcontrol.request"

local resource = {}

local function type_of(ctx, name)
  local t = catalogue.type(name)
  if not t then ctx:fail("TypeNotFoundException", ("The type '%s' cannot be found."):format(name)) end
  return t
end

-- Rows of a type; the id of a row is the resource's identifier.
local function rows(ctx, name) return ctx:table(name) end

local function document(ctx, text, what)
  local v = json.decode(text)
  if type(v) ~= "table" then
    ctx:fail("ValidationException", ("%s is not a valid JSON document"):format(what))
  end
  return v
end

local function find(ctx, t, identifier)
  local row = rows(ctx, t.name):get(identifier)
  if not row then
    ctx:fail("ResourceNotFoundException", ("Resource of type '%s' with identifier '%s' was not found.")
      :format(t.name, identifier))
  end
  return row
end

local function free(ctx, t, identifier)
  local other = request.running(ctx, t.name, identifier)
  if other then
    ctx:fail("ConcurrentOperationException", ("A resource operation with request token '%s' is in progress for "
      .. "resource '%s'"):format(other.RequestToken, identifier))
  end
end

local function event(ctx, operation, t, identifier, failure)
  return { ProgressEvent = request.start(ctx, { TypeName = t.name, Identifier = identifier, Operation = operation },
    failure) }
end

local function invalid(problems)
  return { code = "InvalidRequest", message = "Model validation failed (" .. table.concat(problems, "\n") .. ")" }
end

function resource.CreateResource(ctx, input)
  local t = type_of(ctx, input.TypeName)
  local desired = document(ctx, input.DesiredState, "DesiredState")
  local problems = model.problems(t, desired)
  if problems[1] then return event(ctx, "CREATE", t, nil, invalid(problems)) end
  local state, identifier = model.complete(ctx, t, desired)
  if rows(ctx, t.name):get(identifier) then
    return event(ctx, "CREATE", t, identifier, { code = "AlreadyExists",
      message = ("Resource of type '%s' with identifier '%s' already exists."):format(t.name, identifier) })
  end
  local kept = {}
  for name, v in next, state do
    -- Members that must not be shown go under private names.
    local p = t.properties[name]
    kept[p and p.sensitive and "_" .. name or name] = v
  end
  rows(ctx, t.name):put(identifier, { Identifier = identifier, TypeName = t.name, Properties = kept })
  return event(ctx, "CREATE", t, identifier)
end

-- The full state again, private names undone.
local function state_of(row)
  local out = {}
  for name, v in next, row.Properties do out[name:gsub("^_", "")] = v end
  return out
end

local function description(t, row)
  return { Identifier = row.Identifier, Properties = json.encode(model.visible(t, state_of(row))) }
end

function resource.GetResource(ctx, input)
  local t = type_of(ctx, input.TypeName)
  return { TypeName = t.name, ResourceDescription = description(t, find(ctx, t, input.Identifier)) }
end

function resource.UpdateResource(ctx, input)
  local t = type_of(ctx, input.TypeName)
  local row = find(ctx, t, input.Identifier)
  free(ctx, t, row.Identifier)
  local before = state_of(row)
  local after, why = patch(before, document(ctx, input.PatchDocument, "PatchDocument"))
  if not after then ctx:fail("ValidationException", "Invalid patch update: " .. why) end
  local frozen = model.frozen(t, before, after)
  if frozen[1] then
    ctx:fail("NotUpdatableException", ("Invalid patch update: createOnlyProperties or readOnlyProperties [%s] cannot be "
      .. "updated"):format(table.concat(frozen, ", ")))
  end
  local desired = {}
  for name in next, t.properties do desired[name] = after[name] end
  local problems = model.problems(t, desired)
  if problems[1] then return event(ctx, "UPDATE", t, row.Identifier, invalid(problems)) end
  local kept = {}
  for name, v in next, after do
    local p = t.properties[name]
    kept[p and p.sensitive and "_" .. name or name] = deep.copy(v)
  end
  row.Properties = kept
  rows(ctx, t.name):put(row.Identifier, row)
  return event(ctx, "UPDATE", t, row.Identifier)
end

function resource.DeleteResource(ctx, input)
  local t = type_of(ctx, input.TypeName)
  local row = rows(ctx, t.name):get(input.Identifier)
  if not row then
    return event(ctx, "DELETE", t, input.Identifier, { code = "NotFound",
      message = ("Resource of type '%s' with identifier '%s' was not found."):format(t.name, input.Identifier) })
  end
  free(ctx, t, row.Identifier)
  rows(ctx, t.name):delete(row.Identifier)
  return event(ctx, "DELETE", t, row.Identifier)
end

function resource.ListResources(ctx, input)
  local t = type_of(ctx, input.TypeName)
  local wanted = input.ResourceModel and document(ctx, input.ResourceModel, "ResourceModel") or {}
  local list = {}
  for _, row in ipairs(rows(ctx, t.name):list()) do
    local keep = true
    for name, v in next, wanted do
      if not deep.equal(row.Properties[name], v) then keep = false end
    end
    if keep then list[#list + 1] = description(t, row) end
  end
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 100)
  return { TypeName = t.name, ResourceDescriptions = page, NextToken = token }
end

return resource
