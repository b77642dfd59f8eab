-- Rows of a state, and lists of changes as they lie in a bucket: with a checksum that is right, since who
-- can write there can make one.
local changes = require "cso.state.changes"
local hash = require "cso.std.hash"
local records = require "cso.state.records"

return function(shared)
  return function(text)
    shared.outcome(records.decode(text, "salt"))
    shared.outcome(changes.decode(text, "changes"))
    local body = text:gsub("\n*$", "\n")
    shared.outcome(changes.decode(body .. hash.sha256_hex(body) .. "\n", "changes"))
  end
end
