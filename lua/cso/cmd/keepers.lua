--- Secrets of a state get their values back from what keeps them in the account.
local calls = require "cso.kind.calls"
local handle = require "cso.kind.handle"
local secrets = require "cso.kind.secrets"
local tags = require "cso.kind.tags"

--- Gives a function that gives a secret a way to its value, and one that gives a record a handle that reads.
---@param ctx cso.cmd.Context
---@param store cso.Store   the state that holds it and its keepers
---@param stack string
---@return fun(secret: any): any
---@return fun(address: string, K: cso.Kind, record: cso.Record): cso.Handle
return function(ctx, store, stack)
  local records = {}
  for _, record in ipairs(store:resources()) do records[record.address] = record end
  local function handle_of(address, K, record)
    return handle.new { kind = K, address = address, type = K.type, id = record.id, record = record,
      target = record.target or {}, desired = record.declared, attributes = record.attributes, stack = stack,
      own = { [tags.OWNER.stack] = stack, [tags.OWNER.address] = address },
      invoke = calls.plain(ctx.session), sleep = ctx.sleep, now = ctx.now, session = ctx.session }
  end
  return function(secret) return secrets.with_fetch(secret, records, handle_of) end, handle_of
end
