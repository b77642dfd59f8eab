---@meta host.listen

---@class host.listen
local listen = {}

---@class host.Listener
local Listener = {}

---@class host.ListenOptions
---@field host string?           an address (127.0.0.1)
---@field port integer?          0, the default: any that is free
---@field max_body integer?      bytes (64 MiB)
---@field max_header integer?    bytes (64 KiB)
---@field header_timeout number? seconds for a whole request to arrive (30)
---@field idle_timeout number?   seconds of silence on a kept connection (120)

--- Requests complete as { id, request, method, target, headers, body, peer }, id being box:id().
---@param options host.ListenOptions?
---@return host.Listener?
---@return { code: string, message: string }? err
function listen.open(options) end

---@return integer
function Listener:port() end

---@return integer
function Listener:id() end

--- Answers; content-length and connection are added. False when the client is gone.
---@param request integer
---@param status integer
---@param headers string[][]
---@param body string?
---@return boolean
function Listener:respond(request, status, headers, body) end

--- Resets the connection; with bytes, sends them raw and closes it. False when the client is gone.
---@param request integer
---@param bytes string?
---@return boolean
function Listener:abort(request, bytes) end

--- Safe to call twice.
function Listener:close() end

return listen
