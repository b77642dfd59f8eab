-- A secret got another name: it was deleted, and with it the only copy of the password that the one in its place
-- was to get.
return { seed = 8, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "password", n = 1, uses = {} },
    { verb = "add", kind = "secret", n = 2, uses = { password = 1 } } } },
  { kills = {}, edits = { { verb = "replace", n = 2 } } },
} }
