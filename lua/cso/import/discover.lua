--- Finds what an account has in a region, type by type, through the services' own lists. What can't be
--- declared is told apart, with the reason; a service that refuses to be asked spoils nothing else.
local err = require "cso.std.err"
local kinds = require "cso.kind"
local places = require "cso.import.places"
local shape = require "cso.kind.shape"
local task = require "cso.task"
local whole = require "cso.import.whole"

local discover = {}

local PARALLEL = 16

---@class cso.import.Item
---@field type string
---@field id string
---@field kind cso.Kind
---@field target table
---@field hint table?        properties that its reading needs
---@field model table?       what was read
---@field tags table?        all its tags, ours too
---@field name string?       a name that its source gives it
---@field parent_id string?  what it was listed inside of

local function split(operation, K)
  local service, name = operation:match("^([%w-]+)%.(%w+)$")
  return service or K.spec.service, name or operation
end

--- Every item on the pages of an operation.
local function each(work, K, operation, params, items)
  local service, name = split(operation, K)
  local client, e = work.session:client(service, work.target)
  if not client then error(e, 0) end
  local out = {}
  for page in client:pages(name, params) do
    for _, raw in ipairs(items:find("[]", 1, true) and shape.each(page, items) or { shape.pick(page, items) }) do
      out[#out + 1] = raw
    end
  end
  return out
end

local function add(work, item)
  local key = item.type .. "\0" .. item.id
  if not work.known[key] then
    work.known[key] = item
    work.found[#work.found + 1] = item
  end
  return item
end

local function leave(work, type_name, id, reason)
  if reason ~= "" then work.left[#work.left + 1] = { type = type_name, id = id, reason = reason } end
end

local function ids_of(place, raw, parent)
  local id = place.id
  if type(id) == "function" then id = id(raw, parent) else id = raw[id] end
  if type(id) ~= "table" then return { id } end
  local out = {}
  for _, one in pairs(id) do out[#out + 1] = one end
  return out
end

local function target_of(work, place, raw)
  local region = place.region and raw[place.region]
  if not region or region == work.target.region then return work.target end
  local other = {}
  for k, v in pairs(work.target) do other[k] = v end
  other.region = region
  return other
end

local function take(work, K, place, raw, parent)
  local reason = place.own and place.own(raw, work.seen, parent)
  for _, id in ipairs(ids_of(place, raw, parent)) do
    if reason then
      leave(work, K.type, id, reason)
    else
      add(work, { type = K.type, id = id, kind = K, target = target_of(work, place, raw), maybe = place.maybe,
        hint = place.hint and place.hint(raw, id) or nil, parent_id = raw[place.within or ""] })
    end
  end
end

--- Certificates of a listener are one thing, however many there are.
local function take_together(work, K, place, list, parent)
  local rest = {}
  for _, raw in ipairs(list) do
    if not place.own(raw) then rest[#rest + 1] = { CertificateArn = raw.CertificateArn } end
  end
  if #rest > 0 then
    add(work, { type = K.type, id = parent.id, kind = K, target = work.target, hint = { [place.together] = rest } })
  end
end

--- Rules that name other groups would tie groups into knots: where a group has one, all its rules of that
--- direction are resources of their own, elsewhere they are written inside the group.
local function take_rules(work, K, place, groups)
  local egress = place.rules == "Egress"
  local by_group, knot = {}, {}
  for _, raw in ipairs(each(work, K, "DescribeSecurityGroupRules", {}, "SecurityGroupRules[]")) do
    if groups[raw.GroupId] and (raw.IsEgress or false) == egress then
      by_group[raw.GroupId] = by_group[raw.GroupId] or {}
      table.insert(by_group[raw.GroupId], raw)
      knot[raw.GroupId] = knot[raw.GroupId] or raw.ReferencedGroupInfo ~= nil
    end
  end
  for group in pairs(by_group) do
    if knot[group] or work.split[group .. place.rules] then
      work.split[group .. place.rules] = true
      for _, raw in ipairs(by_group[group]) do
        add(work, { type = K.type, id = raw.SecurityGroupRuleId, kind = K, target = work.target })
      end
    end
  end
end

local function of_type(work, type_name)
  local out = {}
  for _, item in ipairs(work.found) do
    if item.type == type_name then out[#out + 1] = item end
  end
  return out
end

local function list_native(work, type_name)
  local K, place = kinds.native(type_name), places.kinds[type_name] or {}
  if place.none then return end
  if place.rules then
    local groups = {}
    for _, item in ipairs(of_type(work, "AWS::EC2::SecurityGroup")) do groups[item.id] = true end
    if next(groups) then take_rules(work, K, place, groups) end
    return
  end
  if place.of then
    for _, parent in ipairs(of_type(work, place.of)) do
      local list = each(work, K, place.list, place.params(parent), place.items)
      if place.together then take_together(work, K, place, list, parent) else
        for _, raw in ipairs(list) do take(work, K, place, raw, parent) end
      end
    end
    return
  end
  if place.before then
    for _, raw in ipairs(each(work, K, place.before[1], {}, place.before[2])) do place.before[3](raw, work.seen) end
  end
  local read = K.spec.read
  local operation, items = place.list or read[1], place.items or read.list
  local named = place.id and place or setmetatable({ id = read.key }, { __index = place })
  for _, raw in ipairs(each(work, K, operation, place.params or {}, items)) do take(work, K, named, raw) end
end

local function list_foreign(work, type_name)
  local K, e = kinds.of(type_name, { [{}] = true })
  if not K then error(e, 0) end
  for _, raw in ipairs(each(work, K, "ListResources", { TypeName = type_name }, "ResourceDescriptions[]")) do
    add(work, { type = type_name, id = raw.Identifier, kind = K, target = work.target })
  end
end

--- Why a type could not be listed, in a line; nil when there was simply nothing to ask.
local function refusal(e)
  if e.code == "UnsupportedActionException" or e.code == "TypeNotFoundException" then return nil end
  return ("%s: %s"):format(e.code or "error", e.message or "?")
end

local function list(work, type_name)
  local done, e = task.try(kinds.native(type_name) and list_native or list_foreign, work, type_name)
  if not done then
    local reason = refusal(err.wrap(e))
    if reason then work.refused[#work.refused + 1] = { type = type_name, reason = reason } end
  end
end

local function read(work, item)
  if work.skip and work.skip(item) then return nil end
  local r, e = whole.read(work, item)
  if not r then
    leave(work, item.type, item.id, e.message or e.code)
  elseif r.current then
    item.model, item.tags = r.current, r.owner_tags or {}
    return item
  elseif not item.maybe then
    leave(work, item.type, item.id, "it is not there any more")
  end
end

--- Reads what was found; what is gone meanwhile, or refuses, drops out.
---@param work table
---@param items cso.import.Item[]
---@return cso.import.Item[]
function discover.read(work, items)
  local out = {}
  task.map(items, function(item)
    if item.model or read(work, item) then out[#out + 1] = item end
  end, { limit = PARALLEL })
  table.sort(out, function(a, b)
    if a.type ~= b.type then return a.type < b.type end
    return a.id < b.id
  end)
  return out
end

local function default_vpcs(work)
  local client = work.session:client("ec2", work.target)
  local out = client and client:call("DescribeVpcs", { Filters = { { Name = "is-default", Values = { "true" } } } })
  local seen = {}
  for _, vpc in ipairs(out and out.Vpcs or {}) do seen[vpc.VpcId] = true end
  return seen
end

--- A search in one region: what was found, what can't be declared, what could not be asked.
---@class cso.import.Search
---@field found cso.import.Item[]
---@field left { type: string, id: string, reason: string }[]
---@field refused { type: string, reason: string }[]
---@field split table<string, boolean>   "sg-1Ingress": the rules of this group are resources of their own
local Search = {}
Search.__index = Search

--- Adds a thing that is known by its id.
---@param item cso.import.Item
function Search:add(item) return add(self, item) end

--- Groups of which single rules were found have all their rules as resources of their own.
function Search:split_groups()
  for _, item in ipairs(self.found) do
    local direction = item.type:match("^AWS::EC2::SecurityGroup(%u%l+)$")
    if direction then self.split[item.model.GroupId .. direction] = true end
  end
end

--- Finds what stands inside things of a type that were found already.
---@param type_name string
---@param parent string   the type it stands in
function Search:list_inside(type_name, parent)
  local parents = {}
  for _, item in ipairs(of_type(self, parent)) do parents[item.id] = true end
  if not next(parents) then return end
  local before, left = #self.found, #self.left
  list(self, type_name)
  for i = #self.left, left + 1, -1 do self.left[i] = nil end
  for i = #self.found, before + 1, -1 do
    local item = self.found[i]
    local place = places.kinds[type_name]
    if not (place.rules or place.of) and not parents[item.parent_id] then table.remove(self.found, i) end
  end
end

--- The working table of a search.
---@param opts { session: table, target: table?, stack: string?, sleep: function?, now: function? }
---@return cso.import.Search
function discover.begin(opts)
  local work = { session = opts.session, target = opts.target or {}, stack = opts.stack, sleep = opts.sleep, now = opts.now,
    found = {}, known = {}, left = {}, refused = {}, split = {}, seen = {}, skip = opts.skip, light = opts.light }
  work.seen.default_vpcs = default_vpcs(work)
  return setmetatable(work, Search)
end

--- Types in an order in which parents come before what is listed inside them.
local function ranked(types)
  local depth = {}
  local function of(name)
    if not depth[name] then
      local place = places.kinds[name] or {}
      depth[name] = place.rules and 3 or place.of and 1 + of(place.of) or 0
    end
    return depth[name]
  end
  local out = { {}, {}, {}, {} }
  for _, name in ipairs(types) do table.insert(out[of(name) + 1], name) end
  return out
end

--- Finds all things of the given types and reads them.
---@param opts { session: table, types: string[], target: table?, stack: string?, sleep: function?, now: function?,
---  skip: function?, light: boolean? }
---  skip(item): what need not be read; light: read only what tells whose it is
---@return { items: cso.import.Item[], left: table[], refused: table[], split: table }
function discover.find(opts)
  local work = discover.begin(opts)
  for _, layer in ipairs(ranked(opts.types)) do
    task.map(layer, function(type_name) list(work, type_name) end, { limit = PARALLEL })
    -- What is listed inside a zone has to know the zone's name.
    work.found = discover.read(work, work.found)
  end
  local order = function(a, b) return a.type .. a.reason .. (a.id or "") < b.type .. b.reason .. (b.id or "") end
  table.sort(work.left, order)
  table.sort(work.refused, order)
  return { items = work.found, left = work.left, refused = work.refused, split = work.split }
end

return discover
