--- csorun s3 sync FROM TO: copies what is missing, of another size, or older on the other side.
local cp = require "cso.cmd.s3.cp"
local err = require "cso.std.err"
local place = require "cso.cmd.s3.place"

local sync = {}

--- What has to be copied and, on the other side, what has no counterpart. Pure.
---@param from cso.cmd.s3.Item[]
---@param to cso.cmd.s3.Item[]
---@return cso.cmd.s3.Item[] copy
---@return cso.cmd.s3.Item[] extra
function sync.compare(from, to)
  local there, here, copy, extra = {}, {}, {}, {}
  for _, item in ipairs(to) do there[item.name] = item end
  for _, item in ipairs(from) do
    here[item.name] = true
    local other = there[item.name]
    if not other or other.size ~= item.size or math.floor(other.time) < math.floor(item.time) then
      copy[#copy + 1] = item
    end
  end
  for _, item in ipairs(to) do
    if not here[item.name] then extra[#extra + 1] = item end
  end
  return copy, extra
end

local function items(client, at)
  local tree = require "cso.cmd.s3.tree"
  return at.path and tree.files(at.path) or tree.remote(client, at)
end

local function delete(client, to, extra, ctx)
  if to.bucket then
    local keys = {}
    for i, item in ipairs(extra) do keys[i] = to.key .. item.name end
    return require("cso.cmd.s3.rm").keys(client, to.bucket, keys, ctx)
  end
  for _, item in ipairs(extra) do
    local path = cp.below(to, item.name).path
    ctx.out(("%sdelete: %s\n"):format(ctx.opts.dry_run and "(dry run) " or "", path))
    if not ctx.opts.dry_run then
      local ok, why = os.remove(path)
      if not ok then error(err.new { code = "file", class = "config", message = why }, 0) end
    end
  end
end

sync.command = {
  name = "sync",
  help = "Make a directory or prefix like another",
  args = { { name = "FROM", complete = "file" }, { name = "TO", complete = "file" } },
  options = { { long = "delete", help = "delete what is only in TO" } },
  run = function(opts, args, ctx)
    local from, to = place.read(args[1]), place.read(args[2])
    if from.path and to.path or from.bucket == "" or to.bucket == "" then
      return nil, err.new { code = "usage", class = "usage",
        message = "sync needs s3://BUCKET/PREFIX on at least one side" }
    end
    -- A mistyped source must not empty the target.
    if from.path and require("lfs").attributes(from.path, "mode") ~= "directory" then
      return nil, err.new { code = "usage", class = "usage", message = from.path .. " is no directory" }
    end
    cp.as_prefix(from)
    cp.as_prefix(to)
    local client, e = ctx.session:client("s3")
    if not client then return nil, e end
    local copy, extra = sync.compare(items(client, from), items(client, to))
    local move = require "cso.cmd.s3.move"
    for _, item in ipairs(copy) do
      move.one(client, cp.below(from, item.name), cp.below(to, item.name), ctx, item.size)
    end
    if opts.delete then delete(client, to, extra, ctx) end
    return 0
  end,
}

return sync
