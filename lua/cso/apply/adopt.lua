--- Taking over what exists already: it is read by its id, gets this stack's ownership tags and is
--- remembered. Nothing else of it is changed; what differs from its declaration is the next plan.
local budget = require "cso.apply.budget"
local calls = require "cso.apply.calls"
local commit = require "cso.apply.commit"
local compare = require "cso.kind.compare"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local handle = require "cso.kind.handle"
local surely = require "cso.apply.surely"
local tags = require "cso.kind.tags"
local value = require "cso.std.value"

local adopt = {}

local function usage(code, message, hint)
  return nil, err.new { code = code, class = "usage", message = message, hint = hint }
end

local function begin(opts)
  return { id = opts.run, store = opts.state, session = opts.session, budget = budget.new(opts.now),
    urgency = {}, queued = {}, did = {}, commit = commit.new(opts.state), born = {},
    sleep = opts.sleep, now = opts.now }
end

--- A handle for a thing that is known by its id only.
---@param opts { state: cso.Store?, session: table, stack: string, sleep: function, now: function, identity: function?, run: string? }
---@param node { address: string, type: string, kind: cso.Kind, target: table?, desired: table? }
---@param id string
---@return cso.Handle
function adopt.handle(opts, node, id)
  local kind_calls = require "cso.kind.calls"
  return handle.new {
    kind = node.kind, address = node.address, type = node.type, id = id, target = node.target or {},
    desired = node.desired or {}, stack = opts.stack, sleep = opts.sleep, now = opts.now,
    identity = opts.identity, session = opts.session, action = "update",
    own = { [tags.OWNER.stack] = opts.stack, [tags.OWNER.address] = node.address },
    invoke = opts.run and calls(begin(opts)) or kind_calls.plain(opts.session),
  }
end

--- Reads one thing by its id, and whose it is.
---@param opts { state: cso.Store?, session: table, stack: string, sleep: function, now: function, identity: function?, run: string? }
---@param node { address: string, type: string, kind: cso.Kind, target: table?, desired: table? }
---@param id string
---@return cso.Handle? handle  with `current`, what was read, and `owner_tags`
---@return cso.Err?
function adopt.read(opts, node, id)
  local r = adopt.handle(opts, node, id)
  local model, e = node.kind:read(r)
  if model == nil then return nil, e end
  if not model then
    return usage("not_found", ("there is no %s with the id %s"):format(node.type, id),
      ("%s is named by its %s; is it in this region?"):format(node.type, node.kind.id_name or "identifier"))
  end
  r.current, r.attributes = model, model
  return r
end

--- Refuses what somebody else looks after.
---@param opts { state: cso.Store?, stack: string, take: boolean? }
---@param r cso.Handle   from adopt.read
---@return true? ok, cso.Err?
function adopt.is_free(opts, r)
  for _, record in ipairs(opts.state and opts.state:resources() or {}) do
    if record.address == r.address then
      return usage("in_state", ("%s is in the state already: %s"):format(r.address, record.id),
        "csorun state rm " .. r.address .. " forgets it first")
    end
    if record.type == r.type and record.id == r.id then
      return usage("in_state", ("%s is in the state already, as %s"):format(r.id, record.address),
        ("csorun state mv %s %s gives it that address"):format(record.address, r.address))
    end
  end
  local stack = (r.owner_tags or {})[tags.OWNER.stack]
  if stack and stack ~= opts.stack and not opts.take then
    return nil, err.new { code = "owned", class = "policy",
      message = ("%s belongs to the stack %s"):format(r.id, stack),
      hint = "forget it there (csorun state rm) and take it with --take" }
  end
  return true
end

--- What of the model can be declared, for kinds that write whole things back.
local function declarable(K, model)
  local out = {}
  for property in pairs(K.schema.properties) do out[property] = model[property] end
  return out
end

--- Gives a thing that was read the ownership tags of its address; all else of it stays.
---@param r cso.Handle   with `current` and `owner_tags`, from a read
---@return true? ok, cso.Err?
function adopt.sign(r)
  local K = r.kind
  local property = K.tag_property
  if not property and not K.spec.set_tags then return true end
  local map = r.owner_tags or {}
  local missing = false
  for key, v in pairs(r.own) do missing = missing or map[key] ~= v end
  if not missing then return true end
  if not property then return K:set_tags(r, map, tags.owned(map, r.own)) end
  r.desired = declarable(K, r.current)
  r.desired[property] = tags.owned(r.current[property], r.own)
  return K:update(r, { property })
end

--- What is declared and is there already counts as applied. What differs was never applied by us: it is
--- the next plan's. A later reading asks for what is declared, so nothing of it may be missing here.
local function as_declared(node, model)
  local out = {}
  local hidden = deep.index(node.kind.spec.write_only)
  for property, v in pairs(node.desired or {}) do
    if not hidden[property] and not value.has_unknown(v)
      and compare.property(node.kind, property, v, model[property], { desired = node.desired }) then
      out[property] = v
    end
  end
  return out
end

--- Takes a thing over.
---@param opts { state: cso.Store, session: table, stack: string, take: boolean?, sleep: function, now: function, identity: function?, run: string }
---@param node { address: string, type: string, kind: cso.Kind, target: table?, desired: table?, depends: string[], options: table }
---@param id string
---@return cso.Record? record, cso.Err?
function adopt.one(opts, node, id)
  local r, e = adopt.read(opts, node, id)
  if not r then return nil, e end
  local ok
  ok, e = adopt.is_free(opts, r)
  if not ok then return nil, e end
  ok, e = surely(opts, function(attempt)
    if attempt > 1 then
      local again, why = adopt.read(opts, node, id)
      if not again then return nil, why end
      r = again
    end
    return adopt.sign(r)
  end)
  if not ok then return nil, e end
  local record = {
    address = node.address, type = node.type, id = r.id, target = node.target or {},
    declared = as_declared(node, r.current),
    attributes = value.cover(r.current, node.desired or {}), depends = node.depends or {},
    protect = node.options.protect or nil, retain = node.options.retain or nil,
    timeouts = node.options.timeouts, native = node.kind.native, status = "ready",
  }
  opts.state:together(function()
    opts.state:put(record)
    opts.state:account_for(node.address)
  end)
  return record
end

local function is_empty(v)
  return v == nil or type(v) == "table" and next(v) == nil and not value.is_secret(v)
end

--- The properties that declare what exists: what can be declared and is not what it is anyway.
---@param K cso.Kind
---@param model table
---@return table properties
function adopt.properties(K, model)
  local out, hidden = {}, {}
  for _, name in ipairs(K.spec.write_only or {}) do hidden[name] = true end
  for name, P in pairs(K.schema.properties) do
    local v = model[name]
    local is_default = deep.equal(v, K:default_of(name)) and not P.required
    if not (is_empty(v) or is_default or hidden[name] or P.sensitive or value.is_secret(v)) and K:covers(name) then
      out[name] = v
    end
  end
  -- Two names of one thing: services refuse to be told both.
  if out.AvailabilityZone then out.AvailabilityZoneId = nil end
  return out
end

return adopt
