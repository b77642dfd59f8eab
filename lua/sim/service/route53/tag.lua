--- Tags of hosted zones and health checks.
local base = require "sim.service.route53.base"
local tags = require "sim.help.tags"

local tag = {}

local function need(ctx, kind, id)
  if kind == "hostedzone" then return base.zone(ctx, id), "HostedZone" end
  local row = ctx:table("HealthCheck"):get(id)
  if not row then ctx:fail("NoSuchHealthCheck", "A health check with id: " .. id .. " does not exist.") end
  return row, "HealthCheck"
end

function tag.ChangeTagsForResource(ctx, input)
  local row, place = need(ctx, input.ResourceType, input.ResourceId)
  local more = tags.check(ctx, input.AddTags, { code = "InvalidInput", max = 10 })
  local list = tags.drop(tags.merge(row._tags, more), input.RemoveTagKeys or {})
  if #list > 50 then ctx:fail("InvalidInput", "A resource can have 50 tags.") end
  row._tags = list
  ctx:table(place):put(base.bare(row.Id), row)
  return {}
end

local function set(ctx, kind, id)
  return { ResourceType = kind, ResourceId = id, Tags = need(ctx, kind, id)._tags }
end

function tag.ListTagsForResource(ctx, input)
  return { ResourceTagSet = set(ctx, input.ResourceType, input.ResourceId) }
end

function tag.ListTagsForResources(ctx, input)
  local list = {}
  for i, id in ipairs(input.ResourceIds) do list[i] = set(ctx, input.ResourceType, id) end
  return { ResourceTagSets = list }
end

return tag
