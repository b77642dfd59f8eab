-- Signatures: what we sign, the simulator's own implementation of the rules must accept.
local gate = require "sim.gate"
local sigv4 = require "cso.std.sigv4"
local text_of = require "sim.protocol.text"

local TIME = 1767225600

return function(shared)
  return function(text)
    local part = shared.parts(text, 5)
    local s3 = #text % 2 == 0
    local service = s3 and "s3" or "ec2"
    local path = "/" .. part[1]:gsub("[^%w%-._~/]", function(c) return ("%%%02X"):format(c:byte()) end)
    if not s3 and path:find("//", 1, true) then path = path:gsub("/+", "/") end
    local query, raw = {}, {}
    for name, value in part[2]:gmatch("([^=&]+)=([^&]*)") do
      query[#query + 1] = { text_of.encode(name), text_of.encode(value) }
      raw[#raw + 1] = query[#query][1] .. "=" .. query[#query][2]
    end
    local headers = { { "Host", "example.amazonaws.com" } }
    local name = part[3]:match("^%a[%w-]*")
    local value = part[4]:gsub("[%c\127-\255]", " ")
    if name and not name:lower():find("^x%-amz") and not name:lower():find("^host$")
      and not name:lower():find("^authorization$") then
      headers[2] = { name, value }
    end
    local signed, e = sigv4.sign { method = "POST", path = path, query = query, headers = headers, body = part[5],
      access_key = "AKID", secret_key = "secret", region = "eu-west-2", service = service, time = TIME,
      double_encode = not s3, normalize = not s3, content_sha256 = s3 or nil }
    assert(signed, e and e.message)
    local request = { method = "POST", raw_path = path, path = path, query = table.concat(raw, "&"),
      body = part[5], raw_headers = {}, headers = {} }
    for _, list in ipairs { headers, signed.headers } do
      for _, h in ipairs(list) do
        request.raw_headers[#request.raw_headers + 1] = h
        request.headers[h[1]:lower()] = h[2]
      end
    end
    local auth, problem = gate.parse(request)
    assert(auth, problem)
    local ok, kind = gate.verify(request, auth, "secret", TIME)
    assert(ok, kind)
  end
end
