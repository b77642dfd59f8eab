--- The functions that endpoint rules call. nil is "not set"; wrong types raise.
local regex = require "cso.aws.endpoint.regex"
local scalar = require "cso.aws.protocol.scalar"

local library = {}

local function fail(text) error({ rule = text }, 0) end

-- Splits at any of the characters in `at`.
local function split(s, at)
  local out = {}
  for part in (s .. at:sub(1, 1)):gmatch("(.-)[" .. at .. "]") do out[#out + 1] = part end
  return out
end

function library.isSet(v) return v ~= nil end

library["not"] = function(v) return not v end

function library.stringEquals(a, b)
  if type(a) ~= "string" or type(b) ~= "string" then fail("stringEquals takes two strings") end
  return a == b
end

function library.booleanEquals(a, b)
  if type(a) ~= "boolean" or type(b) ~= "boolean" then fail("booleanEquals takes two booleans") end
  return a == b
end

function library.getAttr(v, path)
  for part in path:gmatch("[^.]+") do
    local name, index = part:match("^(.-)%[(%-?%d+)%]$")
    if index then
      if name ~= "" then v = v and v[name] end
      if v == nil then return nil end
      index = math.tointeger(index)
      v = index >= 0 and v[index + 1] or v[#v + 1 + index]
    else
      v = v and v[part]
    end
    if v == nil then return nil end
  end
  return v
end

function library.substring(s, from, to, reverse)
  if type(s) ~= "string" then fail("substring takes a string") end
  if from >= to or #s < to or s:find("[\128-\255]") then return nil end
  if reverse then return s:sub(#s - to + 1, #s - from) end
  return s:sub(from + 1, to)
end

library["split"] = function(s, delimiter, limit)
  local out, at = {}, 1
  while limit == 0 or #out < limit - 1 do
    local from, to = s:find(delimiter, at, true)
    if not from then break end
    out[#out + 1] = s:sub(at, from - 1)
    at = to + 1
  end
  out[#out + 1] = s:sub(at)
  return out
end

function library.coalesce(...)
  for i = 1, select("#", ...) do
    local v = (select(i, ...))
    if v ~= nil then return v end
  end
end

function library.ite(condition, yes, no)
  if condition then return yes end
  return no
end

function library.uriEncode(s) return s and scalar.encode(s) end

function library.isValidHostLabel(s, dots)
  if type(s) ~= "string" then return false end
  if dots then
    for _, label in ipairs(split(s, ".")) do
      if not library.isValidHostLabel(label, false) then return false end
    end
    return true
  end
  return #s >= 1 and #s <= 63 and s:match("^[%w%-]+$") ~= nil
    and s:sub(1, 1) ~= "-" and s:sub(-1) ~= "-"
end

local function is_ipv4(host)
  local a, b, c, d = host:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  if not a then return false end
  for _, n in ipairs { a, b, c, d } do
    if tonumber(n) > 255 then return false end
  end
  return true
end

function library.parseURL(url)
  if type(url) ~= "string" then return nil end
  local scheme, authority, path = url:match("^(%a[%w+.-]*)://([^/?#]*)([^?#]*)$")
  if scheme ~= "http" and scheme ~= "https" then return nil end
  if authority == "" or authority:find("[%s%c\\]") then return nil end
  local host, port = authority:match("^(.-):([^:%]]*)$")
  if port and not port:match("^%d*$") then return nil end
  host = host or authority
  local normalized = scalar.encode_path(path)
  if normalized:sub(-1) ~= "/" then normalized = normalized .. "/" end
  return {
    scheme = scheme, authority = authority, path = path, normalizedPath = normalized,
    isIp = is_ipv4(host) or host:match("^%[[%x:.]+%]$") ~= nil,
  }
end

library["aws.parseArn"] = function(text)
  if type(text) ~= "string" then return nil end
  local partition, service, region, account, resource =
    text:match("^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.+)$")
  if not partition or partition == "" or service == "" then return nil end
  return {
    partition = partition, service = service, region = region, accountId = account,
    resourceId = split(resource, ":/"),
  }
end

library["aws.isVirtualHostableS3Bucket"] = function(s, dots)
  if type(s) ~= "string" or #s < 3 or #s > 63 or s:lower() ~= s or is_ipv4(s) then return false end
  return library.isValidHostLabel(s, dots)
end

local function outputs(partition)
  local out = {}
  for k, v in next, partition.outputs do out[k] = v end
  out.name = partition.id
  return out
end

-- The partition that a region lies in; nil for names that no region could have.
local function partition_of(list, region)
  if type(region) ~= "string" then return nil end
  for _, p in ipairs(list) do
    if p.regions and p.regions[region] then return p end
  end
  for _, p in ipairs(list) do
    if p.regionRegex and regex.matches(p.regionRegex, region) then return p end
  end
end

--- aws.partition needs the partitions data, so it is made for one set of them.
---@param partitions table the partitions file
---@return fun(region: string?): table?
function library.partition(partitions)
  local list = partitions.partitions
  return function(region) return outputs(partition_of(list, region) or list[1]) end
end

--- True when both name regions of one partition.
---@param partitions table the partitions file
---@param own string?
---@param other any
---@return boolean
function library.are_siblings(partitions, own, other)
  local list = partitions.partitions
  local found = partition_of(list, other)
  return found ~= nil and found == (partition_of(list, own) or list[1])
end

--- True when an address (host, perhaps a port) lies under a name of a region's partition.
---@param partitions table the partitions file
---@param region string?
---@param address any
---@return boolean
function library.is_own(partitions, region, address)
  local host = type(address) == "string" and address:match("^([%w.-]+):?%d*$")
  if not host then return false end
  local out = (partition_of(partitions.partitions, region) or partitions.partitions[1]).outputs
  for _, suffix in ipairs { out.dnsSuffix, out.dualStackDnsSuffix } do
    if #host > #suffix + 1 and host:sub(-#suffix - 1):lower() == "." .. suffix then return true end
  end
  return false
end

return library
