--- csorun s3 cp FROM TO
local err = require "cso.std.err"
local place = require "cso.cmd.s3.place"

local function usage(message, hint)
  return nil, err.new { code = "usage", class = "usage", message = message, hint = hint }
end

local function is_directory(path)
  return path:find("/$") ~= nil or require("lfs").attributes(path, "mode") == "directory"
end

-- Where a single thing goes: into a directory or prefix under its own name.
local function target_of(from, to)
  local name = place.base(from.path or from.key)
  if to.path then
    if is_directory(to.path) then return { path = (to.path:gsub("/+$", "")) .. "/" .. name } end
    return to
  end
  if to.key == "" or to.key:find("/$") then return { bucket = to.bucket, key = to.key .. name } end
  return to
end

local function below(at, name)
  if at.path then
    local path, e = place.under(at.path, name)
    if not path then error(e, 0) end
    return { path = path }
  end
  return { bucket = at.bucket, key = at.key .. name }
end

local function as_prefix(at)
  if at.bucket and at.key ~= "" and not at.key:find("/$") then at.key = at.key .. "/" end
  return at
end

return {
  name = "cp",
  help = "Copy files and objects: to S3, from S3 or within it",
  args = { { name = "FROM", complete = "file" }, { name = "TO", complete = "file" } },
  below = below, as_prefix = as_prefix,
  run = function(opts, args, ctx)
    local from, to = place.read(args[1]), place.read(args[2])
    if from.path and to.path then
      return usage("both places are paths", "one of them has to be s3://BUCKET/KEY")
    end
    for _, p in ipairs { from, to } do
      if p.bucket == "" then return usage("s3:// without a bucket", "write s3://BUCKET/KEY") end
    end
    local client, e = ctx.session:client("s3")
    if not client then return nil, e end
    local move, tree = require "cso.cmd.s3.move", require "cso.cmd.s3.tree"
    if opts.recursive then
      as_prefix(from)
      as_prefix(to)
      local items = from.path and tree.files(from.path) or tree.remote(client, from)
      for _, item in ipairs(items) do
        move.one(client, below(from, item.name), below(to, item.name), ctx, item.size)
      end
      return 0
    end
    if from.path and require("lfs").attributes(from.path, "mode") == "directory" then
      return usage(from.path .. " is a directory", "add --recursive")
    end
    if from.bucket and (from.key == "" or from.key:find("/$")) then
      return usage(args[1] .. " names no object", "add --recursive for all below it")
    end
    local size = from.path and require("lfs").attributes(from.path, "size")
    move.one(client, from, target_of(from, to), ctx, size)
    return 0
  end,
}
