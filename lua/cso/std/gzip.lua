--- gzip for every room; the work is the host's.
---@type { inflate: (fun(data: string, max: integer?): string?, table?), deflate: fun(data: string): string }
return require "host.gzip"
