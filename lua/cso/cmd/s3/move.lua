--- One file or object from a place to another, and the line that tells of it.
local place = require "cso.cmd.s3.place"
local transfer = require "cso.aws.transfer"
local tree = require "cso.cmd.s3.tree"

local move = {}

local function text_of(bytes)
  if bytes < 1024 then return ("%d B"):format(bytes) end
  if bytes < 1024 * 1024 then return ("%.1f KiB"):format(bytes / 1024) end
  return ("%.1f MiB"):format(bytes / 1024 / 1024)
end

move.size = text_of

-- The words of the command line that describe what is written.
local function described(ctx, path)
  local opts = ctx.opts
  return {
    ContentType = opts.content_type or path and place.content_type(path) or nil,
    StorageClass = opts.storage_class, ServerSideEncryption = opts.sse, SSEKMSKeyId = opts.sse_kms_key_id,
    ACL = opts.acl, IfNoneMatch = opts.no_overwrite and "*" or nil,
  }
end

local function copy(client, from, to, ctx)
  local params = described(ctx)
  params.Bucket, params.Key = to.bucket, to.key
  params.CopySource = from.bucket .. "/" .. from.key:gsub("[^%w%-%._~/]", function(c)
    return ("%%%02X"):format(c:byte())
  end)
  params.IfNoneMatch = nil
  return client:call("CopyObject", params)
end


local function kind_of(from, to)
  if from.path then return "upload" end
  return to.path and "download" or "copy"
end

--- Moves; raises what goes wrong.
---@param client table
---@param from table
---@param to table
---@param ctx cso.cmd.Context
---@param size integer?
function move.one(client, from, to, ctx, size)
  local kind = kind_of(from, to)
  local line = ("%s: %s to %s"):format(kind, place.name(from), place.name(to))
  if ctx.opts.dry_run then
    ctx.out("(dry run) " .. line .. "\n")
    return
  end
  local done, shown = 0, ctx.is_terminal(2) and size and size > 32 * 1024 * 1024
  local function progress(bytes)
    done = done + bytes
    if shown then ctx.note(("\r\27[K%s of %s"):format(text_of(done), text_of(size))) end
  end
  local ok, e
  if kind == "upload" then
    ok, e = transfer.upload(client, { file = from.path, bucket = to.bucket, key = to.key,
      params = described(ctx, from.path), progress = progress })
  elseif kind == "download" then
    tree.make_room(to.path)
    ok, e = transfer.download(client, { bucket = from.bucket, key = from.key, file = to.path,
      progress = progress })
    -- With the object's own time a later sync sees that nothing changed.
    if ok and ok.LastModified then require("lfs").touch(to.path, math.floor(ok.LastModified)) end
  else
    ok, e = copy(client, from, to, ctx)
  end
  if shown then ctx.note("\r\27[K") end
  if not ok then error(e, 0) end
  if not ctx.opts.quiet then ctx.out(line .. "\n") end
end

return move
