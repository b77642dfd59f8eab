--- csorun whoami
return {
  name = "whoami",
  help = "Show the account, identity and region in use, and where the keys come from",
  waits = true,
  run = function(_, _, ctx)
    -- Whose keys these are every region knows: nobody has to choose one for the question.
    local identity, e = ctx.session:identity(not ctx.session:region() and { region = "us-east-1" } or nil)
    if not identity then return nil, e end
    local keys = ctx.session:credentials():get()
    local passed_over = {}
    for i, t in ipairs(keys and keys.tried or {}) do passed_over[i] = ("%s: %s"):format(t.source, t.why) end
    local plain = {
      account = identity.account or identity.Account, arn = identity.arn or identity.Arn,
      user = identity.user_id or identity.UserId, region = ctx.session:region(),
      credentials = keys and keys.source,
      expires = keys and keys.expires and os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(keys.expires)),
      passed_over = passed_over[1] and passed_over or nil,
      simulated = require("cso.cmd.account").is_simulated(ctx.opts) or nil,
    }
    if ctx.opts.json then
      ctx.out(require("cso.std.json").encode(plain) .. "\n")
    else
      ctx.out(table.concat(require("cso.ui.show").block(plain), "\n") .. "\n")
    end
    return 0
  end,
}
