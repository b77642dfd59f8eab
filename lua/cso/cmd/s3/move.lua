--- One file or object from a place to another, and the line that tells of it.
local err = require "cso.std.err"
local options = require "cso.cmd.s3.options"
local place = require "cso.cmd.s3.place"
local standard = require "cso.cmd.s3.standard"
local transfer = require "cso.aws.transfer"
local tree = require "cso.cmd.s3.tree"

local move = {}

--- A line about what was done, or would be, as text or JSON.
---@param ctx cso.cmd.Context
---@param kind string  upload, download, copy, delete
---@param from string
---@param to string?
---@param size integer?
function move.tell(ctx, kind, from, to, size)
  local opts = ctx.opts
  if opts.json then
    ctx.out(require("cso.std.json").encode({ action = kind, from = from, to = to, size = size,
      dry_run = opts.dry_run or nil }, { sort = true }) .. "\n")
  elseif opts.dry_run or not opts.quiet then
    ctx.out(("%s%s: %s%s\n"):format(opts.dry_run and "(dry run) " or "", kind, place.shown(from),
      to and " to " .. place.shown(to) or ""))
  end
end

local function params_of(ctx, path)
  local params, e, content = options.params(ctx.opts)
  if not params then error(e, 0) end
  if path and not params.ContentType then params.ContentType = place.content_type(path) end
  return params, content
end

local kinds = {}

function kinds.upload(client, from, to, ctx, o)
  o.file, o.read = from.path, from.standard and standard.reader() or nil
  o.expected = from.standard and ctx.opts.expected_size or nil
  o.bucket, o.key, o.params = to.bucket, to.key, params_of(ctx, from.path)
  return transfer.upload(client, o)
end

function kinds.download(client, from, to, _, o)
  o.bucket, o.key, o.file = from.bucket, from.key, to.path
  if to.standard then
    o.write = standard.writer()
    return transfer.stream(client, o)
  end
  tree.make_room(to.path)
  if to.path:find("/$") or require("lfs").attributes(to.path, "mode") == "directory" then
    error(err.new { code = "file", class = "config", message = to.path .. " is a directory, not a place for an object" }, 0)
  end
  local head, e = transfer.download(client, o)
  -- With the object's own time a later sync sees that nothing changed.
  if head and head.LastModified then require("lfs").touch(to.path, math.floor(head.LastModified)) end
  return head, e
end

function kinds.copy(client, from, to, ctx, o)
  local params, content = params_of(ctx)
  if content then params.MetadataDirective = "REPLACE" end
  o.from, o.bucket, o.key, o.params = from, to.bucket, to.key, params
  return transfer.copy(client, o)
end

--- Which way a thing goes.
---@param from table
---@param to table
---@return "upload"|"download"|"copy"
function move.kind(from, to)
  if not from.bucket then return "upload" end
  return to.bucket and "copy" or "download"
end

--- Moves; raises what goes wrong.
---@param client table
---@param from table
---@param to table
---@param ctx cso.cmd.Context
---@param size integer?
---@param shared { gate: cso.task.Semaphore?, progress: fun(bytes: integer)? }
---@return fun() tell  says that it was done
function move.one(client, from, to, ctx, size, shared)
  local kind = move.kind(from, to)
  if not ctx.opts.dry_run then
    local ok, e = kinds[kind](client, from, to, ctx, { size = size, progress = shared.progress, gate = shared.gate })
    if not ok then error(e, 0) end
  end
  return function()
    -- The content itself is what standard output is for.
    if not to.standard then move.tell(ctx, kind, place.name(from), place.name(to), size) end
  end
end

return move
