--- Brings what really exists into the private simulator: each thing is made there by its own kind,
--- from the properties that the refresh read, and then gets its real ids. What a service says of
--- itself (its default security group, its address) is carried over the same way, so that whatever
--- names it later names something that is there.
local adopt = require "cso.apply.adopt"
local calls = require "cso.kind.calls"
local deep = require "cso.std.deep"
local handle = require "cso.kind.handle"
local hash = require "cso.std.hash"
local named = require "cso.rehearse.named"
local tags = require "cso.kind.tags"
local value = require "cso.std.value"

local fill = {}

--- A value that tells one thing from another: an id, an ARN, an address; not "available" or "true".
local function identifies(v)
  return type(v) == "string" and #v >= 7 and v:find("[%d:./]") ~= nil and not v:find("[%s{]")
end

--- Pairs of what the simulator calls something and what it is really called.
local function pairs_of(simulated, real, map)
  for k, v in next, real do
    local other = simulated[k]
    if type(v) == "table" and type(other) == "table" and not value.is_secret(v) and not value.is_secret(other) then
      pairs_of(other, v, map)
    elseif v ~= other and identifies(v) and identifies(other) then
      map[other] = v
    end
  end
  return map
end

--- What of a tree names the thing itself: its attributes, not what was declared.
local function own_names(K, model)
  local out = named.given(K.schema, model)
  for name in pairs(K.schema.attributes or {}) do out[name] = model[name] end
  out[K.id_name or ""] = model[K.id_name]
  return out
end

-- What is declared, as it really is; what is not declared and can be, where `all` is set.
local function desired_of(thing, all)
  local out = deep.copy(thing.declared or {})
  local real = all and adopt.properties(thing.kind, thing.model) or thing.model
  for property, v in pairs(real) do
    if all or out[property] ~= nil then
      local keeps_secret = out[property] ~= nil and value.is_sensitive(out[property])
      if not keeps_secret then out[property] = deep.copy(v) end
    end
  end
  return out
end

-- Ours, under the address that its tags tell by now: what was moved still bears the old one.
local function own_tags(run, thing)
  if not thing.owned then return {} end
  local stack, address = tags.OWNER.stack, tags.OWNER.address
  if thing.tagged then return { [stack] = thing.tagged[stack], [address] = thing.tagged[address] } end
  return { [stack] = run.stack, [address] = thing.address }
end

local function handle_for(run, thing, desired)
  local r = handle.new {
    kind = thing.kind, address = thing.address, type = thing.kind.type, target = thing.target or {},
    desired = desired, stack = run.stack, token = hash.sha256_hex(thing.address .. "\0" .. thing.id):sub(1, 32),
    own = own_tags(run, thing),
    invoke = calls.plain(run.session), sleep = run.clock.sleep, now = run.clock.now, session = run.session,
    identity = function(target) return run.session:identity(target) end,
    make_key = function() return run.secrets:key() end, action = "create",
  }
  return r
end

local function make(run, thing, desired)
  local K = thing.kind
  local r = handle_for(run, thing, run.secrets:fill(desired))
  local ok, e = K:create(r)
  if ok then ok, e = K:finish(r) end
  if ok then ok, e = K:ready(r) end
  if not ok then
    -- Nothing half made may stand in the way of the next attempt.
    if r.id then K:delete(r) end
    return nil, e
  end
  r.desired = desired
  local model = K:read(r)
  return r, type(model) == "table" and model or r.attributes
end

--- Makes one thing in the simulator.
---@param run table
---@param thing { address: string, kind: cso.Kind, id: string, model: table, declared: table?, target: table?, owned: boolean?, tagged: table<string, string>? }
---@return true? ok, cso.Err?
function fill.one(run, thing)
  local K = thing.kind
  if K.spec.service == "local" then return true end
  local r, model, e
  -- The declared properties first: they are known to go together. What else the service tells of a
  -- thing may say the same twice, which services refuse to be told.
  for _, all in ipairs(thing.declared and next(thing.declared) and { false, true } or { true }) do
    r, model = make(run, thing, desired_of(thing, all))
    if r then break end
    e = model
    run.rename({})
  end
  if not r then return nil, e end
  local map = pairs_of(own_names(K, model), own_names(K, thing.model), {})
  if r.id ~= thing.id then map[r.id] = thing.id end
  run.rename(map)
  return true
end

return fill
