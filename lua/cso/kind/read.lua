--- Reading: from the service's description of a thing to CloudFormation's tree of it.
local lazy = require "cso.std.lazy"
local deep = require "cso.std.deep"
local shape = lazy "cso.kind.shape"
local tags = lazy "cso.kind.tags"

local read = {}

--- How often a thing whose parts can't be found is looked at, and the first pause (s) in between.
local LOOKS, PAUSE = 4, 0.2

--- Codes by which services say "there is no such thing". They never agreed on one.
local gone_patterns = {
  "NotFound", "NoSuch", "DoesNotExist", "^ResourceNotFound", "^404$", "NotExist", "^InvalidID%.", "^InvalidResourceId$",
}

--- True when an error means that the thing does not exist.
---@param e cso.Err
---@param codes string[]?   further codes of the kind
function read.is_gone(e, codes)
  local code = e.code or ""
  for _, c in ipairs(codes or {}) do
    if c == code then return true end
  end
  for _, pattern in ipairs(gone_patterns) do
    if code:match(pattern) then return true end
  end
  return false
end

--- The state that a description is in, of those that are listed by field.
local function state_among(listed, raw)
  for field, states in pairs(listed or {}) do
    local now = shape.pick(raw, field)
    for _, state in ipairs(states) do
      if now == state then return state end
    end
  end
end

local function gone_state(spec, raw) return state_among(spec.gone_when, raw) ~= nil end

-- Why what was read will never work. It is no property of a thing, so it stands beside its model.
local failures = setmetatable({}, { __mode = "k" })

--- Why a thing is beyond help, or nil: it is still described, but in a state that nothing leads out of.
---@param model table   that a kind has read
---@return string?
function read.failure(model) return failures[model] end

local function note_failure(spec, raw, model)
  local state = state_among(spec.failed_when, raw)
  if not state then return end
  local why = spec.failed_why and shape.pick(raw, spec.failed_why)
  failures[model] = why and ("%s: %s"):format(state, why) or ("it is in state %s"):format(state)
end

--- The API's description as a tree of properties and attributes.
---@param K cso.Kind
---@param raw table
---@param r cso.Handle
---@return table model
function read.model(K, raw, r)
  local T, spec = K.schema, K.spec.read
  local model = {}
  local renamed = {}
  for api, cfn in pairs(spec.rename or {}) do renamed[cfn] = api end
  local function fetch(name, type_of)
    local from = renamed[name] or name
    local v
    if from:find(".", 1, true) or from:find("[", 1, true) then
      v = shape.pick(raw, from)
    else
      local member = shape.member(raw, from)
      v = member and raw[member]
    end
    if v ~= nil then deep.set(model, name, shape.from_api(type_of, T.definitions or {}, v)) end
  end
  for name, P in pairs(T.properties) do fetch(name, P.type) end
  for name, A in pairs(T.attributes or {}) do fetch(name, A.type) end
  if K.tag_property then
    local from = spec.tags or "Tags"
    local list
    if type(from) == "function" then
      list = from(r, raw)
    elseif from == "read" then
      list = tags.read(r, K.tag_id(r, raw), K.tag_extra)
    else
      list = raw[from]
    end
    model[K.tag_property] = tags.to_map(list)
    r.owner_tags = tags.to_map(list, true)
  elseif K.spec.set_tags then
    -- CloudFormation declares no tags for it, but its service keeps them, and whose it is stands there.
    r.owner_tags = tags.to_map(raw.Tags, true)
  end
  if K.id_name and model[K.id_name] == nil then model[K.id_name] = r.id end
  if spec.shape then
    model = spec.shape(model, raw, r) or model
  end
  note_failure(spec, raw, model)
  return model
end

local function id_params(K, r, spec)
  if type(spec.params) == "function" then return spec.params(r) end
  if spec.filter then return { [spec.filters or "Filters"] = { { Name = spec.filter, Values = { r.id } } } } end
  local members = shape.members(r:model(), spec[1], "input")
  local by = spec.by or shape.member(members, K.id_name)
  local S = r:model()
  local member = assert(members[by], K.type .. ": read names no member of " .. spec[1])
  return { [by] = S:shape(member.shape).type == "list" and { r.id } or r.id }
end

-- What bears the id; a service that does not know a filter tells of everything.
local function chosen(spec, list, id)
  if not spec.filter then return list[1] end
  for _, raw in ipairs(list) do
    if raw[spec.key] == id then return raw end
  end
end

-- One look: the description and what else has to be asked for.
local function look(K, r)
  local spec = K.spec.read
  if type(spec) == "function" then return spec(r) end
  local out, e = r:try(spec[1], id_params(K, r, spec))
  if not out then
    if read.is_gone(e, spec.gone) then return nil end
    error(e, 0)
  end
  local raw
  if spec.take then raw = shape.pick(out, spec.take)
  elseif spec.list then raw = chosen(spec, shape.each(out, spec.list), r.id)
  else raw = out end
  if raw == nil or gone_state(spec, raw) then return nil end
  return read.model(K, raw, r)
end

--- Reads one resource.
---@param K cso.Kind
---@param r cso.Handle
---@param looks integer?  how often it was looked at already
---@return table? model   nil when it is gone
function read.one(K, r, looks)
  looks = looks or 1
  local ok, model = pcall(look, K, r)
  if ok then return model end
  -- What goes between the description and a look at its parts is gone, not broken; and parts may
  -- lag behind their whole.
  local codes = type(K.spec.read) == "table" and K.spec.read.gone or nil
  if type(model) == "table" and looks < LOOKS and read.is_gone(model, codes) then
    r.sleep(PAUSE * looks)
    return read.one(K, r, looks + 1)
  end
  error(model, 0)
end

--- True when many of these can be read by one call.
function read.batched(K)
  local spec = K.spec.read
  return type(spec) == "table" and spec.list and spec.key and (spec.filter or spec.batch) and true or false
end

local function chunk_params(spec, ids)
  if spec.filter then return { [spec.filters or "Filters"] = { { Name = spec.filter, Values = ids } } } end
  return { [spec.by] = ids }
end

--- Reads many of one kind in one target with as few calls as the service allows.
---@param K cso.Kind
---@param list cso.Handle[]   all of one kind and target
---@return table<string, table> found  by address; what is not there is gone
function read.many(K, list)
  local spec, found = K.spec.read, {}
  local size = spec.batch or 200
  for first = 1, #list, size do
    local ids, by_id = {}, {}
    for i = first, math.min(first + size - 1, #list) do
      local r = list[i]
      ids[#ids + 1] = r.id
      by_id[r.id] = r
    end
    local params, token, lead = chunk_params(spec, ids), nil, list[first]
    repeat
      params.NextToken = token
      local out, e = lead:try(spec[1], params)
      if not out then
        if not read.is_gone(e, spec.gone) then error(e, 0) end
        -- One that is missing fails the whole answer of some services: ask for each.
        for i = first, math.min(first + size - 1, #list) do found[list[i].address] = read.one(K, list[i]) end
        break
      end
      for _, raw in ipairs(shape.each(out, spec.list)) do
        local r = by_id[raw[spec.key]]
        if r and not gone_state(spec, raw) then
          local ok, model = pcall(read.model, K, raw, r)
          if not ok and not (type(model) == "table" and read.is_gone(model, spec.gone)) then error(model, 0) end
          found[r.address] = ok and model or read.one(K, r)
        end
      end
      token = out.NextToken
    until not token or token == ""
  end
  return found
end

return read
