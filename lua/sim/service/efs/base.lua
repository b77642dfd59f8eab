--- What EFS's handlers share: finding rows, states, endings.
local interface = require "sim.service.ec2.interface"

local base = {}

--- Ends the request; EFS repeats the code inside of the body.
function base.fail(ctx, code, message, more)
  local fields = { ErrorCode = code }
  for k, v in next, more or {} do fields[k] = v end
  ctx:fail(code, message, nil, fields)
end

local kinds = {
  FileSystem = { "FileSystemId", "FileSystemNotFound", "File system '%s' does not exist." },
  MountTarget = { "MountTargetId", "MountTargetNotFound", "Mount target '%s' does not exist." },
  AccessPoint = { "AccessPointId", "AccessPointNotFound", "AccessPoint '%s' does not exist." },
}

--- The row with an id or ARN.
---@param ctx sim.Context
---@param kind "FileSystem"|"MountTarget"|"AccessPoint"
---@param id string
---@return table
function base.need(ctx, kind, id)
  local row = ctx:table(kind):get(id:match("([^/]+)$"))
  if not row then base.fail(ctx, kinds[kind][2], kinds[kind][3]:format(id)) end
  return row
end

function base.save(ctx, kind, row) ctx:table(kind):put(row[kinds[kind][1]], row) end

--- A file system that takes changes now.
function base.available(ctx, id)
  local row = base.need(ctx, "FileSystem", id)
  local state = ctx:state(row)
  if state ~= "available" then
    base.fail(ctx, "IncorrectFileSystemLifeCycleState",
      ("None of the file system's life cycle states allow this: %s is %s."):format(row.FileSystemId, state))
  end
  return row
end

local function name_of(tags)
  for _, t in ipairs(tags or {}) do if t.Key == "Name" then return t.Value end end
end

--- A row as it is answered.
function base.view(ctx, row)
  local out = {}
  for k, v in next, row do out[k] = v end
  out.LifeCycleState = ctx:state(row)
  if row.FileSystemArn then
    out.Name = name_of(row.Tags)
    out.NumberOfMountTargets = #ctx:table("MountTarget"):by("FileSystemId", row.FileSystemId)
    out.SizeInBytes = { Value = 6144, ValueInIA = 0, ValueInStandard = 6144, ValueInArchive = 0 }
  elseif row.AccessPointArn then
    out.Name = name_of(row.Tags)
  end
  return out
end

--- One page in EFS's way; older lists have markers, newer ones tokens.
function base.page(ctx, rows, token, limit)
  local list = {}
  for i, row in ipairs(rows) do list[i] = base.view(ctx, row) end
  return ctx:page(list, token, limit, 100, "BadRequest")
end

--- What is left to do when a deletion is through (called by the clock).
---@param ctx sim.Context
---@param what { kind: string, id: string }
function base.finish(ctx, what)
  local row = ctx:table(what.kind):delete(what.id)
  if row and row._interface then interface.release(ctx:of("ec2"), row._interface) end
end

--- Deletes something that takes its time to go.
function base.remove(ctx, kind, row, seconds)
  if ctx:state(row) == "deleting" then return end
  ctx:phases(row, "deleting")
  base.save(ctx, kind, row)
  ctx:later(seconds, "sim.service.efs.base", "finish", { kind = kind, id = row[kinds[kind][1]] })
end

return base
