--- The stack's tags on every declaration that takes tags, its own first.
local value = require("cso.std.value")

--- Types that say in one list what is tagged: they themselves by this name, and what they launch in what is
--- declared inside of them.
local SPECIFIED = { ["AWS::EC2::LaunchTemplate"] = { as = "launch-template", inside = "LaunchTemplateData" } }

local function is_plain(v) return type(v) == "table" and not value.is_ref(v) and not value.is_secret(v) end

local function over(common, own)
  local all = {}
  for k, v in pairs(common) do all[k] = v end
  for k, v in pairs(own or {}) do all[k] = v end
  return all
end

-- A list of tags with those that it does not have.
local function with_all(list, common)
  local out, has, keys = {}, {}, {}
  for i, tag in ipairs(list or {}) do
    out[i] = tag
    if is_plain(tag) and type(tag.Key) == "string" then has[tag.Key] = true end
  end
  for key in pairs(common) do
    if not has[key] then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do out[#out + 1] = { Key = key, Value = common[key] } end
  return out
end

-- TagSpecifications with the tags in each; `as` is added where it is missing.
local function specifications(list, common, as)
  if list ~= nil and not is_plain(list) then return list end
  local out, found = {}, false
  for i, one in ipairs(list or {}) do
    out[i] = one
    if is_plain(one) and (one.Tags == nil or is_plain(one.Tags)) then
      found = found or one.ResourceType == as
      out[i] = over(one, { Tags = with_all(one.Tags, common) })
    end
  end
  if as and not found then out[#out + 1] = { ResourceType = as, Tags = with_all(nil, common) } end
  return out
end

--- Changes the properties of declarations.
---@param declarations table[]
---@param common table<string, any>   the stack's tags
return function(declarations, common)
  if next(common) == nil then return end
  for _, decl in ipairs(declarations) do
    local p, rule = decl.properties, SPECIFIED[decl.type]
    if decl.tags then p[decl.tags] = over(common, p[decl.tags]) end
    if rule then
      p.TagSpecifications = specifications(p.TagSpecifications, common, rule.as)
      local inner = p[rule.inside]
      if is_plain(inner) and inner.TagSpecifications ~= nil then
        p[rule.inside] = over(inner, { TagSpecifications = specifications(inner.TagSpecifications, common) })
      end
    end
  end
end
