--- csorun login
return {
  name = "login",
  help = "Sign in to AWS IAM Identity Center for a profile",
  text = table.concat({
    "  csorun login --profile work",
    "Shows a code to be confirmed in a browser, on this machine or another. The token is kept in",
    "~/.aws/sso/cache, where the AWS CLI and the SDKs find it too.",
  }, "\n"),
  waits = true,
  run = function(_, _, ctx)
    local login, e = ctx.session:login(function(device)
      ctx.note(("Open %s\nand confirm the code %s\n"):format(device.address, device.code))
    end)
    if not login then return nil, e end
    local plain = { start_url = login.start_url, expires = os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(login.expires)),
      file = login.file }
    if ctx.opts.json then
      ctx.out(require("cso.std.json").encode(plain) .. "\n")
    else
      ctx.out(("Signed in to %s until %s\n"):format(plain.start_url, plain.expires))
    end
    return 0
  end,
}
