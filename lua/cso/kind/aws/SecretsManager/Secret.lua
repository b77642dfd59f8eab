local deep = require "cso.std.deep"
local find = require "cso.kind.find"
local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"
local value = require "cso.std.value"

local OWN_KEY = "alias/aws/secretsmanager"

--- CloudFormation's GenerateSecretString, through the service's own generator.
local function generated(r)
  local g = value.reveal(r.desired.GenerateSecretString)
  if not g then return value.reveal(r.desired.SecretString) end
  local out = r:call("GetRandomPassword", { PasswordLength = math.tointeger(tonumber(g.PasswordLength)),
    ExcludeCharacters = g.ExcludeCharacters, ExcludeLowercase = g.ExcludeLowercase, ExcludeNumbers = g.ExcludeNumbers,
    ExcludePunctuation = g.ExcludePunctuation, ExcludeUppercase = g.ExcludeUppercase, IncludeSpace = g.IncludeSpace,
    RequireEachIncludedType = g.RequireEachIncludedType })
  if not g.GenerateStringKey then return out.RandomPassword end
  local json = require "cso.std.json"
  local tree = g.SecretStringTemplate and json.decode(g.SecretStringTemplate) or {}
  tree[g.GenerateStringKey] = out.RandomPassword
  return json.encode(tree)
end

--- A deleted secret keeps its name until its recovery window ends. When the one that is in the way
--- was ours, it is taken back instead of a new one being made.
local function revive(r, e)
  local out = r:try("DescribeSecret", { SecretId = r.desired.Name })
  if not out or not out.DeletedDate or not find.owned(r, tags.to_map(out.Tags, true)) then error(e, 0) end
  r:call("RestoreSecret", { SecretId = out.ARN })
  r.id = out.ARN
  r:call("UpdateSecret", { SecretId = r.id, Description = r.desired.Description or "", KmsKeyId = r.desired.KmsKeyId,
    SecretString = generated(r), ClientRequestToken = r.token })
  r.current = { Tags = tags.to_map(out.Tags) }
  require("cso.kind.write").update_tags(r.kind, r)
end

--- The texts of all versions, the one before the present one first. Those without a label are gone some day.
local function earlier(r)
  local list, token, at = {}, nil, 0
  repeat
    local out = r:call("ListSecretVersionIds", { SecretId = r.id, IncludeDeprecated = true, NextToken = token })
    for _, v in ipairs(out.Versions or {}) do
      list[#list + 1] = { id = v.VersionId, previous = deep.contains(v.VersionStages, "AWSPREVIOUS"), at = v.CreatedDate }
    end
    token = out.NextToken
  until not token
  table.sort(list, function(a, b)
    if a.previous ~= b.previous then return a.previous end
    if a.at ~= b.at then return a.at > b.at end
    return a.id < b.id
  end)
  return function()
    while list[at + 1] do
      at = at + 1
      local out, e = r:try("GetSecretValue", { SecretId = r.id, VersionId = list[at].id })
      if not out and e.code ~= "ResourceNotFoundException" then error(e, 0) end
      if out and out.SecretString then return out.SecretString end
    end
  end
end

return kind "AWS::SecretsManager::Secret" {
  service = "secretsmanager", id = "Id", name = { "Name", max = 512 },
  handles = { "Name", "Description", "KmsKeyId", "SecretString", "GenerateSecretString", "ReplicaRegions", "Tags" },
  create = function(r)
    local d, map = r.desired, tags.owned(r.desired.Tags, r.own)
    local out, e = r:try("CreateSecret", { Name = d.Name, Description = d.Description, KmsKeyId = d.KmsKeyId,
      SecretString = generated(r), ClientRequestToken = r.token, AddReplicaRegions = d.ReplicaRegions,
      Tags = tags.to_api(r:model(), "TagListType", map) }, { creates = true })
    if out then
      r.id = out.ARN
    elseif e.code == "ResourceExistsException"
      or e.code == "InvalidRequestException" and (e.message or ""):match("deletion") then
      revive(r, e)
    else
      error(e, 0)
    end
    r.attributes = { Id = r.id, Name = d.Name }
  end,
  read = function(r)
    local raw, e = r:try("DescribeSecret", { SecretId = r.id })
    if not raw then
      if e.code == "ResourceNotFoundException" then return nil end
      error(e, 0)
    end
    if raw.DeletedDate then return nil end
    r.owner_tags = tags.to_map(raw.Tags, true)
    return { Id = raw.ARN, Name = raw.Name, Description = raw.Description, KmsKeyId = raw.KmsKeyId,
      Tags = tags.to_map(raw.Tags), ReplicaRegions = r.desired.ReplicaRegions }
  end,
  update = function(r, set)
    if set.Description or set.KmsKeyId or set.SecretString then
      r:call("UpdateSecret", { SecretId = r.id, Description = set.Description and (r.desired.Description or "") or nil,
        KmsKeyId = set.KmsKeyId and (r.desired.KmsKeyId or OWN_KEY) or nil,
        SecretString = set.SecretString and generated(r) or nil, ClientRequestToken = r.token })
    end
    if set.Tags then require("cso.kind.write").update_tags(r.kind, r) end
  end,
  fixed = { "Name", "GenerateSecretString", "ReplicaRegions" },
  defaults = { Description = "", KmsKeyId = OWN_KEY },
  -- The service's own key is not shown, and a key may be named by its id or its ARN.
  same = { KmsKeyId = function(want, have)
    if want == OWN_KEY then return have == nil or have == want end
    return have ~= nil and (want == have or want:match("([^/]+)$") == have:match("([^/]+)$"))
  end },
  write_only = { "SecretString", "GenerateSecretString" },
  keeps = "SecretString",
  recover = {
    can = function(r)
      local out = r:try("DescribeSecret", { SecretId = r.id })
      return out ~= nil and find.owned(r, tags.to_map(out.Tags, true))
    end,
    take = function(r)
      if r:call("DescribeSecret", { SecretId = r.id }).DeletedDate then r:call("RestoreSecret", { SecretId = r.id }) end
    end,
  },
  fetch = function(r) return r:call("GetSecretValue", { SecretId = r.id }).SecretString end,
  earlier = earlier,
  find = function(r)
    local out = r:try("DescribeSecret", { SecretId = r.desired.Name })
    if out and not out.DeletedDate and find.owned(r, tags.to_map(out.Tags, true)) then return out.ARN end
  end,
  delete = function(r)
    local _, e = r:try("DeleteSecret", { SecretId = r.id, RecoveryWindowInDays = 7 })
    if e and e.code ~= "ResourceNotFoundException" and not (e.code == "InvalidRequestException"
      and e.message:match("deletion")) then
      error(e, 0)
    end
  end,
  seconds = { create = 1, delete = 1 },
}
