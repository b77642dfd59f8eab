-- A run was killed right after it had changed a parameter. The next one found nothing to do, and the state kept
-- the value from before: when the parameter's deletion was undone, it came back with that.
return { seed = 44, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "parameter", n = 1, uses = {} } } },
  { kills = { { at = 1, moment = "after" } }, edits = { { verb = "change", n = 1 } } },
  { kills = {}, edits = { { verb = "remove", n = 1 } }, rollback = { kills = {} } },
} }
