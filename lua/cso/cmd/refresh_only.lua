--- plan --refresh-only and apply --refresh-only: nothing in the account is changed; the state learns what is there.
local err = require "cso.std.err"
local exit = require "cso.cmd.exit"

local function refuse_mixture(opts)
  for _, name in ipairs { "target", "exclude", "replace", "out", "rehearse", "calls", "destroy" } do
    if opts[name] then
      return err.new { code = "bad_option", class = "usage",
        message = ("--refresh-only looks at the whole stack: --%s has no part in it"):format(name) }
    end
  end
  if opts.refresh == false then
    return err.new { code = "bad_option", class = "usage", message = "--refresh-only and --refresh=false leave nothing to do" }
  end
end

local function tell(ctx, found)
  if ctx.opts.json then
    local json, plainly = require "cso.std.json", require "cso.ui.plainly"
    for _, one in ipairs(found) do
      ctx.out(json.encode(plainly { type = "refreshed", address = one.address, resource_type = one.type, gone = one.gone,
        changes = json.array(one.changes), learned = one.learned }) .. "\n")
    end
    return
  end
  local change, lines = require "cso.ui.change", {}
  for _, one in ipairs(found) do
    lines[#lines + 1] = ("  %s  %s"):format(ctx.paint.bold(one.address), one.gone and ctx.paint.red("is gone: to be forgotten")
      or #one.changes > 0 and "was changed" or "has attributes that are other ones")
    for _, c in ipairs(one.changes) do change.lines(c, "      ", ctx.paint, lines) end
  end
  lines[#lines + 1] = #found == 0 and "Nothing to learn: the state is what is there."
    or "Nothing in the account would be changed."
  ctx.out(table.concat(lines, "\n") .. "\n")
end

---@param ctx cso.cmd.Context
---@param file string?   playbook; else --stack or the only one
---@param keep boolean   write it down
---@return integer? exit, cso.Err?
return function(ctx, file, keep)
  local looking, refreshed, stack = require "cso.plan.drift", require "cso.plan.refreshed", require "cso.cmd.stack"
  local wrong = refuse_mixture(ctx.opts)
  if wrong then return nil, wrong end
  local name, e = stack.name(ctx, file, ctx.opts.stack)
  if not name then return nil, e end
  local store, read
  store, e = stack.open(ctx, name, { lock = keep and "refresh" or nil })
  if not store then return nil, e end
  read, e = looking.look { state = store, session = ctx.session, emit = ctx.emit, stack = name, sleep = ctx.sleep,
    now = ctx.now }
  if not read then return nil, e end
  local found = refreshed.of(read)
  tell(ctx, found)
  if #found == 0 then return exit.codes.ok end
  if not keep then return ctx.opts.detailed_exitcode and exit.codes.changes or exit.codes.ok end
  local yes
  yes, e = require "cso.cmd.ask"(ctx, "Write this into the state?", "apply asks before it changes the state")
  if not yes then return e == nil and exit.codes.failed or nil, e end
  local run = store:begin_run { command = "refresh", who = ctx:who() }
  local n = refreshed.keep(store, read)
  store:end_run(run, { counts = { update = n }, failed = 0 })
  store:advance()
  if not ctx.opts.json then ctx.out(("%d records are what is there now.\n"):format(n)) end
  return exit.codes.ok
end
