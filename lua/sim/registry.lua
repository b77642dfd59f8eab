--- The simulated services: what the catalogue knows of each, joined with its handlers.
--- A service is the folder lua/sim/service/<botocore name>/, whose init.lua says which sibling
--- files hold its handlers and the few facts that no model states. Loaded on first use.
local catalogue = require "cso.std.catalogue"

---@class sim.Service
---@field name string          botocore's directory name
---@field metadata table       the model's metadata
---@field model table          catalogue service
---@field protocol string      the protocol of the model (a request may use another one it lists)
---@field handlers table<string, fun(ctx, input):table>
---@field facts table          the folder's init.lua

local registry = {}
registry.__index = registry

-- A module of ours, or nil when there is none; a broken one raises.
local function optional(name)
  local ok, got = pcall(require, name)
  if ok then return got end
  if tostring(got):find("module '" .. name .. "' not found", 1, true) then return nil end
  error(got, 0)
end

--- The wire protocol that a service's model prefers among those that are not negotiated.
local function protocol_of(metadata)
  local p = metadata.protocol
  return p == "smithy-rpc-v2-cbor" and "json" or p
end

---@return table registry
function registry.new() return setmetatable({ by_name = {}, ops = {} }, registry) end

--- A service of the catalogue, simulated or not.
---@param name string botocore directory name
---@return sim.Service|nil
function registry:get(name)
  local known = self.by_name[name]
  if known ~= nil then return known or nil end
  local model = catalogue.service(name)
  if not model then
    self.by_name[name] = false
    return nil
  end
  local facts = optional("sim.service." .. name)
  local metadata = model:metadata()
  local s = { name = name, model = model, metadata = metadata, protocol = protocol_of(metadata),
    facts = facts or {}, simulated = facts ~= nil, handlers = {}, operations = {}, rest_places = {} }
  for _, part in ipairs(s.facts.parts or {}) do
    local operations = require("sim.service." .. name .. "." .. part)
    for op, handler in next, operations do
      -- Operations are capitalised; a part may offer helpers to its siblings beside them.
      if type(handler) == "function" and op:find("^%u") then
        if not model:operation(op) then
          error(("sim.service.%s.%s: %s is no operation of the model"):format(name, part, op), 0)
        end
        s.handlers[op] = handler
      end
    end
  end
  self.by_name[name] = s
  return s
end

--- An operation of a service: a private copy of the model's table, so that compiled codecs can
--- hang on it.
---@param service sim.Service
---@param name string
---@return table|nil
function registry.operation(service, name)
  local op = service.operations[name]
  if op == nil then
    local from = service.model:operation(name)
    op = false
    if from then
      op = {}
      for k, v in next, from do op[k] = v end
      op.name = name
    end
    service.operations[name] = op
  end
  return op or nil
end

-- Signing name → catalogue services, e.g. elasticloadbalancing → elb, elbv2.
function registry:scopes()
  if self.scope_map then return self.scope_map end
  local map = {}
  for _, name in ipairs(catalogue.services()) do
    local m = catalogue.service(name):metadata()
    local scope = m.signingName or m.endpointPrefix
    map[scope] = map[scope] or {}
    table.insert(map[scope], name)
  end
  self.scope_map = map
  return map
end

--- The services that a credential scope may mean, simulated ones first.
---@param scope string
---@return sim.Service[]
function registry:candidates(scope)
  self.scope_lists = self.scope_lists or {}
  local list = self.scope_lists[scope]
  if list then return list end
  list = {}
  for _, name in ipairs(self:scopes()[scope] or {}) do list[#list + 1] = self:get(name) end
  table.sort(list, function(a, b)
    if a.simulated ~= b.simulated then return a.simulated end
    -- docdb and neptune sign as rds too: the service of that very name comes first.
    if (a.name == scope) ~= (b.name == scope) then return a.name == scope end
    return a.name < b.name
  end)
  self.scope_lists[scope] = list
  return list
end

--- The simulated services that speak query or ec2, for requests without a signature.
---@return sim.Service[]
function registry:simulated_query()
  if not self.query_list then
    self.query_list = {}
    for _, name in ipairs(catalogue.services()) do
      local p = catalogue.service(name):metadata().protocol
      local s = (p == "query" or p == "ec2") and self:get(name)
      if s and s.simulated then table.insert(self.query_list, s) end
    end
  end
  return self.query_list
end

--- The simulated REST services, for requests without a signature: S3 last, since any path could
--- be a bucket's.
---@return sim.Service[]
function registry:simulated_rest()
  if not self.rest_list then
    self.rest_list = {}
    for _, name in ipairs(catalogue.services()) do
      local p = catalogue.service(name):metadata().protocol
      local s = (p == "rest-json" or p == "rest-xml") and name ~= "s3" and self:get(name)
      if s and s.simulated then table.insert(self.rest_list, s) end
    end
    self.rest_list[#self.rest_list + 1] = self:get("s3")
  end
  return self.rest_list
end

--- The service whose X-Amz-Target prefix this is (for requests that carry no signature).
---@param prefix string
---@return sim.Service|nil
function registry:by_target(prefix)
  if not self.targets then
    self.targets = {}
    for _, name in ipairs(catalogue.services()) do
      local t = catalogue.service(name):metadata().targetPrefix
      if t then self.targets[t] = self.targets[t] or name end
    end
  end
  local name = self.targets[prefix]
  return name and self:get(name)
end

return registry
