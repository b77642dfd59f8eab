--- csorun version
return {
  name = "version",
  help = "Show the version",
  run = function(_, _, ctx)
    ctx.out("csorun " .. require("cso.std.proc").version .. "\n")
    return 0
  end,
}
