--- A request whose answer is read while it comes, and whose body may be written while it is sent. Whoever
--- does not read makes the other side wait: a few hundred KiB are held.
local err = require("cso.std.err")
local host = require("host.http")
local task = require("cso.task")

---@class cso.http.Stream
local Stream = {}
Stream.__index = Stream
Stream.__name = "cso.http.Stream"

-- The end of the request, as the host tells it; awaited once.
function Stream:outcome()
  if not self.done then
    self.done = task.await(task.on(self.id, function() host.cancel(self.id) end))
    if self.done.error then self.failure = err.wrap(self.done.error, "network") end
  end
  return self.done
end

-- The last bytes come with the end.
function Stream:rest()
  local done = self:outcome()
  if self.failure then return nil, self.failure end
  self.status, self.headers = done.status, done.headers
  local body = done.body
  done.body = ""
  return body ~= "" and body or nil
end

-- One piece: bytes, which may be none when only the head has come; nil at the end.
function Stream:piece()
  if self.over then return self:rest() end
  local id = host.read(self.id)
  if not id then
    self.over = true
    return self:rest()
  end
  -- Who is cancelled while he reads has no use for what comes.
  local piece = task.await(task.on(id, function() host.cancel(self.id) end))
  if piece.headers then self.status, self.headers = piece.status, piece.headers end
  if piece.over then
    self.over = true
    if piece.data == "" then return self:rest() end
  end
  return piece.data
end

--- The head of the answer, as soon as it is there.
---@return integer? status
---@return table<string, string>|cso.Err headers_or_err
function Stream:head()
  while not self.headers do
    local data, e = self:piece()
    if data and data ~= "" then self.held = (self.held or "") .. data end
    if not data then
      if e then return nil, e end
      break
    end
  end
  return self.status, self.headers
end

--- The next bytes of the answer; nil at its end.
---@return string? bytes
---@return cso.Err? err
function Stream:read()
  if self.held then
    local data = self.held
    self.held = nil
    return data
  end
  while true do
    local data, e = self:piece()
    if data ~= "" then return data, e end
  end
end

--- Writes bytes of the request's body; waits until they have been taken.
---@param bytes string
---@param last boolean?  nothing follows
---@return true? ok  nil: the answer is complete, or the request has failed; reading tells
function Stream:write(bytes, last)
  local id = host.feed(self.id, bytes, last == true)
  if not id then return nil end
  local taken = task.await(task.on(id, function() end))
  return not taken.over or nil
end

--- Gives the request up if it is not over; safe twice.
function Stream:close()
  if self.done then return end
  host.cancel(self.id)
  task.shield(function() self:outcome() end)
end

Stream.__close = Stream.close

--- Begins a request; within a task. The stream has to be closed, or read to its end.
---@param request table  as the host takes it
---@return cso.http.Stream? stream
---@return cso.Err? err
return function(request)
  local id, failure = host.request(request)
  if not id then
    failure.sent = false
    return nil, err.wrap(failure, "network")
  end
  return setmetatable({ id = id }, Stream)
end
