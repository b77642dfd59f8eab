--- One simulated world: accounts, clock, ids, faults and services; a request in, a response out.
--- It knows nothing of sockets, so a spec can drive it directly.
local check = require "sim.check"
local chunked = require "sim.protocol.chunked"
local clock = require "sim.clock"
local Context = require "sim.context"
local deep = require "cso.std.deep"
local faults = require "sim.faults"
local gate = require "sim.gate"
local ids = require "sim.ids"
local protocols = require "sim.protocol"
local quotas = require "sim.data.quotas"
local regions = require "sim.data.regions"
local registry = require "sim.registry"
local router = require "sim.router"
local store = require "sim.store"
local token = require "sim.token"

local World = {}
World.__index = World

--- Makes a world.
---@param options table the options of sim.start, and `wall`: fun():number
---@return table|nil world, table? err
function World.new(options)
  local self = setmetatable({ options = options, wall = options.wall, registry = registry.new() }, World)
  local err
  self.store, err = store.open(options.db)
  if not self.store then return nil, err end
  self.account = options.account or "123456789012"
  self.quotas = deep.merge(quotas.by_name, options.quotas or {})
  self.credentials = {}
  for _, c in ipairs(options.credentials or {}) do
    self.credentials[c.access_key] = { access_key = c.access_key, secret_key = c.secret_key,
      account = c.account or self.account }
  end
  local rules, message = faults.parse(options.faults)
  if not rules then return nil, { code = "usage", class = "usage", message = message } end
  self.fault_rules = rules
  self:start()
  return self
end

local TIMERS = "all/global/sim/~Timer"

-- Clock, ids and dice, from what the store remembers.
function World:start()
  local o, meta = self.options, self.store.meta
  local seed = o.seed or meta.seed or 1
  self.clock = clock.new { wall = self.wall, speed = o.speed, latency = o.latency,
    offset = math.max(0, tonumber(meta.ahead) or 0) }
  self.ids = ids.new(seed, math.tointeger(tonumber(meta.ids or 0)))
  self.request_ids = ids.new(seed .. ":requests:" .. tostring(self.wall()))
  self.store.now = function() return self.clock:now() end
  self.faults = faults.new(self.fault_rules, ids.new(seed .. ":faults"), self.store.now)
  self.store:set_meta("seed", tostring(seed))
  self.next_timer = nil
  for _, work in next, self.store:collection(TIMERS).rows do
    if not self.next_timer or work.at < self.next_timer then self.next_timer = work.at end
  end
end

--- Forgets everything that happened.
function World:reset()
  self.store:reset()
  self:start()
end

--- Sets new fault rules.
---@param spec string|table
---@return boolean|nil ok, string? message
function World:set_faults(spec)
  local rules, message = faults.parse(spec)
  if not rules then return nil, message end
  self.fault_rules = rules
  self.faults = faults.new(rules, ids.new("faults"), self.store.now)
  return true
end

-- The secret behind an access key: given at the start, or made by IAM or STS in this world.
function World:credential(access_key)
  return self.credentials[access_key] or self.store:collection("all/global/sts/~Credential"):get(access_key)
end

-- Adopts status and shape of a fault from the operation's declared errors.
local function settle(service, op, fault)
  for _, e in ipairs(op and op.errors or {}) do
    local shape = service.model:shape(e.shape)
    local wire = shape.error and shape.error.code or e.shape
    if fault.code == wire or fault.code == e.shape then
      -- The json protocols name the shape on the wire, the XML ones its code.
      fault.shape = e.shape
      fault.code = (service.protocol == "query" or service.protocol == "rest-xml" or service.metadata.awsQueryCompatible)
        and wire or e.shape
      fault.status = fault.status or (shape.error and shape.error.httpStatusCode)
      break
    end
  end
  fault.status = fault.status or (service.facts.statuses or {})[fault.code] or 400
  return fault
end

--- Keeps work for later; see Context:later.
---@param at number virtual epoch
---@param work table
function World:schedule(at, work)
  work.at = at
  self.store:collection(TIMERS):put(self.ids:hex(16), work)
  if not self.next_timer or at < self.next_timer then self.next_timer = at end
end

-- Does what has come due, in order of time.
function World:run_due(call)
  local now = self.clock:now()
  if not self.next_timer or self.next_timer > now then return end
  local timers, due = self.store:collection(TIMERS), {}
  self.next_timer = nil
  for id, work in next, timers.rows do
    if work.at <= now then due[#due + 1] = { id, work }
    elseif not self.next_timer or work.at < self.next_timer then self.next_timer = work.at end
  end
  table.sort(due, function(a, b)
    if a[2].at ~= b[2].at then return a[2].at < b[2].at end
    return a[1] < b[1]
  end)
  for _, item in ipairs(due) do
    local id, work = item[1], item[2]
    timers:delete(id)
    local ctx = Context.new { world = self, account = work.account, region = work.region,
      partition = regions.partition(work.region), service = self.registry:get(work.service),
      operation = work.name, ids = self.ids, clock = self.clock, now = work.at, told = self.wall(), who = call.who }
    require(work.module)[work.name](ctx, work.argument)
  end
end

local anonymous = { account = "123456789012", access_key = "anonymous", arn = "anonymous", user_id = "anonymous" }

--- Performs one operation for a caller, past gate and decoding. Raises faults.
---@param call { service: sim.Service, op: table, region: string, who: table, request_id: string }
---@param input table
---@return table output
function World:perform(call, input)
  local service, op = call.service, call.op
  self:run_due(call)
  local ctx = Context.new { world = self, account = call.who.account, region = call.region,
    partition = regions.partition(call.region), service = service, operation = op.name, ids = self.ids,
    clock = self.clock, now = self.clock:now(), told = self.wall(), who = call.who, request_id = call.request_id,
    request = call.request }
  local handler = service.handlers[op.name]
  if not handler then
    ctx:fail("NotImplemented", ("The simulator does not have %s.%s."):format(service.name, op.name), 501)
  end
  if input.DryRun and service.protocol == "ec2" then
    ctx:fail("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
  end
  return token.once(ctx, op, input, function() return handler(ctx, input) or {} end)
end

-- Runs fn; returns its result, or the fault it raised. Anything else that is raised is a defect
-- of the simulator: the caller gets a 500 that says so, and the report keeps the traceback.
function World:guarded(fn, ...)
  local ok, got = xpcall(fn, function(e)
    if type(e) == "table" and e.sim_fault then return e end
    return { sim_fault = true, code = "InternalFailure", status = 500, defect = true,
      message = "the simulator failed: " .. debug.traceback(tostring(e), 2) }
  end, ...)
  if ok then return got end
  if got.defect and self.options.report then self.options.report(got.message) end
  return nil, got
end

-- Checks the caller. Returns who it is, or a fault.
function World:admit(req, auth, problem, service, op, protocol)
  local name = service and service.name
  if not auth then
    if problem == "missing" and op and op.authtype == "none" then return anonymous end
    return nil, gate.refuse(problem, protocol, name)
  end
  local c = self:credential(auth.access_key)
  if not c then return nil, gate.refuse("key", protocol, name) end
  if not regions.exists(auth.region) then
    return nil, gate.refuse("signature", protocol, name, "Credential should be scoped to a valid region.")
  end
  local ok, kind, message = gate.verify(req, auth, c.secret_key, self.wall())
  if not ok then return nil, gate.refuse(kind, protocol, name, message) end
  -- The keys of a directory bucket's session go with its token, and no others do.
  if auth.service == "s3express" and (auth.session ~= nil) ~= (c.bucket ~= nil) then
    return nil, gate.refuse("token", protocol, name)
  end
  if c.session_token and c.session_token ~= (c.bucket and auth.session or auth.token) then
    return nil, gate.refuse("token", protocol, name)
  end
  if c.expires and c.expires < self.clock:now() then return nil, gate.refuse("expired_token", protocol, name) end
  return c
end

local nowhere = { name = "unknown", protocol = "query", metadata = {}, facts = {} }

--- Answers one request.
---@param req table { method, path, query, headers, raw_headers, body }
---@return table response { status, headers, body } or { abort = true }
function World:handle(req)
  local response, fault = self:guarded(self.serve, self, req)
  if response then return response end
  fault.status = fault.status or 500
  return protocols.query.fault(nowhere, nil, fault, self.request_ids:uuid())
end

-- The first half: who asks for what.
function World:serve(req)
  req.raw_path = req.raw_path or req.path
  local request_id = self.request_ids:uuid()
  local auth, problem = gate.parse(req)
  local service, op, unknown, protocol = router.find(self.registry, req,
    auth and (auth.service == "s3express" and "s3" or auth.service))
  protocol = protocol or (service and service.protocol) or "query"
  local voice = protocols[protocol] or protocols.query
  if service and protocol ~= service.protocol then
    -- The same service, spoken to in another of its protocols.
    service.voices = service.voices or {}
    local v = service.voices[protocol] or setmetatable({ protocol = protocol }, { __index = service })
    service.voices[protocol] = v
    service = v
  end
  local function refuse(fault)
    return voice.fault(service or nowhere, op, settle(service or nowhere, op, fault), request_id)
  end
  local who, fault = self:admit(req, auth, problem, service, op, protocol)
  if not who then return refuse(fault) end
  if not op then
    return refuse { code = protocol == "ec2" and "InvalidAction" or protocol == "query" and "InvalidAction"
      or "UnknownOperationException", status = service and 400 or 404,
      message = ("The action %s is not valid for this web service."):format(tostring(unknown)) }
  end
  if chunked.applies(req) then
    local wrong, code = chunked.unwrap(req, auth, who.secret_key)
    local status = code == "SignatureDoesNotMatch" and 403 or 400
    if wrong then return refuse { code = code, status = status, message = wrong } end
  end
  return self:answer { req = req, service = service, op = op, voice = voice, who = who, request_id = request_id,
    region = auth and auth.region or "us-east-1", protocol = protocol, refuse = refuse }
end

local reads = { Describe = true, Get = true, List = true, Head = true, Search = true }

--- The second half of `handle`: faults on purpose, decoding, the handler, encoding.
function World:answer(call)
  local service, op = call.service, call.op
  local watch = self.options.watch
  if watch and watch("before", service.name, op.name) then return { abort = true } end
  local rule = #self.faults.rules > 0 and self.faults:draw(service.name, op.name)
  if rule then
    local fault = faults.answer(rule, service)
    if fault then return call.refuse(fault) end
    if rule.kind == "reset" then return { abort = true } end
    -- Nobody can tell from silence whether something was done: half of what hangs was.
    if rule.kind == "hang" and self.faults:toss() then return { hang = true } end
    if rule.kind == "stale" and reads[op.name:match("^%u%l+")] then
      self.store.horizon = self.clock:now() - (rule.seconds or 1)
    end
  end
  local problems = {}
  local input, fault = self:guarded(call.voice.decode, service, op, call.req, problems)
  if problems[1] then fault = check.fault(problems, call.protocol, service.facts.validation) end
  local output
  if not fault then
    output, fault = self:guarded(self.perform, self, { service = service, op = op, region = call.region,
      who = call.who, request_id = call.request_id, request = call.req }, input)
  end
  self.store.horizon = nil
  local response
  if not fault then
    response, fault = self:guarded(call.voice.encode, service, op, output, call.request_id)
  end
  if fault then response = call.refuse(fault) end
  if self.store.db and next(self.store.dirty) then
    self.store:set_meta("ids", self.ids.counter)
    self.store:set_meta("ahead", self.clock:ahead())
    local ok, err = self.store:commit()
    if not ok then
      return call.refuse { code = "InternalFailure", status = 500,
        message = "the simulator's state could not be written: " .. tostring(err and err.message) }
    end
  end
  if watch and watch("after", service.name, op.name, not fault and input or nil) then return { abort = true } end
  if rule and rule.kind == "lost" then return { abort = true } end
  if rule and rule.kind == "hang" then return { hang = true } end
  if rule and rule.kind == "truncate" then return { cut = response } end
  if rule and rule.kind == "slow" then response.delay = rule.seconds or 1 end
  return response
end

--- The inventory: place → rows without private fields, for comparing and for people.
---@return table
function World:dump()
  local function public(v)
    if type(v) ~= "table" then return v end
    local out = {}
    for k, item in next, v do
      if type(k) ~= "string" or k:sub(1, 1) ~= "_" then out[k] = public(item) end
    end
    return setmetatable(out, getmetatable(v))
  end
  local out = {}
  self:run_due { who = anonymous }
  for place, rows in next, self.store:dump() do
    local list = {}
    for _, row in ipairs(rows) do
      if not row._ended and not row._gone then list[#list + 1] = public(row) end
    end
    if not place:find("/~", 1, true) and list[1] then out[place] = list end
  end
  return out
end

--- Commits and closes the store.
function World:close() self.store:close() end

return World
