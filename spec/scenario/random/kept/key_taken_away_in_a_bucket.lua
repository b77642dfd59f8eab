-- A shared state was to lie in clear again and nothing else was to change: it was read with the old key and not
-- written, so the next run without a key could not read it.
return { seed = 203, setting = { shared = true }, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "parameter", n = 1, uses = {} } } },
  { kills = {}, edits = {}, seal = { key = 2, kills = {} } },
  { kills = {}, edits = {}, seal = { key = 0, kills = {} } },
} }
