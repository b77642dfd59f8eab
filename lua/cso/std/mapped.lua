--- Mapped files of values for every room; the work is the host's.
---@type { open: (fun(path: string): table?, table?), writer: (fun(path: string): table), write: (fun(path: string, values: table): integer?, table?) }
return require "host.mapped"
