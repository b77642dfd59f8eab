--- Which of the things that were found are meant: by tags, by the VPC they stand in. What bears no tags
--- of its own belongs to what it is a part of.
local filter = {}

--- Properties by which a thing stands inside another one.
local inside = {
  "VpcId", "VPCs", "SubnetId", "SubnetIds", "Subnets", "RouteTableId", "NetworkAclId", "InternetGatewayId", "GroupId",
  "LoadBalancerArn", "ListenerArn", "FileSystemId", "DBSubnetGroupName", "ResourceId", "HostedZoneId", "InstanceId",
  "RoleName", "Bucket", "UserPoolId", "BackupPlanId", "TopicArn", "TargetKeyId", "VPCConfig", "VPCZoneIdentifier",
}

--- Things that stand in nothing themselves and belong to what names them.
local brought = {
  ["AWS::EC2::EIP"] = "AllocationId", ["AWS::EC2::InternetGateway"] = "InternetGatewayId",
  ["AWS::EFS::FileSystem"] = "FileSystemId",
}

local function strings_in(v, fn)
  if type(v) == "string" then fn(v) elseif type(v) == "table" then
    for _, item in pairs(v) do strings_in(item, fn) end
  end
end

--- Grows a choice by what stands inside what was chosen, until nothing more joins.
local function spread(items, chosen, joins)
  local ids = {}
  local function choose(item)
    chosen[item] = chosen[item] or true
    ids[item.id] = true
  end
  for item in pairs(chosen) do ids[item.id] = true end
  local grew = true
  while grew do
    grew = false
    for _, item in ipairs(items) do
      if not chosen[item] and joins(item) then
        local found = false
        for _, property in ipairs(inside) do
          strings_in(item.model[property], function(v) found = found or ids[v] == true end)
        end
        if found then
          choose(item)
          grew = true
        end
      end
    end
  end
end

local function bring(items, chosen)
  local named = {}
  for item in pairs(chosen) do
    for _, property in pairs(brought) do
      if type(item.model[property]) == "string" then named[item.model[property]] = true end
    end
  end
  for _, item in ipairs(items) do
    if brought[item.type] and named[item.id] then chosen[item] = true end
  end
end

local function lua_pattern(glob)
  return "^" .. glob:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
end

local function matches(item, wanted)
  for _, one in ipairs(wanted) do
    local v = item.tags and item.tags[one.key]
    if v == nil or one.pattern and not tostring(v):match(one.pattern) then return false end
  end
  return true
end

--- Tag filters of a command line: "Team", "Team=a", "Team=a*".
---@param words string[]
---@return { key: string, pattern: string? }[]
function filter.tags(words)
  local out = {}
  for i, word in ipairs(words) do
    local key, v = word:match("^([^=]+)=(.*)$")
    out[i] = { key = key or word, pattern = v and lua_pattern(v) or nil }
  end
  return out
end

--- Adds to a choice what can't bear tags and stands inside of what was chosen.
---@param items cso.import.Item[]
---@param chosen table<cso.import.Item, any>
function filter.with_parts(items, chosen)
  spread(items, chosen, function(item) return not item.kind.tag_property end)
end

--- The things that are meant, in their order.
---@param items cso.import.Item[]
---@param wanted { tags: table[]?, vpc: string? }
---@return cso.import.Item[]
function filter.apply(items, wanted)
  if not wanted.vpc and #(wanted.tags or {}) == 0 then return items end
  local chosen = {}
  local by_tags = #(wanted.tags or {}) > 0
  for _, item in ipairs(items) do
    if wanted.vpc and item.id == wanted.vpc then chosen[item] = true end
    if not wanted.vpc and matches(item, wanted.tags) then chosen[item] = true end
  end
  spread(items, chosen, function(item)
    -- What could bear the tag and does not is not meant.
    return wanted.vpc or not item.kind.tag_property
  end)
  bring(items, chosen)
  local out = {}
  for _, item in ipairs(items) do
    if chosen[item] and not (wanted.vpc and by_tags and item.kind.tag_property and not matches(item, wanted.tags)) then
      out[#out + 1] = item
    end
  end
  return out
end

return filter
