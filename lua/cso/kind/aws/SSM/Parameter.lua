local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"
local value = require "cso.std.value"

local OWN_KEY = "alias/aws/ssm"

local function fetch(r) return r:call("GetParameter", { Name = r.id, WithDecryption = true }).Parameter.Value end

--- The values of all versions, the newest first; Parameter Store keeps a hundred.
local function earlier(r)
  local list, token = {}, nil
  repeat
    local out = r:call("GetParameterHistory", { Name = r.id, WithDecryption = true, NextToken = token })
    table.move(out.Parameters, 1, #out.Parameters, #list + 1, list)
    token = out.NextToken
  until not token or token == ""
  table.sort(list, function(a, b) return a.Version > b.Version end)
  local at = 0
  return function()
    at = at + 1
    return list[at] and list[at].Value
  end
end

--- What is put. A value that stays as it is may be kept nowhere else.
local function body(r, as_it_is)
  local d = {}
  for property, v in pairs(r.desired) do
    if property ~= "Value" then d[property] = value.reveal(v) end
  end
  return { Name = d.Name, Type = d.Type, Value = as_it_is or tostring(value.reveal(r.desired.Value)), KeyId = d.KeyId,
    Description = d.Description, AllowedPattern = d.AllowedPattern, Tier = d.Tier, Policies = d.Policies,
    DataType = d.DataType }
end

--- Decrypted only where its value is declared; who may not decrypt it takes it for what was put there.
local function got(r)
  local secure = r.desired.Type == "SecureString" and r.desired.Value ~= nil
  local out, e = r:try("GetParameter", { Name = r.id, WithDecryption = secure })
  local closed = secure and e and (e.code or ""):match "AccessDenied"
  if closed then out, e = r:try("GetParameter", { Name = r.id, WithDecryption = false }) end
  if not out then
    if e.code == "ParameterNotFound" then return nil end
    error(e, 0)
  end
  local p = out.Parameter
  if p.Type ~= "SecureString" then return p, p.Value end
  if closed then return p, r.desired.Value end
  return p, secure and value.secret(p.Value) or nil
end

local function described(r)
  return r:call("DescribeParameters", { ParameterFilters = { { Key = "Name", Option = "Equals",
    Values = { r.id } } } }).Parameters[1]
end

return kind "AWS::SSM::Parameter" {
  service = "ssm", id = "Name", name = { "Name", max = 1011 },
  handles = { "Name", "Type", "Value", "KeyId", "Description", "AllowedPattern", "Tier", "Policies", "DataType", "Tags" },
  create = function(r)
    local p = body(r)
    p.Tags = tags.to_api(r:model(), "TagList", tags.owned(r.desired.Tags, r.own))
    r:call("PutParameter", p, { creates = true })
    r.id = r.desired.Name
  end,
  read = function(r)
    local p, v = got(r)
    if not p then return nil end
    local more = described(r) or {}
    local list = tags.read(r, r.id)
    r.owner_tags = tags.to_map(list, true)
    return { Name = p.Name, Type = p.Type, Value = v, KeyId = more.KeyId, Arn = p.ARN,
      DataType = p.DataType, Description = more.Description,
      AllowedPattern = more.AllowedPattern, Tier = more.Tier, Policies = r.desired.Policies, Tags = tags.to_map(list) }
  end,
  update = function(r, set, list)
    if #list > (set.Tags and 1 or 0) then
      local p = body(r, not set.Value and r.desired.Type == "SecureString" and fetch(r) or nil)
      p.Overwrite = true
      if set.KeyId and p.KeyId == nil then p.KeyId = OWN_KEY end
      for _, property in ipairs { "Description", "AllowedPattern" } do
        if set[property] and p[property] == nil then p[property] = "" end
      end
      r:call("PutParameter", p)
    end
    if set.Tags then require("cso.kind.write").update_tags(r.kind, r) end
  end,
  -- A parameter of another type is another parameter to Systems Manager.
  fixed = { "Name", "Type" },
  defaults = { Description = "", AllowedPattern = "", Tier = "Standard", KeyId = OWN_KEY },
  -- A key may be named by its id or its ARN, and Parameter Store tells what it was given.
  same = { KeyId = function(want, have)
    if want == OWN_KEY then return have == nil or have == want end
    return have ~= nil and (want == have or want:match("([^/]+)$") == have:match("([^/]+)$"))
  end },
  replace_when = { Tier = function(want, have)
    return want == "Standard" and have == "Advanced" and "can't go back from Advanced in place" or nil
  end },
  -- It keeps nothing for others, who may need a part of it; what it is itself, it shows.
  fetch = fetch,
  earlier = earlier,
  natural = function(r) return r.desired.Name end,
  delete = { "DeleteParameter" },
  seconds = { create = 1, delete = 1 },
}
