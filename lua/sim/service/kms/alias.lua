--- Aliases.
local base = require "sim.service.kms.base"

local alias = {}

local function check_name(ctx, name)
  if not name:match("^alias/[%w/_-]+$") then ctx:fail("InvalidAliasNameException",
    "Alias must start with the prefix \"alias/\".") end
  if name:match("^alias/aws/") then ctx:fail("NotAuthorizedException", "Aliases of AWS services can't be changed.") end
end

local function need(ctx, name)
  local row = ctx:table("Alias"):get(name)
  if not row then ctx:fail("NotFoundException", ("Alias %s is not found."):format(ctx:arn(name))) end
  return row
end

function alias.CreateAlias(ctx, input)
  check_name(ctx, input.AliasName)
  if input.TargetKeyId:match("alias/") then ctx:fail("ValidationException", "Aliases must refer to keys. Not aliases") end
  local key = base.alive(ctx, input.TargetKeyId)
  if ctx:table("Alias"):get(input.AliasName) then
    ctx:fail("AlreadyExistsException", ("An alias with the name %s already exists"):format(ctx:arn(input.AliasName)))
  end
  ctx:table("Alias"):put(input.AliasName, { AliasName = input.AliasName, AliasArn = ctx:arn(input.AliasName),
    TargetKeyId = key.KeyId, CreationDate = ctx.now, LastUpdatedDate = ctx.now })
  return {}
end

function alias.UpdateAlias(ctx, input)
  check_name(ctx, input.AliasName)
  local row, key = need(ctx, input.AliasName), base.alive(ctx, input.TargetKeyId)
  row.TargetKeyId, row.LastUpdatedDate = key.KeyId, ctx.now
  ctx:table("Alias"):put(input.AliasName, row)
  return {}
end

function alias.DeleteAlias(ctx, input)
  check_name(ctx, input.AliasName)
  need(ctx, input.AliasName)
  ctx:table("Alias"):delete(input.AliasName)
  return {}
end

function alias.ListAliases(ctx, input)
  local id = input.KeyId and base.need(ctx, input.KeyId).KeyId
  local list = ctx:table("Alias"):list(function(row) return not id or row.TargetKeyId == id end)
  table.sort(list, function(a, b) return a.AliasName < b.AliasName end)
  local page, marker = ctx:page(list, input.Marker, input.Limit, 50, "InvalidMarkerException")
  return { Aliases = page, NextMarker = marker, Truncated = marker ~= nil }
end

return alias
