--- csorun state rebuild [PLAYBOOK]: a state from what the account says.
local function tell(ctx, found)
  local json = require "cso.std.json"
  if ctx.opts.json then
    for _, group in ipairs { { "rebuilt", found.records }, { "unmatched", found.lost }, { "ambiguous", found.odd } } do
      for _, one in ipairs(group[2]) do
        ctx.out(json.encode({ type = group[1], address = one.address, resource_type = one.type, id = one.id,
          reason = one.reason }, { sort = true }) .. "\n")
      end
    end
    return
  end
  local rows = {}
  for i, r in ipairs(found.records) do rows[i] = { r.address, r.type, r.id } end
  if #rows > 0 then ctx.out(require("cso.std.text").table({ "ADDRESS", "TYPE", "ID" }, rows, ctx.paint.bold)) end
  for _, one in ipairs(found.lost) do ctx.out(("  not found: %s: %s\n"):format(one.address, one.reason)) end
  for _, one in ipairs(found.odd) do
    ctx.out(("  not taken: %s %s (%s): %s\n"):format(one.address, one.id, one.type, one.reason))
  end
  for _, one in ipairs(found.refused) do ctx.out(("  not looked at: %s: %s\n"):format(one.type, one.reason)) end
end

-- A state file of its own, which is then pushed like any other.
local function write(path, found, ctx)
  local sealer, e = require("cso.cmd.encryption").of(ctx)
  if not sealer then return nil, e end
  local store
  store, e = require("cso.state").open { path = path, create = true, now = os.time, sealer = sealer }
  if not store then return nil, e end
  local run = store:begin_run { command = "state rebuild", who = ctx:who() }
  store:together(function()
    for _, record in ipairs(found.records) do store:put(record) end
  end)
  store:set_outputs(found.outputs)
  store:end_run(run, { counts = { adopt = #found.records }, failed = 0 })
  store:advance()
  store:close()
  return true
end

return function(opts, args, ctx)
  local err, fs, stack = require "cso.std.err", require "cso.std.fs", require "cso.cmd.stack"
  local file = args[1] or opts.playbook
  opts.playbook = file
  if not file and not opts.stack then
    return nil, err.new { code = "missing_argument", class = "usage", message = "rebuild the state of what?",
      hint = "csorun state rebuild PLAYBOOK; or --stack NAME, for what bears its tags alone" }
  end
  if opts.out and fs.stat(opts.out) then
    return nil, err.new { code = "exists", class = "usage", message = opts.out .. " is there already",
      hint = "name another file, or remove it" }
  end
  local name, program = stack.name(ctx, file, opts.stack)
  if not name then return nil, program end
  local found = require("cso.import.rebuild").run { program = file and program or nil, stack = name, session = ctx.session,
    types = require("cso.import").types(), region = ctx.session:region(), sleep = ctx.sleep, now = ctx.now,
    identity = function(target) return ctx.session:identity(target) end }
  tell(ctx, found)
  if #found.records == 0 then
    return nil, err.new { code = "nothing_found", class = "service", message = "nothing in the account is of stack " .. name,
      hint = "is it this account and region?" }
  end
  local path = opts.out or require("cso.state.file").private()
  local ok, e = write(path, found, ctx)
  local code = ok and 0 or nil
  if ok and not opts.out then
    code, e = require("cso.cmd.state.transfer").push({ force = opts.force }, { path }, ctx)
  elseif ok and not opts.json then
    ctx.out(("%s holds the rebuilt state; csorun state push %s puts it in the place of the present one\n"):format(path, path))
  end
  if not opts.out then require("cso.state.file").discard(path) end
  return code, e
end
