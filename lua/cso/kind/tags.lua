--- Tags: a plain map for people, half a dozen forms on the wire. One place knows the forms.
local shape = require "cso.kind.shape"
local value = require "cso.std.value"

local tags = {}

--- Keys that csorun writes to say whose a resource is, and keys that AWS writes itself.
tags.OWNER = { stack = "cso:stack", address = "cso:address" }

--- How each service changes and reads the tags of a thing that exists. `by` is the member that
--- names it, `value` says what goes there (the id unless told), `list` = it wants a list.
tags.services = {
  ec2 = { add = "CreateTags", remove = "DeleteTags", by = "Resources", list = true, keys = "Tags", pairs_on_remove = true },
  elbv2 = { add = "AddTags", remove = "RemoveTags", by = "ResourceArns", list = true, keys = "TagKeys",
    read = "DescribeTags", take = "TagDescriptions[0].Tags" },
  rds = { add = "AddTagsToResource", remove = "RemoveTagsFromResource", by = "ResourceName", keys = "TagKeys",
    read = "ListTagsForResource", take = "TagList" },
  efs = { add = "TagResource", remove = "UntagResource", by = "ResourceId", keys = "TagKeys",
    read = "ListTagsForResource", take = "Tags" },
  kms = { add = "TagResource", remove = "UntagResource", by = "KeyId", keys = "TagKeys",
    read = "ListResourceTags", take = "Tags" },
  secretsmanager = { add = "TagResource", remove = "UntagResource", by = "SecretId", keys = "TagKeys" },
  ssm = { add = "AddTagsToResource", remove = "RemoveTagsFromResource", by = "ResourceId", keys = "TagKeys",
    read = "ListTagsForResource", take = "TagList", extra = { ResourceType = "Parameter" } },
  acm = { add = "AddTagsToCertificate", remove = "RemoveTagsFromCertificate", by = "CertificateArn", keys = "Tags",
    pairs_on_remove = true, read = "ListTagsForCertificate", take = "Tags" },
  route53 = { add = "ChangeTagsForResource", remove = "ChangeTagsForResource", by = "ResourceId",
    add_member = "AddTags", keys = "RemoveTagKeys", read = "ListTagsForResource", take = "ResourceTagSet.Tags" },
  ["cognito-idp"] = { add = "TagResource", remove = "UntagResource", by = "ResourceArn", keys = "TagKeys",
    read = "ListTagsForResource", take = "Tags" },
  logs = { add = "TagResource", remove = "UntagResource", by = "resourceArn", keys = "tagKeys",
    read = "ListTagsForResource", take = "tags" },
  sns = { add = "TagResource", remove = "UntagResource", by = "ResourceArn", keys = "TagKeys",
    read = "ListTagsForResource", take = "Tags" },
  cloudwatch = { add = "TagResource", remove = "UntagResource", by = "ResourceARN", keys = "TagKeys",
    read = "ListTagsForResource", take = "Tags" },
  backup = { add = "TagResource", remove = "UntagResource", by = "ResourceArn", keys = "TagKeyList",
    read = "ListTags", take = "Tags" },
}

--- A map of tags from any of the wire forms; AWS's own and csorun's keys are left out when told.
---@param v any             list of {Key,Value} (any case), or a map
---@param keep_all boolean?
---@return table<string, string>
function tags.to_map(v, keep_all)
  local out = {}
  if type(v) ~= "table" then return out end
  for k, item in pairs(v) do
    if type(item) == "table" then
      local key = item.Key or item.key or item.TagKey
      if key then out[key] = item.Value or item.value or item.TagValue or "" end
    elseif type(k) == "string" then
      out[k] = item
    end
  end
  if keep_all then return out end
  for k in pairs(out) do
    if k:match("^aws:") or k:match("^cso:") then out[k] = nil end
  end
  return out
end

--- A map of tags in the form that an API shape wants, sorted by key.
---@param S table
---@param shape_name string
---@param map table<string, string>
---@return table
function tags.to_api(S, shape_name, map)
  local sh = S:shape(shape_name)
  map = value.reveal(map)
  if sh.type == "map" then return map end
  if sh.type == "structure" then -- a wrapper such as Route 53's or CloudFront's Items
    local member = next(sh.members)
    return { [member] = tags.to_api(S, sh.members[member].shape, map) }
  end
  local item = S:shape(sh.member.shape)
  local key_name = shape.member(item.members, "Key") or shape.member(item.members, "TagKey")
  local value_name = shape.member(item.members, "Value") or shape.member(item.members, "TagValue")
  local keys, out = {}, {}
  for k in pairs(map) do keys[#keys + 1] = k end
  table.sort(keys)
  for i, k in ipairs(keys) do out[i] = { [key_name] = k, [value_name] = tostring(map[k]) } end
  return out
end

--- The declared tags with the ownership tags of a resource.
---@param declared table<string, string>?
---@param own table<string, string>
---@return table<string, string>
function tags.owned(declared, own)
  local out = {}
  for k, v in pairs(declared or {}) do out[k] = v end
  for k, v in pairs(own or {}) do out[k] = v end
  return out
end

--- What has to be written and removed to get from one map to the other.
---@return table<string, string> set, string[] removed
function tags.changes(current, wanted)
  local set, removed = {}, {}
  for k, v in pairs(wanted) do
    local same
    if value.is_secret(v) or value.is_secret(current[k]) then
      same = value.same_secret(v, current[k])
    else
      same = current[k] == tostring(v)
    end
    if not same then set[k] = v end
  end
  for k in pairs(current) do
    if wanted[k] == nil then removed[#removed + 1] = k end
  end
  table.sort(removed)
  return set, removed
end

local function list_of(rule, id)
  return rule.list and { id } or id
end

--- Changes the tags of an existing thing through its service's tag operations.
---@param r table         resource handle
---@param id string       what the service's tag operations call it (id or ARN)
---@param current table<string, string>
---@param wanted table<string, string>
---@param extra table?    further members (Route 53's ResourceType)
function tags.apply(r, id, current, wanted, extra)
  local service = r.kind.spec.service
  local rule, S = tags.services[service], r:model()
  local set, removed = tags.changes(current, wanted)
  local function params(operation, fill)
    local p = { [rule.by] = list_of(rule, id) }
    for k, v in pairs(rule.extra or {}) do p[k] = v end
    for k, v in pairs(extra or {}) do p[k] = v end
    fill(p, shape.members(S, operation, "input"))
    return p
  end
  if next(set) then
    r:call(rule.add, params(rule.add, function(p, members)
      local member = rule.add_member or shape.member(members, "Tags")
      p[member] = tags.to_api(S, members[member].shape, set)
    end))
  end
  if #removed > 0 then
    r:call(rule.remove, params(rule.remove, function(p)
      if rule.pairs_on_remove then
        local list = {}
        for i, k in ipairs(removed) do list[i] = { Key = k } end
        p[rule.keys] = list
      else
        p[rule.keys] = removed
      end
    end))
  end
end

--- Reads the tags of a thing whose description does not carry them.
---@param r table
---@param id string
---@param extra table?
---@return table   in whatever form the service gives
function tags.read(r, id, extra)
  local rule = tags.services[r.kind.spec.service]
  local p = { [rule.by] = list_of(rule, id) }
  for k, v in pairs(rule.extra or {}) do p[k] = v end
  for k, v in pairs(extra or {}) do p[k] = v end
  return shape.pick(r:call(rule.read, p), rule.take) or {}
end

return tags
