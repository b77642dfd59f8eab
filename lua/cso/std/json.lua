--- JSON for every room. The codec is the host's; this name keeps `host.*` out of the rooms above.
---@type { encode: fun(v: any, opts: table?): string, decode: (fun(s: string, opts: table?): any, table?), array: (fun(t: table): table), null: any, array_mt: table }
return require "host.json"
