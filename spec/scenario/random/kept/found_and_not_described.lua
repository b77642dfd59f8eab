-- The answer to a creation was lost; what it made was found by its tags, and its description was missing from
-- the next answer: it was taken for something without properties that can't become what is declared.
return { seed = 27, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "vpc", n = 1, uses = {} } } },
  { kills = {}, faults = { { kind = "lost", operation = "^CreateSubnet$", times = 1 },
      { kind = "stale", seconds = 9, operation = "^DescribeSubnets$", after = 2, times = 1 } },
    edits = { { verb = "add", kind = "subnet", n = 2, uses = { vpc = 1 } } } },
} }
