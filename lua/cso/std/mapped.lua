--- Mapped files of values for every room; the work is the host's (host/bind/mapped.c).
return require "host.mapped"
