--- What the catalogue says a resource of a type looks like: checks desired state against it and
--- makes the values that a service would have made (ids, ARNs, names, endpoints).
local deep = require "cso.std.deep"
local json = require "cso.std.json"
local suggest = require "cso.std.suggest"

local model = {}

local json_names = { string = "String", boolean = "Boolean", number = "Number", table = "JSONObject" }

local function found(v)
  if v == json.null then return "Null" end
  if type(v) == "table" and (getmetatable(v) == json.array_mt or #v > 0) then return "JSONArray" end
  if math.type(v) == "integer" then return "Integer" end
  return json_names[type(v)] or type(v)
end

local function is_array(v)
  return type(v) == "table" and (getmetatable(v) == json.array_mt or #v > 0 or next(v) == nil)
end

local check

local function mismatch(problems, path, want, v)
  problems[#problems + 1] = ("#%s: expected type: %s, found: %s"):format(path, want, found(v))
end

local function check_members(t, properties, v, path, problems)
  local names = {}
  for name in next, properties do names[#names + 1] = name end
  for name, item in deep.sorted_pairs(v) do
    local p = properties[name]
    if not p then
      local near = type(name) == "string" and suggest(name, names)
      problems[#problems + 1] = ("#%s: extraneous key [%s] is not permitted%s"):format(path, tostring(name),
        near and " (did you mean " .. near .. "?)" or "")
    else
      check(t, p.type, item, path .. "/" .. name, problems)
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    if properties[name].required and v[name] == nil then
      problems[#problems + 1] = ("#%s: required key [%s] not found"):format(path, name)
    end
  end
end

local scalars = {
  string = function(v) return type(v) == "string" end,
  integer = function(v) return math.type(v) == "integer" or (type(v) == "number" and v == v // 1) end,
  number = function(v) return type(v) == "number" end,
  boolean = function(v) return type(v) == "boolean" end,
  timestamp = function(v) return type(v) == "string" end,
}

--- Checks one value against a catalogue type; problems are sentences with JSON pointers.
function check(t, T, v, path, problems)
  local kind = T.kind
  if scalars[kind] then
    if not scalars[kind](v) then return mismatch(problems, path, kind:gsub("^%l", string.upper), v) end
    if T.enum then
      for _, allowed in ipairs(T.enum) do if allowed == v then return end end
      problems[#problems + 1] = ("#%s: %s is not a valid enum value"):format(path, tostring(v))
    end
  elseif kind == "list" then
    if not is_array(v) then return mismatch(problems, path, "JSONArray", v) end
    for i, item in ipairs(v) do check(t, T.element, item, path .. "/" .. (i - 1), problems) end
  elseif kind == "map" then
    if type(v) ~= "table" then return mismatch(problems, path, "JSONObject", v) end
    for k, item in deep.sorted_pairs(v) do check(t, T.element, item, path .. "/" .. tostring(k), problems) end
  elseif kind == "object" then
    if type(v) ~= "table" or found(v) == "JSONArray" then return mismatch(problems, path, "JSONObject", v) end
    local d = t.definitions and t.definitions[T.ref]
    if d then check_members(t, d.properties or {}, v, path, problems) end
  elseif kind == "tag" then
    if type(v) ~= "table" or type(v.Key) ~= "string" then mismatch(problems, path, "Tag", v) end
  elseif kind == "union" then
    for _, option in ipairs(T.of or {}) do
      local own = {}
      check(t, option, v, path, own)
      if not own[1] then return end
    end
    problems[#problems + 1] = ("#%s: no subschema matched"):format(path)
  end
end

--- The problems of a desired state.
---@param t cso.Type
---@param state table
---@return string[]
function model.problems(t, state)
  local problems = {}
  check_members(t, t.properties, state, "", problems)
  return problems
end

-- Values that the service makes ------------------------------------------------------------------

-- The forms of ids, where they are not a UUID or plain hexadecimal: by type, else by service.
local id_forms = {
  ["AWS::EC2::TransitGateway"] = "tgw", ["AWS::EC2::TransitGatewayAttachment"] = "tgw-attach",
  ["AWS::EC2::VPCPeeringConnection"] = "pcx", ["AWS::EC2::CustomerGateway"] = "cgw", ["AWS::EC2::VPNGateway"] = "vgw",
  ["AWS::EC2::VPNConnection"] = "vpn", ["AWS::EC2::PrefixList"] = "pl", ["AWS::EC2::DHCPOptions"] = "dopt",
  ["AWS::EC2::CapacityReservation"] = "cr", ["AWS::EC2::EC2Fleet"] = "fleet", ["AWS::EC2::Host"] = "h",
  ["AWS::EC2::IPAM"] = "ipam", ["AWS::EC2::NetworkInsightsPath"] = "nip", ["AWS::EC2::SpotFleet"] = "sfr",
}

local function plain_id(ctx, t)
  local service, name = t.name:match("^AWS::(%w+)::(%w+)$")
  if id_forms[t.name] then return ctx.ids:ec2(id_forms[t.name]) end
  if service == "EC2" then return ctx.ids:ec2((name or "r"):gsub("%l", ""):lower()) end
  if service == "ApiGateway" or service == "ApiGatewayV2" then return ctx.ids:text(10) end
  return ctx.ids:uuid()
end

local function fill_arn(ctx, t, state, id)
  local namespace = (t.service or t.name:match("^AWS::(%w+)") or "service"):lower()
  local known = { Partition = ctx.partition, Region = ctx.region, Account = ctx.account, AccountId = ctx.account }
  if t.arn then
    return (t.arn:gsub("%${(%w+)}", function(name)
      local v = known[name] or state[name] or deep.get(state, name)
      return type(v) == "string" and v or tostring(id)
    end))
  end
  local kind = t.name:match("::(%w+)$"):lower()
  return ("arn:%s:%s:%s:%s:%s/%s"):format(ctx.partition, namespace, ctx.region, ctx.account, kind, id)
end

local function sample(ctx, t, state, name, T, id)
  if T.kind == "boolean" then return false end
  if T.kind == "integer" or T.kind == "number" then return 1 end
  if T.kind == "list" then return json.array {} end
  if T.kind ~= "string" and T.kind ~= "timestamp" then return nil end
  if T.enum then return T.enum[1] end
  if name:find("Arn$") or name:find("ARN$") then return fill_arn(ctx, t, state, id) end
  if T.kind == "timestamp" or name:find("Time$") or name:find("Date$") or name:find("At$") then
    return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(ctx.now))
  end
  if name:find("Endpoint") or name:find("DNSName") or name:find("DomainName") or name:find("Url$") or name:find("URL$") then
    local host = ("%s.%s.%s.amazonaws.com"):format(tostring(id):gsub("[^%w-]", "-"), (t.service or "service"), ctx.region)
    return name:find("Url$") and "https://" .. host or host
  end
  if name:find("OwnerId") or name:find("AccountId") then return ctx.account end
  return id
end

-- The property that names a resource for good (QueueName of a queue): two of a name cannot be.
local function name_property(t)
  local short = t.name:match("::(%w+)$")
  for _, name in ipairs { short .. "Name", "Name" } do
    local p = t.properties[name]
    if p and p.replace == "always" and p.type.kind == "string" then return name end
  end
end

--- Completes a desired state to what the service would hold. Returns the identifier too.
---@param ctx sim.Context
---@param t cso.Type
---@param desired table
---@return table state, string identifier
function model.complete(ctx, t, desired)
  local state = deep.copy(desired)
  local name_of = name_property(t)
  if name_of and not state[name_of] then
    state[name_of] = t.name:match("::(%w+)$"):lower() .. "-" .. ctx.ids:text(12)
  end
  local id = name_of and state[name_of] or plain_id(ctx, t)
  -- Properties that identify but were not given get a name, as CloudFormation would make one.
  for _, name in ipairs(t.id or {}) do
    if t.properties[name] and deep.get(state, name) == nil then
      deep.set(state, name, t.name:match("::(%w+)$"):lower() .. "-" .. ctx.ids:text(12))
    end
  end
  local arns = {}
  for name, a in deep.sorted_pairs(t.attributes or {}) do
    if deep.get(state, name) == nil then
      if name:find("Arn$") or name:find("ARN$") then arns[#arns + 1] = { name, a } else
        local v = sample(ctx, t, state, name, a.type or { kind = "string" }, id)
        if v ~= nil then deep.set(state, name, v) end
      end
    end
  end
  for _, item in ipairs(arns) do
    deep.set(state, item[1], sample(ctx, t, state, item[1], item[2].type or { kind = "string" }, id))
  end
  for name, p in deep.sorted_pairs(t.properties) do
    if state[name] == nil and p.default ~= nil then state[name] = deep.copy(p.default) end
  end
  return state, model.identifier(t, state) or id
end

--- The identifier of a state: the values of the identifying members, joined with bars.
---@param t cso.Type
---@param state table
---@return string|nil
function model.identifier(t, state)
  local parts = {}
  for i, name in ipairs(t.id or {}) do
    local v = deep.get(state, name)
    if v == nil then return nil end
    parts[i] = tostring(v)
  end
  return parts[1] and table.concat(parts, "|") or nil
end

--- What a read shows: everything but what must not be shown.
---@param t cso.Type
---@param state table
---@return table
function model.visible(t, state)
  local out = {}
  for name, v in next, state do
    local p = t.properties[name]
    if not (p and p.sensitive) then out[name] = v end
  end
  return out
end

--- Names of top-level properties that differ though only a replacement could change them.
---@param t cso.Type
---@param before table
---@param after table
---@return string[]
function model.frozen(t, before, after)
  local list = {}
  for name, p in deep.sorted_pairs(t.properties) do
    if p.replace == "always" and not deep.equal(before[name], after[name]) then list[#list + 1] = "/properties/" .. name end
  end
  for name in deep.sorted_pairs(t.attributes or {}) do
    if not deep.equal(deep.get(before, name), deep.get(after, name)) then list[#list + 1] = "/properties/" .. name end
  end
  return list
end

return model
