-- What a killed run had made a moment ago, and the next one completes, is described late as well: it was
-- said to be "not there although it was just made".
return { seed = 52, destroy = { kills = {} }, steps = { {
  kills = {}, edits = { { verb = "add", kind = "bucket", n = 1, uses = {} },
    { verb = "add", kind = "gateway", n = 2, uses = {} } },
}, {
  kills = {}, faults = { { kind = "stale", seconds = 2, operation = "^DescribeInternetGateways$", after = 1 },
    { kind = "stale", seconds = 2, service = "s3", after = 12 } },
  edits = { { verb = "change", n = 1 }, { verb = "change", n = 2 } },
} } }
