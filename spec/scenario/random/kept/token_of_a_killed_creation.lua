-- Two file systems were made when the run was killed. The next plan looked for them without their tokens and
-- took the first that there was for both, whoever's it was; a hosted zone it did not find at all.
return { seed = 204, destroy = { kills = {} }, steps = { {
  kills = { { at = 1, moment = "after" } },
  edits = { { verb = "add", kind = "files", n = 1, uses = {} }, { verb = "add", kind = "files", n = 2, uses = {} },
    { verb = "add", kind = "zone", n = 3, uses = {} } },
} } }
