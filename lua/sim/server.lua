--- The simulator's front door: one loopback port for every service.
local http = require "cso.http.server"
local json = require "cso.std.json"
local loopback = require "cso.std.loopback"
local task = require "cso.task"

local server = {}

-- What csorun says to accounts of this machine when its waits were short.
local WAITED = "x-csorun-waited"

-- A page in a browser can make a name of its own point at 127.0.0.1; its Host header tells.
local function own_host(req, extra)
  local host = (req.headers.host or ""):lower():gsub(":%d+$", "")
  return loopback(host) or host == extra
end

local function from_here(peer)
  if not peer or peer == "" then return true end
  return peer:find("^127%.") ~= nil or peer:find("^::1") ~= nil or peer:find("^%[::1%]") ~= nil
end

local function reply(status, body)
  return { status = status, headers = { { "content-type", "application/json" } }, body = body }
end

local controls = {}

function controls.reset(world)
  world:reset()
  return reply(200, "{}")
end

function controls.dump(world) return reply(200, json.encode(world:dump(), { sort = true })) end

function controls.faults(world, req)
  local spec, err = json.decode(req.body ~= "" and req.body or "{}")
  if not spec then return reply(400, json.encode { message = tostring(err and err.message or err) }) end
  local ok, message = world:set_faults(spec.faults or spec.rules or {})
  if not ok then return reply(400, json.encode { message = message }) end
  return reply(200, "{}")
end

-- Requests with an Origin come from a web page, which has no business here.
local function control(world, req)
  local name = req.path:match("^/_sim/(%w+)$")
  if not controls[name] then return reply(404, '{"message":"no such control"}') end
  if not from_here(req.peer) or req.headers.origin then return reply(403, '{"message":"loopback only"}') end
  if req.method ~= "POST" and not (name == "dump" and req.method == "GET") then
    return reply(405, '{"message":"POST"}')
  end
  return controls[name](world, req)
end

-- An answer that ends in the midst of its body.
local function half(response)
  local body = response.body or ""
  local out = { ("HTTP/1.1 %d Cut\r\n"):format(response.status) }
  for _, h in ipairs(response.headers) do out[#out + 1] = h[1] .. ": " .. h[2] .. "\r\n" end
  out[#out + 1] = ("content-length: %d\r\n\r\n"):format(#body)
  out[#out + 1] = body:sub(1, #body // 2)
  return table.concat(out)
end

-- The time that signatures are checked by, as every service tells it: who is late learns it from there.
local function dated(world, response)
  local now = math.floor(world.wall())
  if now ~= world.told_at then
    world.told_at, world.told = now, os.date("!%a, %d %b %Y %H:%M:%S GMT", now)
  end
  local headers = response.headers
  headers[#headers + 1] = { "date", world.told }
  return response
end

--- Serves a world on a port.
---@param world table
---@param options { host: string?, port: integer? }
---@return { port: integer, url: string, close: fun() }|nil, table? err
function server.serve(world, options)
  local host = options.host or "127.0.0.1"
  local silent = task.future() -- what hangs is let go when the server closes
  local box, err = http.serve { host = host, port = options.port or 0, handler = function(req)
    if not own_host(req, host) then
      return reply(421, '{"message":"this simulator answers to loopback names only"}')
    end
    if req.path:sub(1, 6) == "/_sim/" then return control(world, req) end
    local waited = req.headers[WAITED]
    if waited and from_here(req.peer) and not req.headers.origin then world.clock:pass(tonumber(waited)) end
    local response = world:handle(req)
    if response.delay then task.sleep(response.delay) end
    if response.hang then
      task.await(silent)
      return "abort"
    end
    -- Of an answer without a body nothing can be cut off but its end.
    if response.cut and (req.method == "HEAD" or (response.cut.body or "") == "") then return "abort" end
    if response.cut then return { abort = half(response.cut) } end
    if response.abort then return "abort" end
    return dated(world, response)
  end }
  if not box then return nil, err end
  return { port = box.port, url = box.url, close = function()
    box.close()
    silent:complete(true)
  end }
end

return server
