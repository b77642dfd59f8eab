--- JSON for every room: decode, encode, array, array_mt, null. The codec is the host's; this name
--- keeps `host.*` out of the rooms above.
return require "host.json"
