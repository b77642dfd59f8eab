-- gzip: bounded when it unpacks; what was packed comes back.
local gzip = require "cso.std.gzip"

local MOST = 1 << 20

return function(_shared)
  return function(text)
    local out, e = gzip.inflate(text, MOST)
    assert(out and #out <= MOST or e and e.code == "gzip")
    assert(gzip.inflate(gzip.deflate(text)) == text)
  end
end
