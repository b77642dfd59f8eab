--- Tags on anything that has an EC2 id.
local base = require "sim.service.ec2.base"
local filter = require "sim.help.filter"
local kinds = require "sim.service.ec2.kinds"

local tag = {}

local function kind_of(ctx, id)
  local kind = kinds.by[id:match("^(%l+)%-") or ""]
  if not kind then ctx:fail("InvalidID", ("The ID '%s' is not valid"):format(id)) end
  return kind
end

local function rows_of(ctx, ids)
  local list = {}
  for i, id in ipairs(ids) do
    local kind = kind_of(ctx, id)
    if kind.name == "key" then
      local row = base.all(ctx, "key"):one("KeyPairId", id)
      if not row then ctx:fail("InvalidKeyPair.NotFound", ("The key pair '%s' does not exist"):format(id)) end
      list[i] = { kind, row, row.KeyName }
    else
      list[i] = { kind, base.find(ctx, kind.name, id), id }
    end
  end
  return list
end

function tag.CreateTags(ctx, input)
  local rows = rows_of(ctx, input.Resources)
  for _, t in ipairs(input.Tags) do base.check_tag(ctx, t.Key, t.Value) end
  for _, item in ipairs(rows) do
    local row = item[2]
    local member = base.tag_member(row)
    local at, list = {}, {}
    for i, t in ipairs(row[member] or {}) do
      list[i] = t
      at[t.Key] = i
    end
    for _, t in ipairs(input.Tags) do
      if at[t.Key] then list[at[t.Key]] = { Key = t.Key, Value = t.Value or "" } else
        list[#list + 1] = { Key = t.Key, Value = t.Value or "" }
        at[t.Key] = #list
      end
    end
    if #list > 50 then ctx:fail("TagLimitExceeded", "The maximum number of tags per resource is 50.") end
    row[member] = list
    base.save(ctx, item[1].name, item[3], row)
  end
  return {}
end

function tag.DeleteTags(ctx, input)
  for _, item in ipairs(rows_of(ctx, input.Resources)) do
    local row = item[2]
    local member, keep = base.tag_member(row), {}
    for _, t in ipairs(row[member] or {}) do
      local drop = input.Tags == nil or input.Tags[1] == nil
      for _, d in ipairs(input.Tags or {}) do
        if d.Key == t.Key and (d.Value == nil or d.Value == t.Value) then drop = true end
      end
      if not drop then keep[#keep + 1] = t end
    end
    row[member] = keep
    base.save(ctx, item[1].name, item[3], row)
  end
  return {}
end

function tag.DescribeTags(ctx, input)
  local list = {}
  for _, kind in next, kinds.by do
    for _, row in ipairs(base.all(ctx, kind.name):list()) do
      local id
      for k, v in next, row do
        if type(v) == "string" and v:sub(1, #kind.prefix + 1) == kind.prefix .. "-" and k:find("Id$")
          and (k == kind.table .. "Id" or k == "GroupId" and kind.name == "sg" or k == "AllocationId") then id = v end
      end
      for _, t in ipairs(row[base.tag_member(row)] or {}) do
        list[#list + 1] = { Key = t.Key, Value = t.Value, ResourceId = id, ResourceType = kind.resource }
      end
    end
  end
  table.sort(list, function(a, b)
    if a.ResourceId ~= b.ResourceId then return a.ResourceId < b.ResourceId end
    return a.Key < b.Key
  end)
  list = filter.apply(ctx, list, input.Filters, { key = "Key", value = "Value", ["resource-id"] = "ResourceId",
    ["resource-type"] = "ResourceType" })
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 1000)
  return { Tags = page, NextToken = token }
end

return tag
