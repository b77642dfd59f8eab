-- EFS refuses a creation token that it knows. When a first answer was lost, the client's second attempt heard
-- that the file system exists, and nobody looked whether it is ours.
return { seed = 103, destroy = { kills = {} }, steps = {
  { kills = {}, faults = { { kind = "lost", operation = "^CreateFileSystem$", times = 1 } },
    edits = { { verb = "add", kind = "files", n = 1, uses = {} } } },
} }
