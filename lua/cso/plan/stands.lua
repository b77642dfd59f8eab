--- A group of subnets that gives up the one in which a database stands: its service refuses that in the middle of
--- an apply. The state knows where everything stands, so the plan says it. What goes from there in the same run
--- goes first.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local stands = require "cso.kind.stands"
local value = require "cso.std.value"

local SUBNET, LIST = "AWS::EC2::Subnet", "SubnetIds"

-- Types of groups -> the types of what stands in them, directly or as a part of what does.
local groups = {}
for name, rule in pairs(stands) do
  local of = rule.of
  while stands[of] do of = stands[of].of end
  groups[of] = groups[of] or {}
  if rule.zones then table.insert(groups[of], name) end
end

local function model_of(node)
  return type(node.model) == "table" and node.model or node.record and node.record.attributes or {}
end

-- What is there now says a property: what a read shows, else what was applied.
local function said(node, path)
  local v = deep.get(model_of(node), path)
  if v == nil and node.record then v = deep.get(node.record.declared or {}, path) end
  return v
end

local function same_name(a, b)
  return type(a) == "string" and type(b) == "string" and a:lower() == b:lower()
end

local function is_there(node) return node.record ~= nil and node.model ~= false end

-- Whether a thing stands in a group, directly or as a part of what does.
local function stands_in(work, node, group)
  local rule = stands[node.type]
  local name = said(node, rule.by)
  if rule.of == group.type then return same_name(name, group.record.id) end
  for _, other in pairs(work.nodes) do
    if other.type == rule.of and is_there(other) and same_name(name, other.record.id) then
      return stands_in(work, other, group)
    end
  end
  return false
end

-- Zones of subnets by their ids, as far as the group tells them or this stack knows them.
local function zones_of(work, group)
  local zones = {}
  for id, zone in pairs(model_of(group).zones or {}) do zones[id] = zone end
  for _, node in pairs(work.nodes) do
    if node.type == SUBNET and is_there(node) then zones[node.record.id] = said(node, "AvailabilityZone") end
  end
  return zones
end

-- The subnets that a group will have of those that it has; nil where that is not known.
local function kept_of(work, list)
  if type(list) ~= "table" then return nil end
  local kept = {}
  for _, item in ipairs(list) do
    if value.is_unknown(item) then
      local maker = work.nodes[item.from or ""]
      -- What is only going to be made is none of those that are there.
      if not maker or maker.type ~= SUBNET or maker.action ~= "create" and maker.action ~= "replace" then return nil end
    elseif type(item) == "string" then
      kept[item] = true
    else
      return nil
    end
  end
  return kept
end

-- Whether nothing of a zone is kept of what there is, and something surely was: where it is not known in which
-- zone a subnet lies, it may be the one.
local function gives_up(before, kept, zones, zone)
  local any = false
  for _, id in ipairs(before) do
    local may_be = zones[id] == nil or zones[id] == zone
    if may_be and kept[id] then return false end
    any = any or may_be
  end
  return any
end

-- { path =, zone = } of each zone in which a thing stands.
local function places_of(node)
  local out = {}
  for _, path in ipairs(stands[node.type].zones) do
    local v = said(node, path)
    for _, zone in ipairs(type(v) == "table" and v or { v }) do
      if type(zone) == "string" then out[#out + 1] = { path = path, zone = zone } end
    end
  end
  return out
end

local function goes_first(node)
  return node.action == "delete" or node.action == "replace" and node.replace_order ~= "create_first"
end

local function hint_of(node, place)
  local rule = stands[node.type]
  local again = node.action == "replace" and "make room before it is made anew: replace = \"delete_first\""
    or ("make it anew elsewhere, which loses what is in it: --replace '%s'"):format(node.address)
  local move = rule.moves and rule.moves[said(node, rule.twice) == true and place.path or "alone"]
  return ("keep a subnet of %s as it is; or %s%s"):format(place.zone, move and move .. "; or " or "", again)
end

local function where_of(node)
  return node.where and ("%s:%s"):format(node.where.file, node.where.line) or nil
end

-- What stands where a group gives up its subnets: those that go wait for nobody, the others are in the way.
local function in_the_way(work, group, found)
  local before, kept = model_of(group)[LIST], kept_of(work, group.desired[LIST])
  if type(before) ~= "table" or not kept then return end
  local zones
  for _, node in deep.sorted_pairs(work.nodes) do
    if deep.contains(groups[group.type], node.type) and is_there(node) and stands_in(work, node, group) then
      zones = zones or zones_of(work, group)
      for _, place in ipairs(places_of(node)) do
        if gives_up(before, kept, zones, place.zone) then
          if goes_first(node) then
            group.waits_for = group.waits_for or {}
            table.insert(group.waits_for, node.address)
          else
            found[#found + 1] = { group = group, node = node, place = place }
          end
          break
        end
      end
    end
  end
end

---@param work table   its nodes decided; the groups get `waits_for`
---@return true? ok, cso.Err? e  code "in_use"
return function(work)
  local found = {}
  for _, action in ipairs(work.acting) do
    local node = work.nodes[action.address]
    if action.action == "update" and groups[action.type] and not node.excluded then in_the_way(work, node, found) end
  end
  if #found == 0 then return true end
  local problems = {}
  for i, one in ipairs(found) do
    local at = where_of(one.node)
    problems[i] = ("%s can't give up the subnet of %s: %s%s stands in it"):format(one.group.address, one.place.zone,
      one.node.address, at and (" (%s)"):format(at) or "")
  end
  return nil, err.new { code = "in_use", class = "usage", where = where_of(found[1].group), message = problems[1],
    problems = #problems > 1 and problems or nil, hint = hint_of(found[1].node, found[1].place) }
end
