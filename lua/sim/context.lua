--- What a handler sees of the world: one context per request, bound to account, region, service.
local json = require "cso.std.json"
local hash = require "cso.std.hash"

---@class sim.Context
---@field world table
---@field account string   twelve digits
---@field region string
---@field partition string aws, aws-cn, aws-us-gov …
---@field service sim.Service
---@field operation string
---@field ids table        see sim.ids
---@field clock sim.Clock
---@field now number       virtual time of this request, epoch seconds
---@field told number      the time that the answer's Date will tell, which runs as fast as everywhere
---@field who table        the caller: { access_key, account, arn, user_id }
---@field request_id string
local Context = {}
Context.__index = Context

--- Makes a context.
---@param fields table
---@return sim.Context
function Context.new(fields) return setmetatable(fields, Context) end

--- A collection of this account, region and service (of no region for a global service).
---@param name string
---@return sim.Collection
function Context:table(name)
  local region = self.service.facts.global and "global" or self.region
  return self.world.store:collection(self.account .. "/" .. region .. "/" .. self.service.name .. "/" .. name)
end

--- A collection that all accounts and regions share (bucket names, say).
---@param name string
---@return sim.Collection
function Context:shared(name)
  return self.world.store:collection("all/global/" .. self.service.name .. "/" .. name)
end

--- The same caller looking at another service (or region, or account).
---@param service string botocore name
---@param region string?
---@param account string?
---@return sim.Context
function Context:of(service, region, account)
  local other = {}
  for k, v in next, self do other[k] = v end
  other.service = self.world.registry:get(service)
  other.region = region or self.region
  other.account = account or self.account
  return Context.new(other)
end

--- Ends the request with an error. `code` is the wire code or the error shape's name; the status
--- comes from the model where it states one.
---@param code string
---@param message string?
---@param status integer?
---@param fields table? further members of the error shape
function Context.fail(_ctx, code, message, status, fields)
  error({ sim_fault = true, code = code, message = message or code, status = status, fields = fields }, 0)
end

--- When something that takes `seconds` on AWS will be done.
---@param seconds number
---@return number epoch
function Context:after(seconds) return self.clock:after(seconds) end

--- True once the moment has come (nil counts as come).
---@param at number?
---@return boolean
function Context:due(at) return at == nil or at <= self.now end

--- True while a new row is not yet known to other services (IAM takes its time); only when the
--- faults say so.
---@param rows sim.Collection
---@param id string
---@return boolean
function Context:unsettled(rows, id)
  local seconds = self.world.faults.propagation
  return seconds > 0 and (rows.born[id] or 0) > self.now - seconds
end

--- The state of a row that goes through phases: `row._phases` is a list of { state, until },
--- the last one without end. Set by `Context:phases`.
---@param row table
---@return string|nil
function Context:state(row)
  local list = row._phases
  if not list then return nil end
  for i = 1, #list do
    local p = list[i]
    if not p[2] or p[2] > self.now then return p[1] end
  end
  return list[#list][1]
end

--- Puts a row on a course of states: phases(row, "pending", 90, "available").
---@param row table
---@param ... string|number state, seconds, state, seconds, … last state
---@return table row
function Context:phases(row, ...)
  local list, at = {}, 0
  local n = select("#", ...)
  for i = 1, n, 2 do
    local state, seconds = select(i, ...)
    if seconds then
      at = at + seconds
      list[#list + 1] = { state, self:after(at) }
    else
      list[#list + 1] = { state }
    end
  end
  row._phases = list
  return row
end

--- Lets something happen later in virtual time (at once when there is no latency): the function
--- `name` of the module `module`, called as fn(ctx, argument). Kept with the state, so a restart
--- forgets nothing. Due work runs before the next request is performed.
---@param seconds number
---@param module string
---@param name string
---@param argument any plain data
function Context:later(seconds, module, name, argument)
  local at = self:after(seconds)
  if at <= self.now then return require(module)[name](self, argument) end
  self:at(at, module, name, argument)
end

--- The same at a moment of virtual time that latency does not shorten (a terminated instance is
--- listed for an hour, however fast it died).
---@param at number virtual epoch
---@param module string
---@param name string
---@param argument any
function Context:at(at, module, name, argument)
  self.world:schedule(at, { module = module, name = name, argument = argument, account = self.account,
    region = self.region, service = self.service.name })
end

--- An ARN of this account and region.
---@param resource string "instance/i-…"
---@param service string? arn namespace, default the signing name
---@param region string? "" for global services
---@return string
function Context:arn(resource, service, region)
  return ("arn:%s:%s:%s:%s:%s"):format(self.partition, service or self.service.facts.arn or self.service.name,
    region or (self.service.facts.global and "" or self.region), self.account, resource)
end

--- One page of a list. Tokens are opaque to the caller and bound to the operation.
---@param list table[]
---@param token string|nil what the caller sent
---@param limit integer|nil what the caller asked for
---@param default integer? page size when none was asked for (nil: everything)
---@param bad_token string? error code for a token that is not ours
---@return table[] page, string|nil next_token
function Context:page(list, token, limit, default, bad_token)
  local from = 0
  if token and token ~= "" then
    local plain = hash.base64_decode(token)
    local op, at = (plain or ""):match("^([%w]+):(%d+)$")
    if op ~= self.operation then self:fail(bad_token or "InvalidNextToken", "The token is not valid.") end
    from = tonumber(at)
  end
  local size = limit or default
  if from == 0 and (not size or #list <= size) then return list, nil end
  local page = table.move(list, from + 1, math.min(from + (size or #list), #list), 1, {})
  local stop = from + #page
  if stop < #list then return page, hash.base64_encode(self.operation .. ":" .. stop) end
  return page, nil
end

--- A stable digest of an input, for idempotency tokens.
---@param input table
---@return string
function Context.fingerprint(input) return hash.sha256_hex(json.encode(input)) end

return Context
