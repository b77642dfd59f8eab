--- Digests, encodings and randomness for every room; the work is the host's.
return require "host.hash"
