--- Finding what an interrupted run left behind. A thing is ours when it carries this stack's
--- ownership tags; a name that matches without them belongs to somebody else.
local err = require "cso.std.err"
local read = require "cso.kind.read"
local shape = require "cso.kind.shape"
local tags = require "cso.kind.tags"

local find = {}

--- How long what was made may not be shown though it is there.
---@class cso.kind.Patience
---@field lag number      age (s) of what a killed run may have made, beyond which the first look is believed
---@field young number    age (s) of what is remembered, likewise
---@field looks integer   how often it is looked for till then; pauses double from the first
---@field pause number    seconds before the first of these

-- AWS shows most at once, and some after half a minute; an account on this machine has nobody to tell of it.
local HERE = { lag = 10, young = 4, looks = 4, pause = 0.25 }
local AFAR = { lag = 60, young = 40, looks = 7, pause = 0.25 }

--- How patient a look for what is not shown has to be.
---@param session table?
---@param K cso.Kind
---@param target table?
---@return cso.kind.Patience
function find.patience(session, K, target)
  local client = session and session.client and session:client(K.spec.service, target)
  return client and client.is_afar and client:is_afar() and AFAR or HERE
end

local function owned(r, map)
  return map[tags.OWNER.stack] == r.own[tags.OWNER.stack] and map[tags.OWNER.address] == r.own[tags.OWNER.address]
end

--- Refuses what somebody else made.
---@param r cso.Handle
---@param id string
function find.taken(r, id)
  error(err.new {
    code = "exists", class = "service",
    message = ("%s: %s exists already and is not this stack's"):format(r.address, id),
    hint = "choose another name, or import it",
  }, 0)
end

local function by_tag_filter(K, r)
  local spec = K.spec.read
  local values = {}
  for _, key in ipairs { "stack", "address" } do
    local name = tags.OWNER[key]
    values[#values + 1] = { Name = "tag:" .. name, Values = { r.own[name] } }
  end
  local token
  repeat
    local out = r:call(spec[1], { [spec.filters or "Filters"] = values, NextToken = token })
    for _, raw in ipairs(shape.each(out, spec.list)) do
      r.id = raw[spec.key]
      -- A describe may still show what was deleted a moment ago; reading settles it. And a service that does not know
      -- a filter tells of everything: what does not bear the tags itself was never ours.
      if not find.known(r, r.id) and read.one(K, r) and owned(r, r.owner_tags or {}) then return r.id end
    end
    token = out.NextToken
  until not token or token == ""
  r.id = nil
end

local function by_natural_key(K, r)
  r.id = K.spec.natural(r)
  if not r.id then return nil end
  local model = read.one(K, r)
  local id = r.id
  r.id = nil
  if not model then return nil end
  if not K.tag_property or owned(r, r.owner_tags or {}) then return id end
  find.taken(r, id)
end

--- The id of this resource if it exists and is ours.
---@param K cso.Kind
---@param r cso.Handle
---@return string?
function find.one(K, r)
  if K.spec.find then return K.spec.find(r) end
  if K.spec.natural then return by_natural_key(K, r) end
  local spec = K.spec.read
  if K.spec.service == "ec2" and K.tag_property and type(spec) == "table" and spec.list and spec.key then
    return by_tag_filter(K, r)
  end
  local rule = K.spec.name
  if rule then
    local name = r.desired[rule[1]]
    if name and rule[1] == K.id_name then
      return by_natural_key(setmetatable({ spec = setmetatable({ natural = function() return name end },
        { __index = K.spec }) }, { __index = K }), r)
    end
  end
end

find.owned = owned

--- Whether an id is one that is remembered already: what makes room and what takes its place bear the
--- same tags.
---@param r cso.Handle
---@param id string
---@return boolean
function find.known(r, id) return id == r.avoid or r.others ~= nil and r.others[id] == true end

return find
