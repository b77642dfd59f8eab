--- Whether plain data is the same; the work is the host's.
return require "host.plain"
