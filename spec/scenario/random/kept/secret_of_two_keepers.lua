-- Two secrets kept one password and somebody deleted one of them: the password was asked for where it was
-- gone, and not where it still was.
return { seed = 99, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "password", n = 1, uses = {} },
    { verb = "add", kind = "secret", n = 2, uses = { password = 1 } },
    { verb = "add", kind = "secret", n = 3, uses = { password = 1 } } } },
  { kills = {}, edits = { { verb = "gone", n = 2 } } },
  { kills = {}, edits = { { verb = "gone", n = 3 } } },
} }
