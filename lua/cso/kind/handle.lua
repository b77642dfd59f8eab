--- A resource handle: what a kind's functions get. It carries one resource through one of its
--- moments (read, create, update, delete, ready, find) and is the kind's only way to the API, so
--- that whoever made the handle sees every call: the plan counts them, apply journals them.
local catalogue = require "cso.std.catalogue"
local err = require "cso.std.err"
local pace = require "cso.kind.pace"
local value = require "cso.std.value"

---@class cso.Handle
---@field address string
---@field type string
---@field kind cso.Kind
---@field id string?              the service's name for it, once it exists
---@field desired table           declared properties, resolved; secrets are wrapped
---@field current table?          what the last read found
---@field attributes table        what a create or update learned; kept in state
---@field own table<string,string> ownership tags
---@field token string            idempotency token of this creation, stable over restarts
---@field avoid string?          an id that is known already and not what `find` looks for
---@field others table<string, boolean>?  ids of this type that are known under other addresses
---@field recovers cso.Record?   what is taken back, as it was remembered
---@field looking boolean?      while an earlier attempt is looked for: that there is none is no reason to wait
---@field target table            { region=, profile=, role= }
---@field stack string
---@field usual (fun(what: string): number?)?   how long earlier runs waited so, s
---@field learn fun(what: string, seconds: number)?  hears how long a wait took
local Handle = {}
Handle.__index = Handle

local handle = {}

---@param fields table  the fields of cso.Handle plus `invoke`, `sleep`, `now`, `identity`, `emit`
---@return cso.Handle
function handle.new(fields)
  fields.attributes = fields.attributes or {}
  fields.desired = fields.desired or {}
  return setmetatable(fields, Handle)
end

--- For many handles that have fields in common: what makes such a handle of its own fields.
---@param common table   of the fields that `handle.new` takes
---@return fun(fields: table): cso.Handle
function handle.sharing(common)
  local mt = { __index = setmetatable(common, Handle) }
  return function(fields) return setmetatable(fields, mt) end
end

--- The catalogue's model of the kind's service (or of another one).
function Handle:model(service)
  return assert(catalogue.service(service or self.kind.spec.service))
end

--- Calls the API; nil and an error when it fails.
---@param operation string   "CreateVpc", or "iam.GetRole" for another service than the kind's
---@param params table
---@param opts table?   for the client; `whole`: the codes that say that what is named is not known, where
---  the service has others for parts of it that were never set
---@return table?, cso.Err?
function Handle:try(operation, params, opts)
  local service, name = operation:match("^([%w-]+)%.(%w+)$")
  -- A kind may hand on what was declared as it is: here it leaves.
  if value.is_sensitive(params) then params = value.reveal(params) end
  return self.invoke(self, service or self.kind.spec.service, name or operation, params, opts or {})
end

--- Calls the API; raises the error when it fails (caught where the engine called the kind).
---@return table
function Handle:call(operation, params, opts)
  local out, e = self:try(operation, params, opts)
  if not out then error(e, 0) end
  return out
end

--- Raises an error of this resource.
function Handle.fail(_, code, message, hint)
  error(err.new { code = code, class = "service", message = message, hint = hint }, 0)
end

--- The declared value of a property with its secrets opened. Use it for calls only.
function Handle:want(property)
  return value.reveal(self.desired[property])
end

-- How often in a row a look may fail for a reason that passes.
local STUMBLES = 5

local function passes(e)
  return type(e) == "table" and not e.ambiguous and (e.class == "network" or e.throttled or e.transient) or false
end

--- Calls `fn` until it returns something true. The first call is made at once, the later ones as
--- experience or the expected duration suggest (cso.kind.pace).
---@param what string        shown to people: "waiting for available"
---@param fn fun(): any
---@param expect number?     seconds this usually takes
---@return any
function Handle:poll(what, fn, expect)
  local started, guess = self.now(), expect or 10
  -- Things of one type for which the kind expects different durations are learned apart.
  local lesson = ("%s|%g"):format(what, guess)
  local learned = self.usual and self.usual(lesson)
  local limit = self.timeout or math.max(600, (learned or guess) * 4)
  local stumbles, looked = 0, false
  while true do
    local ok, result = pcall(fn)
    if not ok then
      -- A wait of twenty minutes outlives a moment without a network.
      stumbles = stumbles + 1
      if not looked or stumbles > STUMBLES or not passes(result) then error(result, 0) end
      result = nil
    else
      stumbles, looked = 0, true
    end
    local spent = self.now() - started
    if result then
      if self.learn then self.learn(lesson, spent) end
      return result
    end
    if spent > limit then
      error(err.new { code = "timeout", class = "service", cause = self.last_error,
        message = ("still %s after %.0f s"):format(what, spent),
        hint = "raise the resource's timeouts, or look at it in the account" }, 0)
    end
    if self.emit then
      -- Who waits for long wants to know what the service says meanwhile.
      local said = self.last_error
      self.emit("step_wait", { address = self.address, seconds = spent,
        what = said and ("%s (%s)"):format(what, said.message or said.code) or what })
    end
    self.sleep(pace(spent, learned or guess, learned ~= nil))
  end
end

--- Seconds that a moment of this kind usually takes.
function Handle:seconds(moment)
  local seconds = self.kind.spec.seconds
  if type(seconds) == "function" then seconds = seconds(self.desired) end
  return seconds and seconds[moment] or 1
end

return handle
