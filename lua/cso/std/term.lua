--- The terminal: isatty(fd), size() -> columns, rows, width(text) (see host.term).
return require "host.term"
