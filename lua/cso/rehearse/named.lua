--- What a tree of properties names: ids, ARNs and names of things, with the type that each must be
--- of, as far as the catalogue or the id's own form tells.
local value = require "cso.std.value"

local named = {}

-- EC2's ids tell what they are.
local prefixes = {
  vpc = "AWS::EC2::VPC", subnet = "AWS::EC2::Subnet", sg = "AWS::EC2::SecurityGroup", igw = "AWS::EC2::InternetGateway",
  rtb = "AWS::EC2::RouteTable", acl = "AWS::EC2::NetworkAcl", nat = "AWS::EC2::NatGateway", vol = "AWS::EC2::Volume",
  lt = "AWS::EC2::LaunchTemplate", vpce = "AWS::EC2::VPCEndpoint", i = "AWS::EC2::Instance", ami = "image",
}

-- Parts of ARNs that tell a type whose kind is asked by ARN, or by the ARN's last part.
local arns = {
  { "^arn:[%w-]+:acm:[^:]+:%d+:certificate/", "certificate" },
  { "^arn:[%w-]+:iam::[^:]*:policy/", "AWS::IAM::ManagedPolicy" },
  { "^arn:[%w-]+:iam::%d+:role/.-([^/]+)$", "AWS::IAM::Role" },
  { "^arn:[%w-]+:iam::%d+:instance%-profile/.-([^/]+)$", "AWS::IAM::InstanceProfile" },
  { "^arn:[%w-]+:kms:[^:]+:%d+:key/([%w-]+)$", "AWS::KMS::Key" },
  { "^arn:[%w-]+:sns:[^:]+:%d+:[^:]+$", "AWS::SNS::Topic" },
  { "^arn:[%w-]+:elasticloadbalancing:[^:]+:%d+:loadbalancer/", "AWS::ElasticLoadBalancingV2::LoadBalancer" },
  { "^arn:[%w-]+:elasticloadbalancing:[^:]+:%d+:targetgroup/", "AWS::ElasticLoadBalancingV2::TargetGroup" },
  { "^arn:[%w-]+:elasticloadbalancing:[^:]+:%d+:listener/", "AWS::ElasticLoadBalancingV2::Listener" },
  { "^arn:[%w-]+:secretsmanager:[^:]+:%d+:secret:", "AWS::SecretsManager::Secret" },
  { "^arn:[%w-]+:logs:[^:]+:%d+:log%-group:([^:]+)", "AWS::Logs::LogGroup" },
}

local function by_form(text, add)
  local prefix = text:match("^(%l+)%-%x+$")
  local type_name = prefix and #text > #prefix + 8 and prefixes[prefix]
  if type_name then return add(type_name, text) end
  if text:match("^alias/") and not text:match("^alias/aws/") then return add("AWS::KMS::Alias", text) end
  if text:sub(1, 4) ~= "arn:" then return end
  for _, rule in ipairs(arns) do
    local id = text:match(rule[1])
    if id then return add(rule[2], rule[1]:find("(", 1, true) and id or text) end
  end
end

-- By the catalogue: properties that name the identifier of another type.
local function by_schema(P, text, id_names, add)
  for _, ref in ipairs(P and P.refs or {}) do
    if ref.attribute == "Ref" or ref.attribute == id_names(ref.type) then add(ref.type, text) end
  end
end

-- Properties that name what is no resource.
local words = { InstanceType = { ["AWS::EC2::Instance"] = "instance_type", ["AWS::EC2::LaunchTemplate"] = "instance_type" } }

-- What the schema says of the members of something of type T; nil when it says nothing.
local function members(definitions, T)
  local D = T.ref and definitions[T.ref]
  return D and D.properties
end

--- What the service put into declared properties by itself, such as the volume of an instance's disk: those
--- members of them that the schema does not have.
---@param schema table
---@param model table
---@return table tree   of the model's form, with nothing else in it
function named.given(schema, model)
  local definitions = schema.definitions or {}
  local function visit(v, T)
    local out, known = nil, members(definitions, T)
    for k, item in next, v do
      local own
      if known and not known[k] then
        own = item
      elseif type(item) == "table" and not value.is_secret(item) then
        own = visit(item, known and known[k].type or T.element or {})
      end
      if own ~= nil then
        out = out or {}
        out[k] = own
      end
    end
    return out
  end
  local out = {}
  for property, P in next, schema.properties do
    local v = model[property]
    if type(v) == "table" and not value.is_secret(v) then out[property] = visit(v, P.type or {}) end
  end
  return out
end

--- Calls add(type, id) for all that is named. `type` may be "image", "instance_type" or "certificate".
---@param schema table          the catalogue's type
---@param tree table            properties; refs, unknowns and secrets in it name nothing
---@param id_names fun(type: string): string?  the attribute by which things of a type are known
---@param add fun(type: string, id: string)
function named.walk(schema, tree, id_names, add)
  local definitions = schema.definitions or {}
  local function visit(v, P, name)
    if type(v) == "string" then
      local word = words[name] and words[name][schema.name]
      if word then add(word, v) end
      by_schema(P, v, id_names, add)
      by_form(v, add)
    elseif type(v) == "table" and not value.is_secret(v) and not value.is_ref(v) and not value.is_unknown(v) then
      local T = P and P.type or {}
      local element = T.element or T
      local known = members(definitions, element)
      for k, item in next, v do
        local M = known and type(k) == "string" and known[k]
        -- A member that the schema does not have was put there by the service: no need of the thing's.
        if M or not known or type(k) ~= "string" then
          visit(item, M or P and { type = element, refs = P.refs } or nil, k)
        end
      end
    end
  end
  for property, v in next, tree do
    -- What a thing says of itself names nothing that it needs.
    if schema.properties[property] then visit(v, schema.properties[property], property) end
  end
end

return named
