--- csorun whoami
return {
  name = "whoami",
  help = "Show the account, the identity and the region that commands would use",
  waits = true,
  run = function(_, _, ctx)
    local identity, e = ctx.session:identity()
    if not identity then return nil, e end
    local plain = {
      account = identity.account or identity.Account, arn = identity.arn or identity.Arn,
      user = identity.user_id or identity.UserId, region = ctx.session:region(),
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
