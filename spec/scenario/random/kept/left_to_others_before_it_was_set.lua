-- A log group's retention is left to others. The group was made anew and the run killed before the retention was
-- set for the first time: the next one left that to others, too.
return { seed = 106, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "log", n = 1, uses = {} } } },
  { kills = {}, edits = { { verb = "ignore", n = 1 } } },
  { kills = { { at = 2, moment = "after" } }, edits = { { verb = "replace", n = 1 } } },
} }
