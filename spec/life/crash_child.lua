--- csorun that dies at its n-th changing call: csorun-lua crash_child.lua N before|after WORDS…
--- "before": the request never leaves; "after": it is done, but nobody hears the answer. N = 0 never
--- dies. Says at the end how many changing calls there were.
local http = require "cso.http"
local uv = require "luv"

local nth, when = math.tointeger(tonumber(arg[1])), arg[2]
local READS = { Describe = true, Get = true, List = true, Head = true, Simulate = true, Assume = true }

local function operation(request)
  for _, header in ipairs(request.headers) do
    if header[1]:lower() == "x-amz-target" then return header[2]:match("%.(%w+)$") end
  end
  return (request.body or ""):match("Action=(%w+)") or request.method
end

local function changes(name)
  return not READS[name:match("^%u%l+") or ""] and name ~= "GET" and name ~= "HEAD"
end

local function die() uv.kill(uv.os_getpid(), "sigkill") end

local send, seen = http.request, 0
function http.request(request)
  if changes(operation(request)) then
    seen = seen + 1
    if seen == nth then
      if when == "after" then send(request) end
      die()
    end
  end
  return send(request)
end

local code = require("cso.main")(table.unpack(arg, 3))
io.stderr:write("changing calls: ", seen, "\n")
os.exit(code)
