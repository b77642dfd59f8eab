--- States that teams share: s3://BUCKET/KEY, reached with the command's own session.
local err = require "cso.std.err"

local shared = {}

--- True when a place is in S3.
---@param place string
---@return boolean
function shared.is_one(place) return place:match "^[sS]3://" ~= nil end

--- Takes a place apart. `?region=` and `&profile=` say where the bucket is, when not where the stack is.
---@param place string
---@return { bucket: string, key: string, region: string?, profile: string? }? parts, cso.Err?
function shared.parse(place)
  local path, query = place:match "^[sS]3://([^?]*)%??(.*)$"
  local bucket, key = (path or ""):match "^([%w.-]+)/(.+)$"
  if not bucket or key:match "/$" then
    return nil, err.new { code = "state_place", class = "usage", message = place .. " names no state",
      hint = "s3://BUCKET/KEY, for instance s3://team-state/portal.db" }
  end
  local parts = { bucket = bucket, key = key }
  for name, v in query:gmatch "([^&=]+)=([^&]*)" do
    if name ~= "region" and name ~= "profile" then
      return nil, err.new { code = "state_place", class = "usage", message = ("%s: there is no setting %s"):format(place, name),
        hint = "region and profile are" }
    end
    parts[name] = v
  end
  return parts
end

--- The objects of a state.
---@param ctx cso.cmd.Context
---@param place string
---@return cso.state.Objects?, cso.Err?
function shared.objects(ctx, place)
  local parts, e = shared.parse(place)
  if not parts then return nil, e end
  local sealer
  sealer, e = require("cso.cmd.encryption").of(ctx)
  if not sealer then return nil, e end
  local client
  client, e = ctx.session:client("s3", { region = parts.region, profile = parts.profile })
  if not client then return nil, e end
  return require("cso.state.remote.objects").new(client, parts, os.time, sealer)
end

--- Where the working copy of a place lies: two places never share one.
---@param ctx cso.cmd.Context
---@param place string
---@return string
function shared.work_path(ctx, place)
  local hash = require "cso.std.hash"
  local name = place:match "([^/]+)$":gsub("%.db$", ""):gsub("[^%w%-_%.]", "_"):sub(1, 60)
  local simulated = require("cso.cmd.account").is_simulated(ctx.opts)
  return ("%s/remote/%s%s-%s.db"):format(ctx.dir, simulated and "sim-" or "", name,
    hash.sha256_hex(place .. "\0" .. (ctx.opts.endpoint_url or ctx.environ.AWS_ENDPOINT_URL or "")):sub(1, 8))
end

--- Takes a shared state; whoever does saves and closes it.
---@param ctx cso.cmd.Context
---@param objects cso.state.Objects
---@param place string
---@param opts { create: boolean?, mend: boolean?, lock: string, now: fun(): number }
---@return cso.Store?, cso.Err?
local function take(ctx, objects, place, opts)
  return require("cso.state.remote").take { store = objects, work = shared.work_path(ctx, place), create = opts.create,
    mend = opts.mend, now = opts.now, wall = os.time, steady = require("cso.task").now,
    who = ctx:who(), host = require("luv").os_gethostname(), pid = require("cso.std.proc").pid(), command = opts.lock,
    note = ctx.note }
end

--- Has a look at a shared state as its only user, so that nothing of a run that died is still to come.
---@param ctx cso.cmd.Context
---@param place string
---@param command string
---@param fn fun(store: cso.Store): any
---@return any result   nil when there is no such state
---@return cso.Err?
function shared.alone(ctx, place, command, fn)
  local objects, e = shared.objects(ctx, place)
  if not objects then return nil, e end
  local store
  store, e = take(ctx, objects, place, { lock = command, now = os.time })
  if not store then return nil, e end
  local result = fn(store)
  local ok
  ok, e = store:finish()
  store:close()
  if not ok then return nil, e end
  return result
end

--- Opens a shared state; it is saved, given back and closed with the command.
---@param ctx cso.cmd.Context
---@param place string
---@param opts { create: boolean?, lock: string?, now: fun(): number }
---@return cso.Store?, cso.Err?
function shared.open(ctx, place, opts)
  local remote, task = require "cso.state.remote", require "cso.task"
  local objects, e = shared.objects(ctx, place)
  if not objects then return nil, e end
  if not opts.lock then
    local store
    store, e = remote.read { store = objects, work = shared.work_path(ctx, place), now = opts.now }
    if store then ctx:defer(function() store:close() end) end
    return store, e
  end
  -- A process that is simply gone would leave its lock in the bucket; so would one that is interrupted while
  -- it takes it.
  require("cso.cmd.stop").in_order(ctx)
  local store
  task.shield(function()
    store, e = take(ctx, objects, place, opts)
    if not store then return end
    -- Opened beside a command that has been interrupted meanwhile, it has nobody else to close it.
    if rawget(ctx, "closed") then return store:close() end
    ctx:defer(function() store:close() end)
    ctx:at_end(function() return store:finish() end)
  end)
  if not store then return nil, e end
  local tender = task.spawn(function() store:tend(task.sleep) end)
  ctx:defer(function() tender:cancel "the command has ended" end)
  return store
end

return shared
