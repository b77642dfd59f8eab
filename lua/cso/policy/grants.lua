--- What policy documents allow, and to whom: questions that rules of the pack ask.
local ask = require "cso.policy.ask"
local reach = require "cso.policy.reach"

local grants = {}

--- Asks each statement of a document that allows something until one answers.
---@param v any  a table, or JSON in a text
---@param fn fun(statement: table): any
---@return any
function grants.allowed(v, fn)
  local doc = ask.document(v)
  return ask.first(doc and doc.Statement, function(statement)
    return statement.Effect == "Allow" and fn(statement) or nil
  end)
end

--- True for an action that is every action of every service, however it is written.
---@param action any
---@return boolean
function grants.is_any_action(action)
  return type(action) == "string" and action:match("^%*+:?%**$") ~= nil
end

-- What begins with one of these changes nothing, whatever follows.
local LOOKS = { "Describe", "Get", "List", "View", "Lookup", "Search", "Head", "BatchGet", "Read", "Select", "Query" }

--- True for an action with a wildcard among whose meanings something is changed: "s3:*", "iam:Pass*", not "ec2:Describe*".
---@param action any
---@return boolean
function grants.is_open_change(action)
  local plain = type(action) == "string" and action:match("^[%w*?-]+:([^*?]*)[*?]")
  if not plain then return false end
  for _, verb in ipairs(LOOKS) do
    if plain:sub(1, #verb):lower() == verb:lower() then return false end
  end
  return true
end

--- True for a resource that is every resource: "*", "arn:aws:*:*:*:*".
---@param resource any
---@return boolean
function grants.is_any_resource(resource)
  if type(resource) ~= "string" then return false end
  local rest = resource:gsub("^arn:[%w*-]*", "")
  return rest:find("*", 1, true) ~= nil and rest:find("[^*:/]") == nil
end

--- True when a statement is about all resources, but for some at the most.
---@param statement table
---@return boolean
function grants.is_on_everything(statement)
  if statement.NotResource ~= nil then return true end
  return ask.first(statement.Resource, grants.is_any_resource) == true
end

--- True when a statement is about all that an action can be about: everything, or every resource of its service
--- ("arn:aws:s3:::*").
---@param statement table
---@param action any
---@return boolean
function grants.is_on_all_of(statement, action)
  if grants.is_on_everything(statement) then return true end
  local service = type(action) == "string" and action:match("^([%w-]+):")
  return service ~= nil and ask.first(statement.Resource, function(resource)
    if type(resource) ~= "string" then return end
    local its, rest = resource:match("^arn:[%w*-]*:([%w-]+):[%w*-]*:[%w*-]*:(.*)$")
    return its == service and rest:match("^%*[*/]*$") ~= nil
  end) == true
end

-- What says who may come; any other condition (TLS, a time, a prefix, tags that anybody can give
-- himself) says only how.
local NARROWING = {}
for name in ([[aws:sourcearn aws:sourceaccount aws:sourceowner aws:sourceorgid aws:sourceorgpaths aws:sourcevpc
  aws:sourcevpce aws:sourceip aws:vpcsourceip aws:principalarn aws:principalaccount aws:principalorgid
  aws:principalorgpaths aws:userid aws:username sts:externalid kms:calleraccount lambda:functionurlauthtype
  s3:dataaccesspointarn s3:dataaccesspointaccount elasticfilesystem:accesspointarn]]):gmatch("%S+") do
  NARROWING[name] = true
end

-- Operators that ask for a value. A Not… lets in all others; …IfExists and Null, and ForAllValues, whoever says nothing.
local function asks(operator)
  operator = operator:lower():gsub("^foranyvalue:", "")
  return (operator:match("^string") or operator:match("^arn") or operator:match("^ipaddress"))
    and not operator:find("not") and not operator:find("ifexists$")
end

local function is_wide(v)
  return type(v) == "string" and (v:match("^[*?]+$") ~= nil or reach.is_world(v) or grants.is_any_resource(v))
end

--- True when a condition lets in only some.
---@param condition any
---@return boolean
function grants.is_narrow(condition)
  if type(condition) ~= "table" then return false end
  for _, operator in ipairs(ask.names(condition)) do
    local keys = asks(operator) and condition[operator]
    for _, key in ipairs(ask.names(keys)) do
      -- One wide value among several opens all; what is known later is somebody's.
      if NARROWING[key:lower()] and not ask.surely_among(keys, key, is_wide) then return true end
    end
  end
  return false
end

-- An account's number with a wildcard in its place is any account.
local function is_anybody(principal)
  return type(principal) == "string" and (principal:match("^%*+$") or principal:match("^arn:[%w*-]*:iam::%*:")) ~= nil
end

--- True when a statement is for everybody, with nothing that narrows it.
---@param statement table
---@return boolean
function grants.is_for_everybody(statement)
  local who = statement.Principal
  local open = statement.NotPrincipal ~= nil or is_anybody(who)
  if not open and type(who) == "table" then
    open = ask.first({ "AWS", "*" }, function(sort) return ask.first(who[sort], is_anybody) end) == true
  end
  return open and not grants.is_narrow(statement.Condition)
end

return grants
