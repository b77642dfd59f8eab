--- Idempotency tokens: the same token with the same parameters gives the first answer again, with
--- other parameters it is refused. Which member is the token comes from the model's trait or, for
--- operations that have a token without the trait, from the service's `tokens` table.
local Context = require "sim.context"

local token = {}

local DAY = 86400
-- How many tokens a region may hold before the expired ones are swept out.
local SWEEP = 4096

--- The name of the token member of an operation, or nil.
---@param service sim.Service
---@param op table
---@return string|nil
function token.member(service, op)
  if op.sim_token ~= nil then return op.sim_token or nil end
  local stated = (service.facts.tokens or {})[op.name]
  local found = stated
  if stated == nil and op.input then
    for name, ref in next, service.model:shape(op.input.shape).members or {} do
      if ref.idempotencyToken or service.model:shape(ref.shape).idempotencyToken then found = name end
    end
  end
  op.sim_token = found or false
  return found or nil
end

--- Runs a handler at most once per token.
---@param ctx sim.Context
---@param op table
---@param input table
---@param perform fun():table
---@return table output
function token.once(ctx, op, input, perform)
  local member = token.member(ctx.service, op)
  local value = member and input[member]
  if not value or value == "" then return perform() end
  local plain = {}
  for k, v in next, input do if k ~= member then plain[k] = v end end
  local print = Context.fingerprint(plain)
  local known, id = ctx:table("~Token"), op.name .. ":" .. value
  local seen = known:get(id)
  if seen and seen.expires > ctx.now then
    if seen.print ~= print then
      local code = ctx.service.facts.mismatch or "IdempotentParameterMismatch"
      ctx:fail(code, "The request uses the same client token as a previous, but non-identical request.")
    end
    return seen.output
  end
  local output = perform()
  if known.count >= SWEEP and known.count % 512 == 0 then
    for _, row in ipairs(known:list()) do
      if row.expires <= ctx.now then known:delete(row.id) end
    end
  end
  known:put(id, { id = id, print = print, output = output, expires = ctx.now + (ctx.service.facts.token_life or DAY) })
  return output
end

return token
