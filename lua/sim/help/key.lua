--- Encryption keys that other services name: by id, ARN, alias or alias ARN.
local kms = require "sim.service.kms.base"

local key = {}

--- The ARN of a key that can be used. A name that leads nowhere, or to a key that is disabled or
--- waits for its deletion, ends the request with the caller's own error.
---@param ctx sim.Context
---@param name string
---@param code string error code of the calling service
---@param status integer?
---@return string arn
function key.arn(ctx, name, code, status)
  local other = ctx:of("kms")
  local ok, row = pcall(kms.alive, other, name)
  if not ok then
    if type(row) ~= "table" or not row.sim_fault then error(row, 0) end
    ctx:fail(code, row.message, status)
  end
  if not row.Enabled then ctx:fail(code, ("The key %s is disabled."):format(row.Arn), status) end
  return row.Arn
end

return key
