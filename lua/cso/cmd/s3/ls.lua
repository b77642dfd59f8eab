--- csorun s3 ls [s3://BUCKET/PREFIX]
local err = require "cso.std.err"
local place = require "cso.cmd.s3.place"

local function when(time) return os.date("!%Y-%m-%d %H:%M:%S", math.floor(time)) end

local function show(ctx, rows)
  if ctx.opts.json then
    local json = require "cso.std.json"
    for _, row in ipairs(rows) do ctx.out(json.encode(row) .. "\n") end
    return
  end
  for _, row in ipairs(rows) do
    if row.prefix then
      ctx.out(("%19s %10s %s\n"):format("", "PRE", place.shown(row.prefix)))
    elseif row.key then
      ctx.out(("%s %10d %s\n"):format(when(row.time), row.size, place.shown(row.key)))
    else
      ctx.out(("%s %s\n"):format(when(row.time), row.bucket))
    end
  end
end

local function buckets(client)
  local rows = {}
  for page, e in client:pages("ListBuckets", {}) do
    if not page then return nil, e end
    for _, bucket in ipairs(page.Buckets or {}) do
      rows[#rows + 1] = { bucket = bucket.Name, time = bucket.CreationDate }
    end
  end
  return rows
end

return {
  name = "ls",
  help = "List buckets, or what lies under a prefix",
  args = { { name = "S3-PLACE", optional = true } },
  options = { { long = "recursive", help = "everything below, not only the next level" } },
  run = function(opts, args, ctx)
    local client, e = ctx.session:client("s3")
    if not client then return nil, e end
    local at = args[1] and args[1] ~= "s3://" and place.remote(args[1], "s3 ls")
    if not at then
      if args[1] and args[1] ~= "s3://" then return place.remote(args[1], "s3 ls") end
      local rows
      rows, e = buckets(client)
      if not rows then return nil, e end
      show(ctx, rows)
      return 0
    end
    local base = at.key:match("^(.*/)[^/]*$") or ""
    local found = false
    for page, fault in client:pages("ListObjectsV2", { Bucket = at.bucket,
      Prefix = at.key ~= "" and at.key or nil, Delimiter = not opts.recursive and "/" or nil }) do
      if not page then return nil, fault end
      local rows = {}
      for _, common in ipairs(page.CommonPrefixes or {}) do
        rows[#rows + 1] = { prefix = common.Prefix:sub(#base + 1) }
      end
      for _, object in ipairs(page.Contents or {}) do
        rows[#rows + 1] = { key = opts.recursive and object.Key or object.Key:sub(#base + 1),
          size = object.Size, time = object.LastModified }
      end
      found = found or #rows > 0
      show(ctx, rows)
    end
    if at.key ~= "" and not found then
      return nil, err.new { code = "NoSuchKey", class = "service", message = "nothing lies under " .. place.name(at) }
    end
    return 0
  end,
}
