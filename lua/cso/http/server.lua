--- An HTTP/1.1 server for this machine: each request is handled in a task of its own.
local err = require("cso.std.err")
local host = require("host.listen")
local http = require("cso.http")
local task = require("cso.task")

local server = {}

---@class cso.http.ServerRequest
---@field method string
---@field target string         as it was sent
---@field path string           the target up to "?"
---@field query string          what follows "?", raw; "" when there is none
---@field headers table<string, string>
---@field raw_headers table
---@field body string
---@field peer string           "address:port"

---@class cso.http.ServerResponse
---@field status integer
---@field headers table?        list of { name, value }, or a map
---@field body string?

---@class cso.http.ServerOptions
---@field handler fun(request: cso.http.ServerRequest): cso.http.ServerResponse|"abort"|table
---   "abort" resets the connection; { abort = bytes } sends the bytes raw and closes it
---@field host string?          address (127.0.0.1)
---@field port integer?         0, the default: any that is free
---@field max_body integer?     bytes (64 MiB)
---@field max_header integer?   bytes (64 KiB)
---@field header_timeout number? seconds for a whole request to arrive (30)
---@field idle_timeout number?  seconds that a kept connection may be silent (120)
---@field on_error fun(e: any, request: cso.http.ServerRequest)? told of handlers that fail

local function to_request(c)
  local path, query = c.target:match("^([^?]*)%??(.*)$")
  return {
    method = c.method, target = c.target, path = path, query = query, body = c.body,
    headers = http.header_map(c.headers), raw_headers = c.headers, peer = c.peer,
  }
end

local function answer(box, number, response)
  if response == "abort" then
    box:abort(number)
  elseif response.abort then
    box:abort(number, response.abort)
  else
    box:respond(number, response.status, http.header_list(response.headers), response.body or "")
  end
end

-- Handles one request, whatever the handler does.
local function handle(self, number, request)
  local ok, failure = task.try(function()
    local response = self.options.handler(request)
    if self.open then answer(self.box, number, response) end
  end)
  if ok then return end
  if self.options.on_error then self.options.on_error(failure, request) end
  if self.open then
    self.box:respond(number, 500, { { "content-type", "text/plain" } },
      "the handler failed: " .. tostring(failure.message or failure) .. "\n")
  end
end

--- Starts to serve. The server and its requests belong to the current scope: when that ends, the
--- server is closed.
---@param options cso.http.ServerOptions
---@return { port: integer, url: string, close: fun() }? server
---@return cso.Err? err
function server.serve(options)
  local scope = assert(task.current(), "serve outside of a task: use task.run").scope
  local box, failure = host.open {
    host = options.host, port = options.port, max_body = options.max_body,
    max_header = options.max_header, header_timeout = options.header_timeout,
    idle_timeout = options.idle_timeout,
  }
  if not box then return nil, err.wrap(failure, "network") end
  local self = { box = box, open = true, options = options }
  local forget = task.source(box:id(), function(c)
    if self.open and not scope.closed then
      scope:spawn(handle, self, c.request, to_request(c))
    end
  end)
  local function close()
    if not self.open then return end
    self.open = false
    forget()
    box:close()
  end
  scope:defer(close)
  local port = box:port()
  local name = options.host or "127.0.0.1"
  if name:find(":", 1, true) then name = "[" .. name .. "]" end
  return { port = port, url = ("http://%s:%d"):format(name, port), close = close }
end

return server
