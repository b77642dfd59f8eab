-- A run was killed after it had made a role, which no description shows for a moment. The next one
-- looked in vain, made the role again, heard that the name is taken and gave up.
return { seed = 27, destroy = { kills = {} }, steps = { {
  kills = { { at = 1, moment = "after" } }, faults = { { kind = "stale", seconds = 1.5, service = "iam" } },
  edits = { { verb = "add", kind = "role", n = 1, uses = {} } },
} } }
