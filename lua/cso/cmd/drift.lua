--- csorun drift [PLAYBOOK]
local choices = require "cso.cmd.choices"

local function show_text(found, ctx)
  local change = require "cso.ui.change"
  if #found == 0 then
    ctx.out("No drift. The account is what was applied last.\n")
    return
  end
  for _, d in ipairs(found) do
    ctx.out(("  %s %s  %s\n"):format(d.gone and "-" or "~", d.address, d.gone and "is gone" or "was changed"))
    local lines = {}
    for _, c in ipairs(d.changes) do change.lines(c, "      ", ctx.paint, lines) end
    ctx.out(table.concat(lines, "\n") .. (#lines > 0 and "\n\n" or "\n"))
  end
  ctx.out(("%d of the stack's resources are not what was applied; csorun apply repairs them.\n"):format(#found))
end

return {
  name = "drift",
  help = "Show where the account is no longer what was applied",
  args = { { name = "PLAYBOOK", optional = true, complete = "file" } },
  options = { choices.stack },
  waits = true,
  run = function(opts, args, ctx)
    local exit = require "cso.cmd.exit"
    local stack = require "cso.cmd.stack"
    local name, e = stack.name(ctx, args[1], opts.stack)
    if not name then return nil, e end
    local store
    store, e = stack.open(ctx, name, {})
    if not store then return nil, e end
    local found
    found, e = require("cso.plan.drift").find { state = store, session = ctx.session, emit = ctx.emit, stack = name,
      sleep = ctx.sleep, now = ctx.now }
    if not found then return nil, e end
    if opts.json then
      local json, plainly = require "cso.std.json", require "cso.ui.plainly"
      for _, d in ipairs(found) do
        ctx.out(json.encode(plainly { type = "drift", address = d.address, resource_type = d.type, id = d.id, gone = d.gone,
          changes = json.array(d.changes) }) .. "\n")
      end
    else
      show_text(found, ctx)
    end
    return #found > 0 and exit.codes.changes or exit.codes.ok
  end,
}
