--- csorun s3 rm s3://BUCKET/KEY
local err = require "cso.std.err"
local glob = require "cso.cmd.s3.glob"
local place = require "cso.cmd.s3.place"

local rm = {}

local MOST = 1000  -- what DeleteObjects takes at once

--- Deletes objects of a bucket; raises what goes wrong.
---@param client table
---@param bucket string
---@param keys string[]
---@param ctx cso.cmd.Context
function rm.keys(client, bucket, keys, ctx)
  local tell = require("cso.cmd.s3.move").tell
  for first = 1, #keys, MOST do
    local objects = {}
    for i = first, math.min(first + MOST - 1, #keys) do objects[#objects + 1] = { Key = keys[i] } end
    local kept = {}
    if not ctx.opts.dry_run then
      local output, e = client:call("DeleteObjects",
        { Bucket = bucket, Delete = { Objects = objects, Quiet = true } })
      if not output then error(e, 0) end
      for _, failed in ipairs(output.Errors or {}) do kept[failed.Key] = failed end
    end
    for _, object in ipairs(objects) do
      if not kept[object.Key] then tell(ctx, "delete", place.name { bucket = bucket, key = object.Key }) end
    end
    local _, failed = next(kept)
    if failed then
      error(err.new { code = failed.Code, class = "service",
        message = ("s3://%s/%s could not be deleted: %s"):format(
          bucket, failed.Key, failed.Message or failed.Code) }, 0)
    end
  end
end

rm.command = {
  name = "rm",
  help = "Delete objects",
  args = { { name = "S3-PLACE" } },
  run = function(opts, args, ctx)
    local at, e = place.remote(args[1], "s3 rm")
    if not at then return nil, e end
    if at.key == "" and not opts.recursive then
      return nil, err.new { code = "usage", class = "usage", message = args[1] .. " names no object",
        hint = "add --recursive for all objects of the bucket" }
    end
    local client
    client, e = ctx.session:client("s3")
    if not client then return nil, e end
    local takes = glob.filter(opts.filters)
    if not opts.recursive then
      rm.keys(client, at.bucket, takes(place.base(at.key)) and { at.key } or {}, ctx)
      return 0
    end
    -- What lies below log/ is meant, not logfile too.
    place.as_prefix(at)
    local keys = {}
    for object in require("cso.cmd.s3.tree").objects(client, at) do
      if takes(object.Key:sub(#at.key + 1)) then keys[#keys + 1] = object.Key end
      if #keys == MOST then
        rm.keys(client, at.bucket, keys, ctx)
        keys = {}
      end
    end
    rm.keys(client, at.bucket, keys, ctx)
    return 0
  end,
}

return rm
