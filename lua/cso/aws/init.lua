--- AWS for the rooms above: sessions and clients.
local lazy = require "cso.std.lazy"
local client = lazy "cso.aws.client"
local credentials = lazy "cso.aws.credentials"
local session = require "cso.aws.session"

return {
  --- Opens a session; see cso.aws.session.
  session = session.open,
  --- Makes a client from parts; see cso.aws.client.
  client = function(...) return client.new(...) end,
  --- Credential providers from given keys.
  credentials = credentials,
}
