--- The requests of Cloud Control: every change is one, with a token and a course of states.
local base = {}

local SECONDS = { CREATE = 20, UPDATE = 10, DELETE = 10 }

local function all(ctx) return ctx:table("~Request") end

--- Starts a request. With `failure` ({ code, message }) it will end as FAILED.
---@param ctx sim.Context
---@param fields { TypeName: string, Identifier: string?, Operation: string, model: string? }
---@param failure { code: string, message: string }?
---@return table ProgressEvent
local function start(ctx, fields, failure)
  local row = { RequestToken = ctx.ids:uuid(), TypeName = fields.TypeName, Identifier = fields.Identifier,
    Operation = fields.Operation, EventTime = ctx.now, ResourceModel = fields.model, _failure = failure }
  ctx:phases(row, "IN_PROGRESS", SECONDS[fields.Operation], failure and "FAILED" or "SUCCESS")
  all(ctx):put(row.RequestToken, row)
  local event = {}
  for k, v in next, row do event[k] = v end
  event.OperationStatus = "IN_PROGRESS"
  return event
end

--- A request as it is shown now.
---@param ctx sim.Context
---@param row table
---@return table ProgressEvent
local function shown(ctx, row)
  local event = {}
  for k, v in next, row do event[k] = v end
  event.OperationStatus = row._cancelled and "CANCEL_COMPLETE" or ctx:state(row)
  if event.OperationStatus == "FAILED" then
    event.ErrorCode, event.StatusMessage = row._failure.code, row._failure.message
  elseif event.OperationStatus == "IN_PROGRESS" then
    event.RetryAfter = ctx.now + 2
  end
  return event
end

--- The request under way for a resource, or nil.
---@param ctx sim.Context
---@param type_name string
---@param identifier string
---@return table|nil
local function running(ctx, type_name, identifier)
  for _, row in ipairs(all(ctx):by("Identifier", identifier)) do
    if row.TypeName == type_name and not row._cancelled and ctx:state(row) == "IN_PROGRESS" then return row end
  end
end

local function find(ctx, token)
  local row = all(ctx):get(token)
  if not row then ctx:fail("RequestTokenNotFoundException", ("Request with token %s was not found"):format(token)) end
  return row
end

function base.GetResourceRequestStatus(ctx, input)
  return { ProgressEvent = shown(ctx, find(ctx, input.RequestToken)) }
end

function base.CancelResourceRequest(ctx, input)
  local row = find(ctx, input.RequestToken)
  if ctx:state(row) ~= "IN_PROGRESS" then
    ctx:fail("ConcurrentModificationException", "The request has already ended.")
  end
  ctx:fail("ConcurrentModificationException", "The request is being handled and can no longer be cancelled.")
end

function base.ListResourceRequests(ctx, input)
  local filter, list = input.ResourceRequestStatusFilter or {}, {}
  local function allowed(values, v)
    if not values or not values[1] then return true end
    for _, known in ipairs(values) do if known == v then return true end end
    return false
  end
  for _, row in ipairs(all(ctx):list()) do
    local event = shown(ctx, row)
    if allowed(filter.Operations, event.Operation) and allowed(filter.OperationStatuses, event.OperationStatus) then
      table.insert(list, 1, event)
    end
  end
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 20)
  return { ResourceRequestStatusSummaries = page, NextToken = token }
end

return setmetatable(base, { __index = { start = start, running = running } })
