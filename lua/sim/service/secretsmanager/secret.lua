--- Secrets with their versions, stages and recovery windows.
local hash = require "cso.std.hash"
local tagging = require "sim.help.tagging"

local secret = {}

local DAY = 86400

local function find(ctx, id)
  local secrets = ctx:table("Secret")
  local row = secrets:get(id) or secrets:one("Name", id)
  if not row and id:match("^arn:") then
    -- An ARN without its six random characters names the secret too.
    row = secrets:one("Name", id:match(":secret:(.+)$"))
  end
  if row and row._gone and row._gone <= ctx.now then
    secrets:delete(row.ARN)
    row = nil
  end
  return row
end

local function need(ctx, id, even_deleted)
  local row = find(ctx, id)
  if not row then ctx:fail("ResourceNotFoundException", "Secrets Manager can't find the specified secret.") end
  if row.DeletedDate and not even_deleted then
    ctx:fail("InvalidRequestException",
      "You can't perform this operation on the secret because it was marked for deletion.")
  end
  return row
end

local function save(ctx, row) ctx:table("Secret"):put(row.ARN, row) end

local function check_key(ctx, id)
  if id then require("sim.service.kms.base").alive(ctx:of("kms"), id) end
end

--- Puts a version in force; the one before becomes AWSPREVIOUS.
local function add_version(ctx, row, input, stages)
  local id = input.ClientRequestToken or ctx.ids:uuid()
  local known = row._versions[id]
  if known then
    if known.text ~= input.SecretString or known.blob ~= input.SecretBinary then
      ctx:fail("ResourceExistsException", "You can't use ClientRequestToken " .. id
        .. " because that value is already in use for a version of secret " .. row.ARN .. ".")
    end
    return id
  end
  if input.SecretString and #input.SecretString > 65536 then ctx:fail("InvalidParameterException",
    "The secret value is too long.") end
  local has = {}
  for _, s in ipairs(stages or { "AWSCURRENT" }) do has[s] = true end
  for _, v in pairs(row._versions) do
    if has.AWSCURRENT and v.stages.AWSCURRENT then
      for _, other in pairs(row._versions) do other.stages.AWSPREVIOUS = nil end
      v.stages.AWSPREVIOUS = true
    end
  end
  for _, v in pairs(row._versions) do
    for s in pairs(has) do v.stages[s] = nil end
  end
  row._versions[id] = { text = input.SecretString, blob = input.SecretBinary, stages = has, made = ctx.now }
  row.LastChangedDate = ctx.now
  return id
end

local function stage_list(v)
  local out = {}
  for s in pairs(v.stages) do out[#out + 1] = s end
  table.sort(out)
  return out
end

local function stages_of(row)
  local out = {}
  for id, v in pairs(row._versions) do
    if next(v.stages) then out[id] = stage_list(v) end
  end
  return next(out) and out or nil
end

function secret.CreateSecret(ctx, input)
  local twin = find(ctx, input.Name)
  if twin then
    if twin.DeletedDate then
      ctx:fail("InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for deletion.")
    end
    local v = input.ClientRequestToken and twin._versions[input.ClientRequestToken]
    if v and v.text == input.SecretString and v.blob == input.SecretBinary then
      return { ARN = twin.ARN, Name = twin.Name, VersionId = input.ClientRequestToken }
    end
    ctx:fail("ResourceExistsException", ("The operation failed because the secret %s already exists."):format(input.Name))
  end
  if not input.Name:match("^[%w/_+=.@-]+$") then
    ctx:fail("ValidationException",
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
  end
  check_key(ctx, input.KmsKeyId)
  local row = { ARN = ctx:arn("secret:" .. input.Name .. "-" .. ctx.ids:text(6)), Name = input.Name,
    Description = input.Description, KmsKeyId = input.KmsKeyId, Tags = input.Tags or {}, CreatedDate = ctx.now,
    LastChangedDate = ctx.now, _versions = {} }
  local id = (input.SecretString or input.SecretBinary) and add_version(ctx, row, input) or nil
  save(ctx, row)
  return { ARN = row.ARN, Name = row.Name, VersionId = id }
end

function secret.DescribeSecret(ctx, input)
  local row, out = need(ctx, input.SecretId, true), {}
  for k, v in pairs(row) do out[k] = v end
  out.VersionIdsToStages = stages_of(row)
  return out
end

function secret.GetSecretValue(ctx, input)
  local row = need(ctx, input.SecretId)
  for id, v in pairs(row._versions) do
    local stage = input.VersionStage or not input.VersionId and "AWSCURRENT"
    if (input.VersionId or id) == id and (not stage or v.stages[stage]) then
      return { ARN = row.ARN, Name = row.Name, VersionId = id, SecretString = v.text, SecretBinary = v.blob,
        VersionStages = stage_list(v), CreatedDate = v.made }
    end
  end
  ctx:fail("ResourceNotFoundException", ("Secrets Manager can't find the specified secret value for staging label: %s"):format(
    input.VersionStage or "AWSCURRENT"))
end

function secret.PutSecretValue(ctx, input)
  local row = need(ctx, input.SecretId)
  local id = add_version(ctx, row, input, input.VersionStages)
  save(ctx, row)
  return { ARN = row.ARN, Name = row.Name, VersionId = id, VersionStages = stage_list(row._versions[id]) }
end

local function version_of(ctx, row, id)
  local v = row._versions[id]
  if not v then ctx:fail("InvalidParameterException", "Not a valid version: " .. id) end
  return v
end

--- Moves a label. The current one never goes without another version getting it, and leaves AWSPREVIOUS behind.
function secret.UpdateSecretVersionStage(ctx, input)
  local row, stage = need(ctx, input.SecretId), input.VersionStage
  local from, to = input.RemoveFromVersionId, input.MoveToVersionId
  local holder
  for id, v in pairs(row._versions) do
    if v.stages[stage] then holder = id end
  end
  if holder and holder ~= to and from == nil then
    ctx:fail("InvalidParameterException", ("The parameter RemoveFromVersionId can't be empty. Staging label %s is currently "
      .. "attached to version %s, so you must explicitly reference that version in RemoveFromVersionId."):format(stage, holder))
  end
  if from and not version_of(ctx, row, from).stages[stage] then
    ctx:fail("InvalidParameterException", ("Staging label %s is not attached to version %s."):format(stage, from))
  end
  if stage == "AWSCURRENT" and not to then
    ctx:fail("InvalidParameterException", "You can only move staging label AWSCURRENT to a different secret version. "
      .. "It can't be completely removed.")
  end
  if to then version_of(ctx, row, to) end
  if from then row._versions[from].stages[stage] = nil end
  if to then row._versions[to].stages[stage] = true end
  if stage == "AWSCURRENT" and from and from ~= to then
    for _, v in pairs(row._versions) do v.stages.AWSPREVIOUS = nil end
    row._versions[from].stages.AWSPREVIOUS = true
  end
  row.LastChangedDate = ctx.now
  save(ctx, row)
  return { ARN = row.ARN, Name = row.Name }
end

function secret.UpdateSecret(ctx, input)
  local row = need(ctx, input.SecretId)
  check_key(ctx, input.KmsKeyId)
  if input.Description then row.Description = input.Description end
  if input.KmsKeyId then row.KmsKeyId = input.KmsKeyId end
  local id = (input.SecretString or input.SecretBinary) and add_version(ctx, row, input) or nil
  row.LastChangedDate = ctx.now
  save(ctx, row)
  return { ARN = row.ARN, Name = row.Name, VersionId = id }
end

function secret.DeleteSecret(ctx, input)
  local days = input.RecoveryWindowInDays
  if input.ForceDeleteWithoutRecovery and days then
    ctx:fail("InvalidParameterException", "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
  end
  if days and (days < 7 or days > 30) then
    ctx:fail("InvalidParameterException", "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
  end
  local row = need(ctx, input.SecretId)
  row.DeletedDate = ctx.now + (input.ForceDeleteWithoutRecovery and 0 or (days or 30) * DAY)
  if input.ForceDeleteWithoutRecovery then
    ctx:table("Secret"):delete(row.ARN)
  else
    row._gone = row.DeletedDate
    save(ctx, row)
  end
  return { ARN = row.ARN, Name = row.Name, DeletionDate = row.DeletedDate }
end

function secret.RestoreSecret(ctx, input)
  local row = need(ctx, input.SecretId, true)
  row.DeletedDate, row._gone = nil, nil
  save(ctx, row)
  return { ARN = row.ARN, Name = row.Name }
end

function secret.ListSecrets(ctx, input)
  local list = ctx:table("Secret"):list(function(row) return not row.DeletedDate or input.IncludePlannedDeletion end)
  table.sort(list, function(a, b) return a.Name < b.Name end)
  local out = {}
  for _, row in ipairs(list) do
    local keep = true
    for _, f in ipairs(input.Filters or {}) do
      if f.Key == "name" then
        local any
        for _, v in ipairs(f.Values or {}) do
          if row.Name:sub(1, #v) == v then any = true end
        end
        keep = keep and any
      end
    end
    if keep then
      local copy = {}
      for k, v in pairs(row) do copy[k] = v end
      copy.SecretVersionsToStages = stages_of(row)
      out[#out + 1] = copy
    end
  end
  local page, token = ctx:page(out, input.NextToken, input.MaxResults, 100, "InvalidNextTokenException")
  return { SecretList = page, NextToken = token }
end

function secret.ListSecretVersionIds(ctx, input)
  local row, list = need(ctx, input.SecretId, true), {}
  for id, v in pairs(row._versions) do
    if next(v.stages) or input.IncludeDeprecated then
      list[#list + 1] = { VersionId = id, VersionStages = stage_list(v), CreatedDate = v.made }
    end
  end
  table.sort(list, function(a, b) return a.VersionId < b.VersionId end)
  return { ARN = row.ARN, Name = row.Name, Versions = list }
end

secret.TagResource, secret.UntagResource = tagging { at = "Tags", save = save, rule = { code = "InvalidParameterException" },
  find = function(ctx, input) return need(ctx, input.SecretId) end }

function secret.GetResourcePolicy(ctx, input)
  local row = need(ctx, input.SecretId)
  return { ARN = row.ARN, Name = row.Name, ResourcePolicy = row._policy }
end

function secret.PutResourcePolicy(ctx, input)
  local row = need(ctx, input.SecretId)
  row._policy = input.ResourcePolicy
  save(ctx, row)
  return { ARN = row.ARN, Name = row.Name }
end

function secret.DeleteResourcePolicy(ctx, input)
  local row = need(ctx, input.SecretId)
  row._policy = nil
  save(ctx, row)
  return { ARN = row.ARN, Name = row.Name }
end

local classes = { { "ExcludeLowercase", "abcdefghijklmnopqrstuvwxyz" }, { "ExcludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
  { "ExcludeNumbers", "0123456789" }, { "ExcludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" } }

function secret.GetRandomPassword(ctx, input)
  local all, sets = "", {}
  local exclude = input.ExcludeCharacters or ""
  for _, class in ipairs(classes) do
    if not input[class[1]] then
      local left = class[2]:gsub(".", function(c) return exclude:find(c, 1, true) and "" or c end)
      if left ~= "" then
        sets[#sets + 1] = left
        all = all .. left
      end
    end
  end
  if input.IncludeSpace then all = all .. " " end
  if all == "" then ctx:fail("InvalidParameterException", "No characters are left to choose from.") end
  local out, length = {}, input.PasswordLength or 32
  for i = 1, length do
    local set = input.RequireEachIncludedType ~= false and sets[i] or all
    local at = hash.random(1):byte() % #set + 1
    out[i] = set:sub(at, at)
  end
  return { RandomPassword = table.concat(out) }
end

return secret
