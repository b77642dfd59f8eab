-- What a killed run had made was found by its tags, and its description was missing from the next answer:
-- it was taken for something without properties that can't become what is declared.
return { seed = 27, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "vpc", n = 1, uses = {} } } },
  { kills = { { at = 1, moment = "after" } },
    faults = { { kind = "stale", seconds = 5, operation = "^DescribeSubnets$", after = 2, times = 1 } },
    edits = { { verb = "add", kind = "subnet", n = 2, uses = { vpc = 1 } } } },
} }
