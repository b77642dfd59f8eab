-- A role was replaced right after it had been made. That the old one is gone was taken for a lag for two minutes
-- when its policies and its instance profile were told to let go of it.
return { seed = 232, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "role", n = 1, uses = {} },
    { verb = "add", kind = "profile", n = 2, uses = { role = 1 } },
    { verb = "add", kind = "policy", n = 3, uses = { role = 1 } } } },
  { kills = {}, edits = { { verb = "replace", n = 1 } } },
} }
