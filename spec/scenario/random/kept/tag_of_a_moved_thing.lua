-- The ownership tag of a moved thing was renewed by one call only: when its answer was lost, the run failed.
return { seed = 56, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "log", n = 1, uses = {} } } },
  { kills = {}, faults = { { kind = "lost", operation = "^TagResource$", times = 1 } },
    edits = { { verb = "rename", n = 1 } } },
} }
