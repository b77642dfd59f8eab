--- The terminal: isatty(fd), size(), raw() (see host.term).
local ok, term = pcall(require, "host.term")
return ok and term or { isatty = function() return false end }
