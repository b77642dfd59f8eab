--- cso.api.<service> { region = … }: AWS's own API in a playbook, a step or the REPL. A failed call
--- raises. While a playbook is evaluated only reading is allowed: the plan has to be made of what
--- is there, and nothing may change before somebody agreed.
local err = require("cso.std.err")
local evaluation = require("cso.playbook.evaluation")
local value = require("cso.std.value")
local verbs = require("cso.std.verbs")
local where = require("cso.std.where")

local api = {}

--- True for an operation that a playbook may call while it is evaluated.
api.reads = verbs.harmless

local function guard(service, operation)
  local e = evaluation.current()
  if e and e.phase == "evaluate" and not e.opts.unguarded and not api.reads(operation) then
    evaluation.fail("changes_account",
      ("%s.%s changes the account, which evaluating a playbook must not"):format(service, operation),
      { hint = "put it into a cso.step" })
  end
end

local function raise(e, service, operation)
  e = err.wrap(e, "service")
  e.service, e.operation = e.service or service, e.operation or operation
  e.where = e.where or where.here(2)
  error(e, 0)
end

-- A loop's iterator fails in the middle of the loop: with the line of the loop.
local function located(iterator, at, service, operation)
  return function()
    local results = table.pack(pcall(iterator))
    if results[1] then return table.unpack(results, 2, results.n) end
    if err.is(results[2]) then
      local e = results[2]
      e.service, e.operation, e.where = e.service or service, e.operation or operation, e.where or at
    end
    error(results[2], 0)
  end
end

local Face = {}

--- All items of a paginated operation: `for vpc in ec2:each("DescribeVpcs", {}) do`.
function Face.each(self, operation, params)
  guard(self.service, operation)
  local ok, iterator = pcall(self.client.each, self.client, operation, value.open(params or {}))
  if not ok then raise(iterator, self.service, operation) end
  return located(iterator, where.here(1), self.service, operation)
end

--- All pages of a paginated operation.
function Face.pages(self, operation, params)
  guard(self.service, operation)
  return located(self.client:pages(operation, value.open(params or {})), where.here(1), self.service, operation)
end

--- The events of an answer as they arrive: `for event in bedrock:events("ConverseStream", { … }) do`.
function Face.events(self, operation, params)
  guard(self.service, operation)
  local talk, e = self.client:talk(operation, value.open(params or {}))
  if talk then
    local ok
    ok, e = talk:finish()
    if not ok then
      talk:close()
      talk = nil
    end
  end
  if not talk then raise(e, self.service, operation) end
  return located(talk:events(), where.here(1), self.service, operation), nil, nil, talk
end

--- Waits with one of the service's waiters.
function Face.wait(self, waiter, params, opts)
  local ok, e = self.client:wait(waiter, value.open(params or {}), opts)
  if not ok then raise(e, self.service, waiter) end
  return true
end

--- Calls an operation by its name; the same as ec2:DescribeVpcs { … }.
function Face.call(self, operation, params, opts)
  guard(self.service, operation)
  local out, e = self.client:call(operation, value.open(params or {}), opts)
  if not out then raise(e, self.service, operation) end
  return out
end

local call = Face.call
local mt = {
  __index = function(self, key)
    if Face[key] then return Face[key] end
    if type(key) ~= "string" or not key:match("^%u") then return nil end
    local function operation(me, params, opts)
      if not rawequal(me, self) then
        evaluation.fail("call", ("write a colon: %s:%s { … }"):format(self.service, key))
      end
      return call(self, key, params, opts)
    end
    rawset(self, key, operation)
    return operation
  end,
  __tostring = function(self) return "cso.api." .. self.service end,
}

local known = { region = true, profile = true, role = true }

local function open(service, target, given)
  local e = evaluation.current()
  local session = e and e.opts.session
  if not session then
    evaluation.fail("no_session", "cso.api works only where csorun has a session with AWS",
      { class = "config" })
  end
  local from = {}
  for k in pairs(known) do from[k] = (target or evaluation.standpoint(e).target)[k] end
  for k, v in pairs(given or {}) do
    if not known[k] then
      evaluation.fail("option", ("cso.api.%s has no option %s"):format(service, tostring(k)),
        { hint = "it takes region, profile and role" })
    end
    from[k] = v
  end
  local client, problem = session:client(service, from)
  if not client then raise(problem, service) end
  return setmetatable({ service = service, client = client }, mt)
end

-- Called, a service is opened with options; with a colon at once, it is opened as it stands.
local function service_of(service, target)
  local function opened(self, key)
    return function(me, ...)
      if not rawequal(me, self) then
        evaluation.fail("call", ("write a colon: cso.api.%s:%s { … }"):format(service, key))
      end
      local face = open(service, target)
      local operation = face[key]
      if not operation then
        evaluation.fail("call", ("cso.api.%s has no %s: operations begin with a capital"):format(service, key))
      end
      return operation(face, ...)
    end
  end
  return setmetatable({}, {
    __call = function(_, given) return open(service, target, given) end,
    __index = function(self, key) return type(key) == "string" and opened(self, key) or nil end,
    __tostring = function() return "cso.api." .. service end,
  })
end

--- The namespace `cso.api`, or that of a target.
---@param target table?
---@return table
function api.namespace(target)
  return setmetatable({}, {
    __index = function(self, service)
      local found = service_of(service, target)
      rawset(self, service, found)
      return found
    end,
    __tostring = function() return "cso.api" end,
  })
end

return api
