--- csorun unlock ID: ends the lock of a run that is surely dead.
local choices = require "cso.cmd.choices"

-- A local lock is the operating system's: it ended with its process. There is nothing to unlock, and
-- while the process lives there must not be.
local function unlock_local(ctx, path, id)
  local err = require "cso.std.err"
  local sealer, e = require("cso.cmd.encryption").of(ctx)
  if not sealer then return nil, e end
  local store
  store, e = require("cso.state").open { path = path, now = os.time, sealer = sealer }
  if not store then return nil, e end
  ctx:defer(function() store:close() end)
  local locked = store:is_locked()
  if locked == false then
    return false, ("%s is not locked; a local lock frees itself when its process ends."):format(path)
  end
  local held = store:holder() or {}
  if held.id ~= id then
    return nil, err.new { code = "wrong_lock", class = "usage", message = ("%s is locked, but not by %s"):format(path, id),
      hint = held.id and ("its lock id is %s"):format(held.id) or nil }
  end
  -- Its lock's file was removed, and nothing here says whether its process runs: who says the id knows that it does not.
  if locked == nil then
    store:forget_holder()
    return held
  end
  return nil, err.new { code = "locked", class = "locked",
    message = ("%s is locked by process %s, which runs"):format(path, tostring(held.pid or "?")),
    hint = "stop that process; its lock frees itself" }
end

return {
  name = "unlock",
  help = "End the lock of a run that died, by its id",
  args = { { name = "ID" } },
  options = { choices.stack, choices.playbook },
  waits = true,
  run = function(opts, args, ctx)
    local shared, stack = require "cso.cmd.shared", require "cso.cmd.stack"
    local name, e = stack.name(ctx, opts.playbook, opts.stack)
    if not name then return nil, e end
    local place, id = stack.path(ctx, name), args[1]
    local held, text
    if shared.is_one(place) then
      local objects
      objects, e = shared.objects(ctx, place)
      if not objects then return nil, e end
      held, e = require("cso.state.remote").unlock(objects, id)
      if held == false then text = place .. " is not locked." end
    else
      held, e = unlock_local(ctx, place, id)
      if held == false then text = e end
    end
    if held == nil then return nil, e end
    if opts.json then
      ctx.out(require("cso.std.json").encode { type = "unlock", state = place, id = id,
        unlocked = held and true or false } .. "\n")
    else
      ctx.out((text or ("%s is unlocked; it was locked by %s (%s). The next run goes on from what that one wrote down."):format(
        place, held.who or "somebody", held.command or "a run")) .. "\n")
    end
    return 0
  end,
}
