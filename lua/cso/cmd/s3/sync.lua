--- csorun s3 sync FROM TO: copies what is missing, of another size, or older on the other side.
local compare = require "cso.cmd.s3.compare"
local crowd = require "cso.cmd.s3.crowd"
local err = require "cso.std.err"
local glob = require "cso.cmd.s3.glob"
local options = require "cso.cmd.s3.options"
local place = require "cso.cmd.s3.place"

local function usage(message)
  return err.new { code = "usage", class = "usage", message = message }
end

local function delete(client, to, extra, ctx)
  if to.bucket then
    for i, name in ipairs(extra) do extra[i] = to.key .. name end
    return require("cso.cmd.s3.rm").keys(client, to.bucket, extra, ctx)
  end
  local move = require "cso.cmd.s3.move"
  for _, name in ipairs(extra) do
    local path = place.below(to, name).path
    if not ctx.opts.dry_run then
      local ok, why = os.remove(path)
      if not ok then error(err.new { code = "file", class = "config", message = why }, 0) end
    end
    move.tell(ctx, "delete", path)
  end
end

local function fault(from, to)
  if not from.bucket and not to.bucket or from.bucket == "" or to.bucket == "" then
    return usage("sync needs s3://BUCKET/PREFIX on at least one side")
  end
  if from.standard or to.standard then return usage("sync takes directories and prefixes, not -") end
  -- A mistyped source must not empty the target.
  if from.path and require("lfs").attributes(from.path, "mode") ~= "directory" then
    return usage(from.path .. " is no directory")
  end
end

-- Only what the filters let through is copied, and deleted.
local function filtered(items, takes)
  return function()
    for item in items do
      if takes(item.name) then return item end
    end
  end
end

return {
  name = "sync",
  help = "Make a directory or prefix like another",
  args = { { name = "FROM", complete = "file" }, { name = "TO", complete = "file" } },
  options = {
    { long = "delete", help = "delete what is only in TO" },
    { long = "size-only", help = "leave what has the same size, whatever its time" },
    { long = "exact-timestamps", help = "download what has another time, not only what is newer here" },
  },
  run = function(opts, args, ctx)
    local from, to = place.read(args[1]), place.read(args[2])
    local params, e = options.params(opts)
    e = e or fault(from, to)
    if not params or e then return nil, e end
    place.as_prefix(from)
    place.as_prefix(to)
    local client
    client, e = ctx.session:client("s3")
    if not client then return nil, e end
    local move, tree = require "cso.cmd.s3.move", require "cso.cmd.s3.tree"
    local takes, extra = glob.filter(opts.filters), {}
    local files = crowd.source(ctx)
    local changed = compare.walk(filtered(tree.items(client, from, files), takes), filtered(tree.items(client, to), takes),
      move.kind(from, to), opts, function(item)
        if opts.delete then extra[#extra + 1] = item.name end
      end)
    local code = crowd.run(ctx, changed, function(item, shared)
      return move.one(client, place.below(from, item.name), place.below(to, item.name), ctx, item.size, shared)
    end)
    -- Who interrupts wants nothing more to be done, least of all this.
    if code == require("cso.cmd.exit").codes.interrupted then return code end
    -- What could not be read here may be what the other side still has.
    if files.skipped > 0 and #extra > 0 then
      ctx:warn(err.new { code = "kept", class = "config", severity = "warning",
        message = ("nothing is deleted, because %d of %s could not be read"):format(files.skipped, place.name(from)) })
    else
      delete(client, to, extra, ctx)
    end
    return crowd.code(code, files)
  end,
}
