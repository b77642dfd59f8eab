--- Writing: create, update, delete and ready, driven by the kind's data. Where a kind gives a
--- function instead of data, that function is called with the same handle.
local lazy = require "cso.std.lazy"
local covers = require "cso.kind.covers"
local deep = require "cso.std.deep"
local read = require "cso.kind.read"
local shape = lazy "cso.kind.shape"
local tags = lazy "cso.kind.tags"
local users = lazy "cso.kind.users"
local value = require "cso.std.value"

local write = {}

--- The parameters of an operation from properties of the same or a renamed name.
---@param r cso.Handle
---@param op table            { "Operation", rename=, skip=, only=, wrap= }
---@param source table        properties
---@return table params
function write.params(r, op, source)
  local S = r:model()
  local members = shape.members(S, op[1], "input")
  local skip, only = deep.index(op.skip), op.only and deep.index(op.only)
  local params = {}
  for property, v in pairs(source) do
    if not skip[property] and (not only or only[property]) and property ~= r.kind.tag_property then
      local name = op.rename and op.rename[property] or property
      local member = shape.member(members, name)
      if member then
        if op.wrap then v = { [op.wrap] = v } end
        params[member] = shape.to_api(S, members[member].shape, value.reveal(v))
      end
    end
  end
  return params
end

local function add_tags(r, op, params)
  local where = op.tags
  if not where then return end
  local S, map = r:model(), tags.owned(r.desired[r.kind.tag_property or "Tags"], r.own)
  local members = shape.members(S, op[1], "input")
  if where == "TagSpecifications" then
    params.TagSpecifications = { { ResourceType = op.tag_type or r.kind.tag_type,
      Tags = tags.to_api(S, "TagList", map) } }
  else
    params[where] = tags.to_api(S, members[where].shape, map)
  end
end

local token_members = { "ClientToken", "ClientRequestToken", "IdempotencyToken", "CreationToken", "CallerReference",
  "clientToken", "CreatorRequestId" }

local function add_token(r, op, params)
  local members = shape.members(r:model(), op[1], "input")
  if op.token then params[op.token] = params[op.token] or r.token return end
  for name, ref in pairs(members) do
    if ref.idempotencyToken and params[name] == nil then params[name] = r.token end
  end
  for _, name in ipairs(token_members) do
    if members[name] and params[name] == nil then params[name] = r.token end
  end
end

--- An id parameter for an operation: the member named by `by`, or the one named as the id is.
local function add_id(r, op, params)
  local S = r:model()
  local members = shape.members(S, op[1], "input")
  local by = op.by or shape.member(members, r.kind.id_name)
  if not by then return params end
  params[by] = S:shape(members[by].shape).type == "list" and { r.id } or r.id
  return params
end

--- The operations that will change some properties; `open` when a function of the kind decides.
---@param K cso.Kind
---@param properties string[]
---@return string[] operations, boolean open
function write.update_operations(K, properties)
  if type(K.spec.update) == "function" then return {}, true end
  local groups, single = covers.updates(K, properties)
  local out, open = {}, false
  for _, pair in ipairs(single) do
    if type(pair[2]) == "table" then out[#out + 1] = pair[2][1] else open = true end
  end
  for _, op in ipairs(K.spec.update or {}) do
    if groups[op] then out[#out + 1] = op[1] end
  end
  if deep.index(properties)[K.tag_property] then
    local rule = tags.services[K.spec.service]
    if K.spec.set_tags or not rule then open = true else out[#out + 1] = rule.add end
  end
  return out, open
end

--- Sets `properties` of what exists. A property whose desired value is nil gets its default.
---@param K cso.Kind
---@param r cso.Handle
---@param properties string[]
function write.update(K, r, properties)
  if type(K.spec.update) == "function" then
    K.spec.update(r, deep.index(properties), properties)
  else
    local groups, single = covers.updates(K, properties)
    for _, pair in ipairs(single) do
      local property, op = pair[1], pair[2]
      local wanted = r.desired[property]
      if wanted == nil then wanted = K.default(property) end
      if type(op) == "function" then
        op(r, value.reveal(wanted), r.current and r.current[property])
      else
        local params = add_id(r, op, write.params(r, op, { [property] = wanted }))
        if op.with then op.with(params, r) end
        r:call(op[1], params)
      end
    end
    for _, op in ipairs(K.spec.update or {}) do
      if groups[op] then
        local source = {}
        for _, property in ipairs(groups[op]) do
          source[property] = r.desired[property]
          if source[property] == nil then source[property] = K.default(property) end
        end
        if op.always then
          for _, property in ipairs(op.always) do
            if source[property] == nil then source[property] = r.desired[property] end
          end
        end
        local params = add_id(r, op, write.params(r, op, source))
        if op.with then op.with(params, r, deep.index(groups[op])) end
        r:call(op[1], params)
      end
    end
  end
  if K.tag_property and deep.index(properties)[K.tag_property] and type(K.spec.update) ~= "function" then
    write.update_tags(K, r)
  end
end

--- Brings the tags of what exists to the declared ones; ownership tags stay.
function write.update_tags(K, r)
  local current = r.current and r.current[K.tag_property] or {}
  if K.spec.set_tags then
    K.spec.set_tags(r, current, r.desired[K.tag_property] or {})
  else
    tags.apply(r, K.tag_id(r, r.current or {}), current, r.desired[K.tag_property] or {}, K.tag_extra)
  end
end

--- Calls, and calls again while the service has not yet heard of something that was made a moment
--- ago (a role, a log destination). `retry` holds patterns over "Code: message".
local function patiently(r, op, params)
  local out
  r:poll("waiting for what it needs to be known", function()
    local e
    out, e = r:try(op[1], params, { creates = true })
    if out then return true end
    for _, pattern in ipairs(op.retry or {}) do
      if ((e.code or "") .. ": " .. (e.message or "")):match(pattern) then
        r.last_error = e
        r.retries = (r.retries or 0) + 1
        if r.retries < 40 then return false end
      end
    end
    error(e, 0)
  end, 20)
  return out
end

--- Creates a resource: one call, then updates for what that call does not take.
---@param K cso.Kind
---@param r cso.Handle   gets `id` and `attributes`
function write.create(K, r)
  local op = r.restores and K.spec.restore.create or K.spec.create
  if type(op) == "function" then
    op(r)
    return
  end
  local params = write.params(r, op, r.desired)
  add_tags(r, op, params)
  add_token(r, op, params)
  if op.with then params = op.with(params, r) or params end
  local out = patiently(r, op, params)
  local raw = op.take and shape.pick(out, op.take) or out
  if type(op.id) == "function" then
    r.id = op.id(r, raw, out)
  elseif type(op.id) == "string" then
    r.id = shape.pick(raw, op.id)
  else
    local member = type(raw) == "table" and shape.member(raw, K.id_name)
    r.id = member and raw[member] or r.desired[K.id_name]
  end
  if not r.id then r:fail("internal", K.type .. ": " .. op[1] .. " answered without an id") end
  if type(raw) == "table" and type(K.spec.read) == "table" and not op.bare then
    local spec = K.spec.read
    -- A create answer may be shaped otherwise than a describe: only what is certain is kept.
    r.attributes = read.model({ type = K.type, schema = K.schema, id_name = K.id_name,
      spec = { service = K.spec.service, read = { rename = spec.rename } } }, raw, r)
  end
  r.attributes[K.id_name] = r.attributes[K.id_name] or r.id
end

--- What the create call could not take, set once the thing exists.
function write.finish(K, r)
  if type(K.spec.create) ~= "table" then return end
  local late = {}
  for _, property in ipairs(deep.keys(r.desired)) do
    if not covers.at_creation(K, property) then late[#late + 1] = property end
  end
  if #late == 0 then return end
  r.current = r.current or {}
  local plain = {}
  for _, property in ipairs(late) do
    if property == K.tag_property then
      if K.spec.set_tags then
        K.spec.set_tags(r, {}, tags.owned(r.desired[property], r.own))
      else
        tags.apply(r, K.tag_id(r, r.attributes), {}, tags.owned(r.desired[property], r.own), K.tag_extra)
      end
    else
      plain[#plain + 1] = property
    end
  end
  if #plain > 0 then write.update(K, r, plain) end
end

--- Deletes a resource and waits until its dependants' dependencies may go too.
---@param K cso.Kind
---@param r cso.Handle
function write.delete(K, r)
  local op = K.spec.delete
  if type(op) == "function" then
    op(r)
  elseif op then
    local params = add_id(r, op, {})
    if op.with then params = op.with(params, r) or params end
    local retry, told = deep.index(op.retry), users.watch(r, op.users)
    r:poll("waiting for what still uses it", function()
      local out, e = r:try(op[1], params)
      if out or read.is_gone(e, op.gone) then return true end
      if retry[e.code] then
        r.last_error = told(e)
        return false
      end
      error(e, 0)
    end, op.expect or 30)
  end
  if K.spec.gone then
    -- Nobody waits through the time in which a young thing may be unknown: that is what is waited for.
    local looking = r.looking
    r.looking = true
    r:poll("waiting until it is gone", function() return read.one(K, r) == nil end, r:seconds("delete"))
    r.looking = looking
  end
end

--- Waits until the resource works. The kind's `ready` is a function, or
--- { state = "State", ok = {…}, bad = {…}, reason = "Path" } over its model's raw description.
---@param K cso.Kind
---@param r cso.Handle
function write.ready(K, r)
  local rule = K.spec.ready
  if not rule then return end
  if type(rule) == "function" then
    rule(r)
    return
  end
  local ok, bad = deep.index(rule.ok), deep.index(rule.bad)
  local spec = K.spec.read
  r:poll("waiting for " .. table.concat(rule.ok, " or "), function()
    local raw
    local keep = { shape = function(model, from) raw = from return model end }
    local model = read.one({ type = K.type, schema = K.schema, id_name = K.id_name,
      spec = { service = K.spec.service, read = setmetatable(keep, { __index = spec }) } }, r)
    if not model then return false end
    local state = shape.pick(raw, rule.state)
    if bad[state] then
      r:fail("failed", ("%s went to %s: %s"):format(r.address, state,
        rule.reason and tostring(shape.pick(raw, rule.reason)) or "the service gives no reason"))
    end
    return ok[state] or false
  end, r:seconds("create"))
end

return write
