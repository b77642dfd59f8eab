-- Somebody deleted one of two secrets that keep a password: a repair took no value for it from the other one.
return { seed = 500, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "password", n = 1, uses = {} },
    { verb = "add", kind = "secret", n = 2, uses = { password = 1 } },
    { verb = "add", kind = "secret", n = 3, uses = { password = 1 } } } },
  { kills = {}, edits = { { verb = "gone", n = 2 } }, drift = { repair = true, kills = {} } },
} }
