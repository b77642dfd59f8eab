--- Options that several commands about a stack share.
return {
  stack = { long = "stack", value = "NAME", help = "the stack, when no playbook is named" },
  target = { long = "target", short = "t", value = "ADDRESS", many = true,
    help = "only this address and what it needs; * matches; may be repeated" },
  exclude = { long = "exclude", short = "x", value = "ADDRESS", many = true,
    help = "not this address, nor what needs it; * matches; may be repeated" },
  replace = { long = "replace", value = "ADDRESS", many = true,
    help = "make this address anew; may be repeated" },
  refresh = { long = "refresh", help = "read what is really there first (default; --refresh=false: don't)" },
  full = { long = "full", help = "show every property, however many things are created" },
  short = { long = "short", help = "show what is done to which address, without properties" },
  rehearse = { long = "rehearse",
    help = "let it run in a private simulator first, on what really exists; the account is only read" },
  accept_loss = { long = "accept-loss", help = "go on although some things come back without what they held" },
  auto_approve = { long = "auto-approve", short = "y", help = "don't ask" },
}
