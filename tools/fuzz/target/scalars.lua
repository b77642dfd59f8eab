-- Small texts: times, durations, addresses, command lines, places, error codes.
local cidr = require "cso.std.cidr"
local duration = require "cso.std.duration"
local json_fault = require "cso.aws.protocol.json_fault"
local library = require "cso.aws.endpoint.library"
local packed = require "cso.std.packed"
local place = require "cso.cmd.s3.place"
local scalar = require "cso.aws.protocol.scalar"
local words = require "cso.aws.credentials.words"

return function(shared)
  return function(text)
    local t = scalar.read_time(text)
    assert(t == nil or type(t) == "number")
    if t and t == t and t > -1e11 and t < 2e11 then
      assert(math.abs(scalar.read_time(scalar.time(t, "iso8601")) - t) < 0.01, text)
    end
    scalar.read_float(text)
    local seconds = duration.parse(text)
    assert(seconds == nil or type(seconds) == "number")
    for _, word in ipairs { "parse", "netmask" } do shared.raises(cidr[word], text) end
    shared.raises(cidr.subnet, text, 4, 3)
    shared.raises(cidr.host, text, 5)
    shared.raises(cidr.contains, "10.0.0.0/8", text)
    shared.raises(cidr.overlaps, text, "10.0.0.0/8")
    words(text)
    packed.open(text)
    json_fault.code(text)
    local url = library.parseURL(text)
    assert(url == nil or url.authority)
    library["aws.parseArn"](text)
    place.read(text)
    local path = place.under("/tmp/target", text)
    if path then
      assert(path:sub(1, 12) == "/tmp/target/" and not ("/" .. path .. "/"):find("/../", 1, true), path)
      assert(not path:find("\0", 1, true))
    end
  end
end
