-- Our side of signing.py: a request per line, its stages per line; at the end a stream of messages.
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local sigv4 = require "cso.std.sigv4"
local write = require "cso.aws.protocol.event_write"

for line in io.lines() do
  local got, e = sigv4.sign(assert(json.decode(line)))
  print(json.encode(got and { canonical_request = got.canonical_request, string_to_sign = got.string_to_sign,
    signature = got.signature } or { err = e.message }))
end
local headers = write.headers { { "t", "boolean", true }, { "n", "integer", -5 }, { "s", "string", "é" },
  { "b", "blob", "\0\1" } }
print(json.encode { stream = hash.hex_encode(write.message(headers, "one") .. write.message("", "")) })
