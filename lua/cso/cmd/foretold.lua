--- The calls that a plan amounts to. Most kinds tell them as data. Where a function of a kind decides, the
--- plan is rehearsed in a private simulator, and what it calls there is what it is going to call.
local foretold = {}

-- What a rehearsal says nothing of, and why.
local function unsaid(result)
  local out = {}
  for _, address in ipairs(result.skipped) do out[address] = "what it waits for was not rehearsed" end
  for _, one in ipairs(result.left_out) do out[one.address] = "it was not rehearsed: " .. one.why end
  for _, failure in ipairs(result.failures) do out[failure.address] = "its rehearsal failed" end
  return out
end

--- The calls in the order of the actions. One without an operation is decided on its way.
---@param made table  the plan
---@param rehearsed fun(): cso.Rehearsal?, string?   asked when data alone does not tell; nil and why when that can't be
---@return { address: string, service: string, operation: string?, why: string? }[]   why: it is not known
function foretold.of(made, rehearsed)
  local foresee, by_address, open = require "cso.kind.foresee", {}, false
  for _, action in ipairs(made.actions) do
    local node = made.nodes[action.address]
    local list = foresee(node, action.action)
    -- What was moved is tagged anew, in its kind's own way.
    if node.retag then list[#list + 1] = { service = node.kind.spec.service } end
    by_address[action.address] = list
    for _, call in ipairs(list) do open = open or not call.operation end
  end
  local result, unread
  if open then result, unread = rehearsed() end
  local without = result and unsaid(result) or {}
  local out = {}
  for _, action in ipairs(made.actions) do
    local list, decided = by_address[action.address], false
    for _, call in ipairs(list) do decided = decided or not call.operation end
    if decided and result and not without[action.address] then list = result.calls[action.address] or {} end
    for _, call in ipairs(list) do
      out[#out + 1] = { address = action.address, service = call.service, operation = call.operation,
        why = not call.operation and (unread or without[action.address]) or nil }
    end
  end
  return out
end

--- Shows the calls of a job's plan.
---@param ctx cso.cmd.Context
---@param job table   from work.plan
function foretold.show(ctx, job)
  local list = foretold.of(job.plan, function()
    -- Who does not want the account to be read gets what the kinds tell.
    if ctx.opts.refresh == false then return nil, "what is there decides, which --refresh=false does not look at" end
    local result = require("cso.cmd.rehearsal").once(ctx, job)
    return result, not result and "the plan could not be rehearsed" or nil
  end)
  if not ctx.opts.json then
    ctx.out(require("cso.ui.plan").calls(list, ctx.paint))
    return
  end
  local view = require("cso.ui.json").new { write = ctx.out, time = os.time }
  for _, call in ipairs(list) do view:event("planned_call", call) end
end

return foretold
