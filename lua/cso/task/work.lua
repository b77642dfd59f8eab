--- CPU work on other threads, awaited like anything else.
local err = require("cso.std.err")
local future = require("cso.task.future")
local host = require("host.work")
local reactor = require("cso.task.reactor")

local work = {}

local function await(id, failure)
  if not id then return nil, err.wrap(failure, "internal") end
  local done = future.await(reactor.on(id))
  if done.error then return nil, err.wrap(done.error, "internal") end
  return done.value
end

--- A new RSA key; one of 4096 bits takes from half a second to several.
---@param bits integer 2048 to 8192
---@return string? pem PKCS#8
---@return cso.Err? err
function work.rsa_key(bits)
  return await(host.rsa_key(bits))
end

--- Data as one gzip member.
---@param data string
---@return string? gzip
---@return cso.Err? err
function work.gzip(data)
  return await(host.gzip(data))
end

return work
