--- Security group rules: CloudFormation writes one source per rule, EC2 groups them by port.
local json = require "cso.std.json"

local rules = {}

local sources = {
  { "CidrIp", "IpRanges", "CidrIp" },
  { "CidrIpv6", "Ipv6Ranges", "CidrIpv6" },
  { "SourceSecurityGroupId", "UserIdGroupPairs", "GroupId" },
  { "DestinationSecurityGroupId", "UserIdGroupPairs", "GroupId" },
  { "SourcePrefixListId", "PrefixListIds", "PrefixListId" },
  { "DestinationPrefixListId", "PrefixListIds", "PrefixListId" },
}

local numbers = { ["6"] = "tcp", ["17"] = "udp", ["1"] = "icmp", ["58"] = "icmpv6", ["all"] = "-1" }

local function protocol(p)
  p = tostring(p):lower()
  return numbers[p] or p
end

--- One IpPermission for one rule.
function rules.permission(rule)
  local p = { IpProtocol = protocol(rule.IpProtocol) }
  if p.IpProtocol ~= "-1" then
    p.FromPort, p.ToPort = math.tointeger(tonumber(rule.FromPort)), math.tointeger(tonumber(rule.ToPort))
  end
  for _, source in ipairs(sources) do
    local from = rule[source[1]]
    if from then p[source[2]] = { { [source[3]] = from, Description = rule.Description } } end
  end
  return p
end

--- The rules behind a list of IpPermissions, one per source.
---@param permissions table[]
---@param egress boolean
function rules.from_permissions(permissions, egress)
  local out = {}
  local function add(p, name, item, field)
    local rule = { IpProtocol = p.IpProtocol, FromPort = p.FromPort, ToPort = p.ToPort, Description = item.Description }
    rule[name] = item[field]
    out[#out + 1] = rule
  end
  for _, p in ipairs(permissions or {}) do
    for _, item in ipairs(p.IpRanges or {}) do add(p, "CidrIp", item, "CidrIp") end
    for _, item in ipairs(p.Ipv6Ranges or {}) do add(p, "CidrIpv6", item, "CidrIpv6") end
    for _, item in ipairs(p.UserIdGroupPairs or {}) do
      add(p, egress and "DestinationSecurityGroupId" or "SourceSecurityGroupId", item, "GroupId")
    end
    for _, item in ipairs(p.PrefixListIds or {}) do
      add(p, egress and "DestinationPrefixListId" or "SourcePrefixListId", item, "PrefixListId")
    end
  end
  return json.array(out)
end

--- A text that two rules share exactly when they mean the same (the description aside).
function rules.key(rule)
  local p = protocol(rule.IpProtocol)
  local parts = { p }
  if p ~= "-1" then
    parts[2], parts[3] = tostring(math.tointeger(tonumber(rule.FromPort)) or -1),
      tostring(math.tointeger(tonumber(rule.ToPort)) or -1)
  end
  for _, source in ipairs(sources) do
    if rule[source[1]] then parts[#parts + 1] = source[2] .. "=" .. tostring(rule[source[1]]) end
  end
  return table.concat(parts, " ")
end

local function index(list)
  local out = {}
  for _, rule in ipairs(list or {}) do out[rules.key(rule)] = rule end
  return out
end

--- True when two lists hold the same rules with the same descriptions.
function rules.same(want, have)
  local a, b = index(want), index(have)
  for key, rule in pairs(a) do
    if not b[key] or (rule.Description or "") ~= (b[key].Description or "") then return false end
  end
  for key in pairs(b) do
    if not a[key] then return false end
  end
  return true
end

--- What must be added and taken away to get from one list to the other; a changed description
--- counts as both.
function rules.changes(have, want)
  local a, b, add, remove = index(have), index(want), {}, {}
  for _, rule in ipairs(want or {}) do
    local old = a[rules.key(rule)]
    if not old or (old.Description or "") ~= (rule.Description or "") then add[#add + 1] = rule end
  end
  for _, rule in ipairs(have or {}) do
    local new = b[rules.key(rule)]
    if not new or (new.Description or "") ~= (rule.Description or "") then remove[#remove + 1] = rule end
  end
  return add, remove
end

--- The rules of a list that are not in another.
function rules.without(list, gone)
  local drop, out = index(gone), {}
  for _, rule in ipairs(list or {}) do
    if not drop[rules.key(rule)] then out[#out + 1] = rule end
  end
  return out
end

--- IpPermissions for a list of rules.
function rules.permissions(list)
  local out = {}
  for i, rule in ipairs(list) do out[i] = rules.permission(rule) end
  return out
end

return rules
