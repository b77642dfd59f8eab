--- Access points: a directory and a user of a file system.
local base = require "sim.service.efs.base"
local tags = require "sim.help.tags"

local accesspoint = {}

function accesspoint.CreateAccessPoint(ctx, input)
  local twin = ctx:table("AccessPoint"):one("ClientToken", input.ClientToken)
  if twin then
    base.fail(ctx, "AccessPointAlreadyExists",
      ("Access point '%s' already exists with this client token."):format(twin.AccessPointId),
      { AccessPointId = twin.AccessPointId })
  end
  local fs = base.available(ctx, input.FileSystemId)
  local root = input.RootDirectory or { Path = "/" }
  local path = root.Path or "/"
  if path:sub(1, 1) ~= "/" then base.fail(ctx, "BadRequest", "The path of the root directory must begin with '/'.") end
  local id = ctx.ids:ec2("fsap")
  local row = ctx:phases({ ClientToken = input.ClientToken, AccessPointId = id, AccessPointArn = ctx:arn("access-point/" .. id),
    FileSystemId = fs.FileSystemId, PosixUser = input.PosixUser, OwnerId = ctx.account,
    RootDirectory = { Path = path, CreationInfo = root.CreationInfo },
    Tags = tags.check(ctx, input.Tags, { code = "BadRequest" }) }, "creating", 3, "available")
  base.save(ctx, "AccessPoint", row)
  return base.view(ctx, row)
end

function accesspoint.DescribeAccessPoints(ctx, input)
  local rows
  if input.AccessPointId then
    rows = { base.need(ctx, "AccessPoint", input.AccessPointId) }
  elseif input.FileSystemId then
    rows = ctx:table("AccessPoint"):by("FileSystemId", base.need(ctx, "FileSystem", input.FileSystemId).FileSystemId)
  else
    rows = ctx:table("AccessPoint"):list()
  end
  local page, token = base.page(ctx, rows, input.NextToken, input.MaxResults)
  return { AccessPoints = page, NextToken = token }
end

function accesspoint.DeleteAccessPoint(ctx, input)
  base.remove(ctx, "AccessPoint", base.need(ctx, "AccessPoint", input.AccessPointId), 3)
  return {}
end

return accesspoint
