--- Names with dots: cso.aws.EC2.VPC, cso.tls.Authority, cso.api.ec2. Each level is a table that is
--- filled as it is used, and that knows what to suggest for a typo.
local declare = require("cso.playbook.declare")
local evaluation = require("cso.playbook.evaluation")
local types = require("cso.playbook.types")

local namespace = {}

local function lazy(what, find)
  return setmetatable({}, {
    __index = function(self, key)
      local v = find(key)
      rawset(self, key, v)
      return v
    end,
    __newindex = function(_, key)
      evaluation.fail("assignment", ("%s.%s can't be set"):format(what, tostring(key)))
    end,
    __tostring = function() return what end,
  })
end

local function missing(what, key, best)
  evaluation.fail("type", ("there is no %s.%s"):format(what, tostring(key)),
    { hint = best and ("did you mean %s.%s?"):format(what, best) or nil })
end

local function service(root, prefix, what, name, target)
  return lazy(what, function(key)
    local type_name = prefix .. name .. (root == "aws" and "::" or ".") .. tostring(key)
    if not types.get(type_name) then
      local best = types.nearest(tostring(key), root, name)
      missing(what, key, best ~= key and best or nil)
    end
    return declare.resource(type_name, target)
  end)
end

--- cso.aws: services and their types.
---@param target table?
---@return table
function namespace.aws(target)
  return lazy("cso.aws", function(key)
    local known = types.names("aws", key)
    if #known == 0 then missing("cso.aws", key, types.nearest(tostring(key), "aws")) end
    return service("aws", "AWS::", "cso.aws." .. key, key, target)
  end)
end

--- csorun's own types below cso: cso.tls, cso.random, cso.exec; nil for any other word.
---@param key string
---@return table|function|nil
function namespace.own(key)
  local known = types.names("cso", key)
  if #known == 0 then return nil end
  if #known == 1 and known[1] == "" then return declare.resource("cso." .. key) end
  return service("cso", "cso.", "cso." .. key, key)
end

return namespace
