--- csorun s3 cp FROM TO
local crowd = require "cso.cmd.s3.crowd"
local err = require "cso.std.err"
local glob = require "cso.cmd.s3.glob"
local options = require "cso.cmd.s3.options"
local place = require "cso.cmd.s3.place"

local function usage(message, hint)
  return err.new { code = "usage", class = "usage", message = message, hint = hint }
end

local function mode(path) return require("lfs").attributes(path, "mode") end

-- Where a single thing goes: into a directory or prefix under its own name.
local function target_of(from, to)
  if to.standard then return to end
  local name = from.standard and "-" or place.base(from.path or from.key)
  if to.path then
    if to.path:find("/$") or mode(to.path) == "directory" then return place.below(to, name) end
    return to
  end
  if to.key == "" or to.key:find("/$") then return { bucket = to.bucket, key = to.key .. name } end
  return to
end

local function fault(from, to, opts)
  if not from.bucket and not to.bucket then
    return usage("both places are paths", "one of them has to be s3://BUCKET/KEY")
  end
  if from.bucket == "" or to.bucket == "" then
    return usage("s3:// without a bucket", "write s3://BUCKET/KEY")
  end
  if opts.recursive then
    if from.standard or to.standard then
      return usage("- is one stream", "leave --recursive out, or name a directory")
    end
    if from.path and mode(from.path) ~= "directory" then return usage(from.path .. " is no directory") end
    return nil
  end
  if from.path and not mode(from.path) then return usage(from.path .. " does not exist") end
  if from.path and mode(from.path) == "directory" then
    return usage(from.path .. " is a directory", "add --recursive")
  end
  if from.bucket and (from.key == "" or from.key:find("/$")) then
    return usage(place.name(from) .. " names no object", "add --recursive for all below it")
  end
  if from.standard and (to.key == "" or to.key:find("/$")) then
    return usage(place.name(to) .. " names no object", "standard input has no name of its own")
  end
end

-- One thing, or what lies below a place: { from, to, size }.
local function pairs_of(client, from, to, opts, source)
  local takes = glob.filter(opts.filters)
  if not opts.recursive then
    local name = from.standard and "-" or place.base(from.path or from.key)
    local done = not takes(name)
    return function()
      if done then return nil end
      done = true
      return { from, target_of(from, to), from.path and require("lfs").attributes(from.path, "size") }
    end
  end
  local items = require("cso.cmd.s3.tree").items(client, from, source)
  return function()
    for item in items do
      if takes(item.name) then return { from, to, item.size, item.name } end
    end
  end
end

return {
  name = "cp",
  help = "Copy files and objects: to S3, from S3 or within it",
  args = { { name = "FROM", complete = "file" }, { name = "TO", complete = "file" } },
  run = function(opts, args, ctx)
    local from, to = place.read(args[1]), place.read(args[2])
    local params, e = options.params(opts)
    e = e or fault(from, to, opts)
    if not params or e then return nil, e end
    local client
    client, e = ctx.session:client("s3")
    if not client then return nil, e end
    local move = require "cso.cmd.s3.move"
    if opts.recursive then
      place.as_prefix(from)
      place.as_prefix(to)
    end
    local files = crowd.source(ctx)
    return crowd.code(crowd.run(ctx, pairs_of(client, from, to, opts, files), function(pair, shared)
      local source, target, size, name = table.unpack(pair, 1, 4)
      if name then source, target = place.below(source, name), place.below(target, name) end
      return move.one(client, source, target, ctx, size, shared)
    end), files)
  end,
}
