--- A server that says whatever a test wants, in raw bytes: what our own server could never be made
--- to say. Each connection is served by a task that runs the test's behaviour; used within a task.
local task = require "cso.task"
local uv = require "luv"

local raw = {}

---@class spec.RawConnection
---@field server table    the server it came to; `server.connections` counts
---@field number integer  of the connection, from 1
local Connection = {}
Connection.__index = Connection

local gone = {} -- raised where the other side has hung up: the end of a behaviour, no failure

--- Sends bytes; waits until they are on their way, so that endless answers cost no memory.
---@param bytes string
function Connection:send(bytes)
  if self.tcp:is_closing() then error(gone, 0) end
  local done = task.future()
  self.tcp:write(bytes, function(why) done:complete(why or false) end)
  if task.await(done) then error(gone, 0) end
end

--- Sends bytes one by one.
---@param bytes string
---@param pause number seconds between them
function Connection:drip(bytes, pause)
  for i = 1, #bytes do
    self:send(bytes:sub(i, i))
    task.sleep(pause)
  end
end

--- Sends the same again and again until the other side hangs up.
---@param bytes string
---@param pause number? seconds
function Connection:flood(bytes, pause)
  while true do
    self:send(bytes)
    if pause then task.sleep(pause) end
  end
end

--- An answer with a length that is right.
---@param status integer
---@param headers string lines that end in "\r\n"
---@param body string
function Connection:answer(status, headers, body)
  self:send(("HTTP/1.1 %d Answer\r\n%scontent-length: %d\r\n\r\n%s"):format(status, headers, #body, body))
end

--- The next request, once all of it has come: its head, and its body.
---@return string? head nil when the other side has hung up
---@return string body
function Connection:request()
  while true do
    local _, stop = self.received:find("\r\n\r\n", 1, true)
    if stop then
      local head = self.received:sub(1, stop)
      local length = tonumber(head:lower():match("content%-length: (%d+)")) or 0
      if #self.received >= stop + length then
        local body = self.received:sub(stop + 1, stop + length)
        self.received = self.received:sub(stop + length + 1)
        return head, body
      end
    end
    if self.ended then return nil, "" end
    self.more = task.future()
    task.await(self.more)
  end
end

--- Ends the connection with a reset.
function Connection:reset()
  if not self.tcp:is_closing() then self.tcp:close_reset() end
end

local function begin(server, tcp)
  server.connections = server.connections + 1
  local c = setmetatable({ tcp = tcp, server = server, number = server.connections, received = "" },
    Connection)
  tcp:read_start(function(_, data)
    if data then
      server.heard[#server.heard + 1] = data
      c.received = c.received .. data
    else -- what waits to be written would wait for ever
      c.ended = true
      if not tcp:is_closing() then tcp:close() end
    end
    local more = c.more
    c.more = nil
    if more then more:complete() end
  end)
  server.scope:spawn(function()
    task.defer(function() if not tcp:is_closing() then tcp:close() end end)
    local ok, failure = task.try(server.behave, c)
    if not ok and failure ~= gone then server.failure = failure end
  end)
end

--- Listens on a port of this machine; gone with the scope it was started in.
---@param behave fun(c: spec.RawConnection) what is done with each connection
---@return table server { port, url, connections, heard: all bytes that came, close() }
function raw.listen(behave)
  local tcp = uv.new_tcp()
  local server = { connections = 0, heard = {}, behave = behave, scope = task.current().scope }
  assert(tcp:bind("127.0.0.1", 0))
  assert(tcp:listen(64, function(failure)
    if failure then return end
    local peer = uv.new_tcp()
    tcp:accept(peer)
    begin(server, peer)
  end))
  server.port = tcp:getsockname().port
  server.url = "http://127.0.0.1:" .. server.port
  function server.close() if not tcp:is_closing() then tcp:close() end end
  server.scope:defer(server.close)
  return server
end

return raw
