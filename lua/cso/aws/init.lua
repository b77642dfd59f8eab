--- AWS for the rooms above: sessions and clients.
local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local session = require "cso.aws.session"

return {
  --- Opens a session; see cso.aws.session.
  session = session.open,
  --- Makes a client from parts; see cso.aws.client.
  client = client.new,
  --- Credential providers from given keys.
  credentials = credentials,
}
