-- Somebody deleted a key pair; it was made again and the answer was lost. The new one has the name, and so the
-- id, of the old one, which was never looked for: "the keypair already exists".
return { seed = 24, destroy = { kills = {} }, steps = {
  { kills = {}, edits = { { verb = "add", kind = "pair", n = 1, uses = {} } } },
  { kills = {}, faults = { { kind = "lost", operation = "^CreateKeyPair$", times = 1 } },
    edits = { { verb = "gone", n = 1 } } },
} }
