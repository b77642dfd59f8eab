-- The rename of a parameter with a password inside of its text was undone: the parameter was deleted first, and
-- only then it came out that nobody but the playbook can make that text again. The parameter itself shows it.
return { seed = 817, destroy = { kills = {} }, steps = {
  { kills = {}, edits = {
    { verb = "add", kind = "password", n = 1, uses = {} },
    { verb = "add", kind = "secret", n = 2, uses = { password = 1 } },
    { verb = "add", kind = "connection", n = 3, uses = { password = 1, secret = 2 } } } },
  { kills = {}, edits = { { verb = "replace", n = 3 } }, rollback = { kills = {} } },
} }
