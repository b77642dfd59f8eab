-- Somebody deleted an alias; it was made again and the answer was lost. An alias is its own id: the new one was
-- passed over as the old one, and "already exists" ended the run.
return { seed = 431, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "key", n = 1, uses = {} },
    { verb = "add", kind = "alias", n = 2, uses = { key = 1 } } } },
  { kills = {}, faults = { { kind = "lost", operation = "^CreateAlias$", times = 1 } },
    edits = { { verb = "gone", n = 2 } } },
} }
