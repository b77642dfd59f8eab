--- Who can come in by a rule of a network: questions that rules of the pack ask.
local ask = require "cso.policy.ask"
local cidr = require "cso.std.cidr"

local reach = {}

-- The widest block that a registry of addresses has ever been given. What is wider is no network of
-- anybody's: whoever writes 0.0.0.0/1 and 128.0.0.0/1, or 2000::/3, means everybody.
local WIDEST = { [4] = 8, [6] = 12 }
local LOCAL6 = { "fc00::/7", "fe80::/10" }

--- True when a block of addresses holds the internet, or so much of it that it is nobody's network.
---@param block any
---@return boolean
function reach.is_world(block)
  if type(block) ~= "string" then return false end
  local parts = cidr.parse(block)
  if not parts or parts.prefix >= WIDEST[parts.family] then return false end
  for _, own in ipairs(parts.family == 6 and LOCAL6 or {}) do
    if cidr.contains(own, block) then return false end
  end
  return true
end

--- What a rule of a security group opens to everybody: nil, or the address range.
---@param rule table
---@return string?
function reach.open_to(rule)
  return ask.first({ "CidrIp", "CidrIpv6" }, function(name)
    return reach.is_world(rule[name]) and rule[name] or nil
  end)
end

local function protocol_of(rule)
  return tostring(rule.IpProtocol):lower()
end

--- True when a rule of a security group lets everything through: all protocols, or all ports of one.
---@param rule table
---@return boolean
function reach.is_everything(rule)
  if protocol_of(rule) == "-1" then return true end
  return tonumber(rule.FromPort) == 0 and tonumber(rule.ToPort) == 65535
end

local WITH_PORTS = { ["-1"] = true, tcp = true, ["6"] = true, udp = true, ["17"] = true }

--- True when a rule of a security group lets a port through.
---@param rule table
---@param port integer
---@return boolean
function reach.covers(rule, port)
  local protocol = protocol_of(rule)
  if not WITH_PORTS[protocol] then return false end
  local from, to = tonumber(rule.FromPort), tonumber(rule.ToPort)
  if protocol == "-1" or not from or from == -1 then return true end
  return from <= port and port <= (to or from)
end

--- Asks each incoming rule of a security group, or the rule that a resource is, until one answers.
---@param r table
---@param fn fun(rule: table): any
---@return any
function reach.ingress(r, fn)
  if r.type == "AWS::EC2::SecurityGroup" then return ask.first(r.SecurityGroupIngress, fn) end
  return fn(r)
end

return reach
