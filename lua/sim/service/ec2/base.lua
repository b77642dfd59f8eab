--- What EC2's handlers share: finding rows by id, tags, the one way to describe.
local filter = require "sim.help.filter"
local images = require "sim.data.images"
local kinds = require "sim.service.ec2.kinds"
local types = require "sim.data.instance_types"

local base = {}

--- True for "vpc-" and 8 or 17 hex digits.
---@param prefix string
---@param id string
---@return boolean
function base.well_formed(prefix, id)
  local tail = id:match("^" .. prefix .. "%-(%x+)$")
  return tail ~= nil and (#tail == 8 or #tail == 17)
end

--- The row with an id, or the error that EC2 gives.
---@param ctx sim.Context
---@param name string kind, see kinds.lua
---@param id string|nil
---@param parameter string? name of the parameter that is missing when id is nil
---@return table row
function base.find(ctx, name, id, parameter)
  local kind = kinds[name]
  if id == nil then
    ctx:fail("MissingParameter", "The request must contain the parameter " .. (parameter or kind.noun))
  end
  local row = ctx:table(kind.table):get(id)
  if row then return row end
  if not base.well_formed(kind.prefix, id) and name ~= "key" then
    ctx:fail(kind.malformed, ('Invalid id: "%s" (expecting "%s-...")'):format(id, kind.prefix))
  end
  ctx:fail(kind.missing, ("The %s '%s' does not exist"):format(kind.noun, id))
end

--- An image: one of those that are always there, or one that this world was given.
---@param ctx sim.Context
---@param id string
---@return table? image  as in sim.data.images
function base.image(ctx, id)
  return images.get(ctx.region, id) or ctx:table("~Image"):get(id)
end

--- The facts of an instance type: one that is always known, or one that this world was given.
---@param ctx sim.Context
---@param name string
---@return table? facts  as in sim.data.instance_types
function base.instance_type(ctx, name)
  return types.get(name) or ctx:table("~InstanceType"):get(name)
end

--- Stores a row again after a change.
---@param ctx sim.Context
---@param name string
---@param id string
---@param row table
---@return table row
function base.save(ctx, name, id, row) return ctx:table(kinds[name].table):put(id, row) end

--- The collection of a kind.
---@param ctx sim.Context
---@param name string
---@return sim.Collection
function base.all(ctx, name) return ctx:table(kinds[name].table) end

--- Refuses with DependencyViolation.
---@param ctx sim.Context
---@param what string "vpc", "subnet" …
---@param id string
function base.depends(ctx, what, id)
  ctx:fail("DependencyViolation", ("The %s '%s' has dependencies and cannot be deleted."):format(what, id))
end

--- Refuses what exceeds a quota.
---@param ctx sim.Context
---@param count integer how many there are already
---@param quota string name in sim.data.quotas
---@param code string
function base.quota(ctx, count, quota, code)
  local limit = ctx.world.quotas[quota]
  if count >= limit then
    ctx:fail(code, ("The maximum number of %s has been reached (%d)."):format(quota, limit))
  end
end

-- Tags ----------------------------------------------------------------------------------------

local function check_tag(ctx, key, value)
  if not key or key == "" then ctx:fail("InvalidParameterValue", "Tag key cannot be empty") end
  if key:find("^[aA][wW][sS]:") then
    ctx:fail("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
  end
  if utf8.len(key) and utf8.len(key) > 127 then
    ctx:fail("InvalidParameterValue", "Tag key exceeds the maximum length of 127 characters")
  end
  if value and utf8.len(value) and utf8.len(value) > 255 then
    ctx:fail("InvalidParameterValue", "Tag value exceeds the maximum length of 255 characters")
  end
end

--- The tags for a resource type out of TagSpecifications. Types outside `allowed` are refused.
---@param ctx sim.Context
---@param input table
---@param resource string
---@param allowed string[]? further types that this operation takes
---@return table tags list of { Key, Value }
function base.tags(ctx, input, resource, allowed)
  local tags, seen = {}, {}
  for _, spec in ipairs(input.TagSpecifications or {}) do
    local known = spec.ResourceType == resource
    for _, other in ipairs(allowed or {}) do known = known or spec.ResourceType == other end
    if not known then
      ctx:fail("InvalidParameterValue", ("'%s' is not a valid taggable resource type for this operation.")
        :format(tostring(spec.ResourceType)))
    end
    if spec.ResourceType == resource then
      for _, t in ipairs(spec.Tags or {}) do
        check_tag(ctx, t.Key, t.Value)
        if seen[t.Key] then
          ctx:fail("InvalidParameterValue", ("Duplicate tag key '%s' specified."):format(t.Key))
        end
        seen[t.Key] = true
        tags[#tags + 1] = { Key = t.Key, Value = t.Value or "" }
      end
    end
  end
  if #tags > 50 then ctx:fail("TagLimitExceeded", "The maximum number of tags per resource is 50.") end
  return tags
end

--- The member of a row that holds its tags.
---@param row table
---@return string
function base.tag_member(row) return row.NetworkInterfaceId and row.TagSet and "TagSet" or "Tags" end

base.check_tag = check_tag

base.instance_codes = { pending = 0, running = 16, ["shutting-down"] = 32, terminated = 48, stopping = 64, stopped = 80 }

-- Describe ------------------------------------------------------------------------------------

--- Brings a row's state up to date with the clock.
---@param ctx sim.Context
---@param row table
---@return table row
function base.fresh(ctx, row)
  if row._phases then
    local state = ctx:state(row)
    row.State = row.InstanceId and { Name = state, Code = base.instance_codes[state] } or state
  end
  return row
end

--- The rows that filters can possibly let through: a filter on an id or a name, without wildcards,
--- goes through an index, so that reading one of ten thousand costs as much as reading one of ten.
---@param ctx sim.Context
---@param kind string
---@param filters table[]|nil
---@param known table<string, any>
---@return table[]
function base.candidates(ctx, kind, filters, known)
  local all = base.all(ctx, kind)
  for _, f in ipairs(filters or {}) do
    local path, plain = known[f.Name], true
    for _, v in ipairs(f.Values or {}) do plain = plain and not v:find("[*?]") end
    if plain and type(path) == "string" and f.Values and (path:find("^%a+Id$") or path:find("^%a+Name$")) then
      return all:by_any(path, f.Values)
    end
  end
  return all:list()
end

---@class sim.ec2.Description
---@field kind string
---@field ids string?            input member with ids
---@field out string             output member with the list
---@field filters table<string, any>
---@field filter_member string?  default Filters
---@field view (fun(ctx: sim.Context, row: table): table)?
---@field page integer?          page size when none is asked for

--- A Describe handler from facts.
---@param spec sim.ec2.Description
---@return fun(ctx:sim.Context, input:table):table
function base.describe(spec)
  return function(ctx, input)
    local rows
    local ids = spec.ids and input[spec.ids]
    if ids and ids[1] then
      rows = {}
      for i, id in ipairs(ids) do rows[i] = base.find(ctx, spec.kind, id) end
    else
      rows = base.candidates(ctx, spec.kind, input[spec.filter_member or "Filters"], spec.filters)
    end
    local list = {}
    for i, row in ipairs(rows) do
      base.fresh(ctx, row)
      list[i] = spec.view and spec.view(ctx, row) or row
    end
    list = filter.apply(ctx, list, input[spec.filter_member or "Filters"], spec.filters)
    local page, token = ctx:page(list, input.NextToken, input.MaxResults, spec.page or 1000)
    return { [spec.out] = page, NextToken = token }
  end
end

--- A copy of a list without one value.
---@param list any[]
---@param value any
---@return any[]
function base.without(list, value)
  local out = {}
  for _, v in ipairs(list) do if v ~= value then out[#out + 1] = v end end
  return out
end

--- True when a list holds a value.
function base.has(list, value)
  for _, v in ipairs(list or {}) do if v == value then return true end end
  return false
end

return base
