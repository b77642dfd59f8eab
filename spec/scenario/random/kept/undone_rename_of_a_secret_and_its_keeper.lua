-- A password and the secret that keeps it were renamed, and that was undone: the secret was taken from what its
-- maker was called meanwhile, and the state forgot that it holds one.
return { seed = 235, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "password", n = 1, uses = {} },
    { verb = "add", kind = "secret", n = 2, uses = { password = 1 } } } },
  { kills = {}, edits = { { verb = "rename", n = 1 }, { verb = "rename", n = 2 } }, rollback = { kills = {} } },
} }
