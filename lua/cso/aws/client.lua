--- A client of one service in one region: checks, builds, sends and reads calls. `build` and
--- `parse` touch nothing but their arguments.
local agent = require "cso.aws.agent"
local auth = require "cso.aws.auth"
local bounds = require "cso.aws.bounds"
local bounded = require "cso.std.bounded"
local call = require "cso.aws.call"
local catalogue = require "cso.std.catalogue"
local checksum = require "cso.aws.checksum"
local compress = require "cso.aws.compress"
local credentials = require "cso.aws.credentials"
local copies = require "cso.aws.customize.copies"
local customize = require "cso.aws.customize"
local endpoint = require "cso.aws.endpoint"
local err = require "cso.std.err"
local express = require "cso.aws.express"
local hash = require "cso.std.hash"
local loopback = require "cso.std.loopback"
local modes = require "cso.aws.config.modes"
local page = require "cso.aws.page"
local protocol = require "cso.aws.protocol"
local retry = require "cso.aws.retry"
local settings_of = require "cso.aws.settings"
local shape = require "cso.aws.protocol.shape"
local sign = require "cso.aws.sign"
local suggest = require "cso.std.suggest"
local validate = require "cso.aws.validate"
local wait = require "cso.aws.wait"

-- How many endpoints a client remembers: one for each operation, and in S3 for each bucket.
local ENDPOINTS = 256

local client = {}

---@class cso.aws.Client
local Client = {}
Client.__index = Client
Client.__name = "cso.aws.Client"

function Client:__tostring()
  return ("(client of %s in %s)"):format(self.model.name, self.settings.region or "no region")
end

-- What touches the world is loaded by the first call.
local function late(module, name)
  local fn
  return function(arg)
    fn = fn or require(module)[name]
    return fn(arg)
  end
end

local default_open = late("cso.http", "open")
local default_http, default_sleep = late("cso.http", "request"), late("cso.task", "sleep")
local default_now, wall = late("cso.task", "now"), late("cso.std.clock", "time")

-- A transport that asks before it sends.
local function asking(before, send)
  if not before then return send end
  return function(request)
    local e = before(request)
    if e then return nil, e end
    return send(request)
  end
end

local function chance() return string.unpack(">I4", hash.random(4)) / 4294967296 end

local function env_token(config, S)
  local token = config and config.env and config.env[auth.variable(S)]
  return token ~= "" and token or nil
end

---@class cso.aws.ClientOptions
---@field service string?     name, when no model is given
---@field model table?        a service of the catalogue
---@field region string?
---@field endpoint string?    URL instead of the rules' own
---@field config table?       cso.aws.Config
---@field credentials table?  provider; without one nothing is signed
---@field bearer (fun(): string?, cso.Err?)?  finds the token of services that take one
---@field settings table?     endpoint settings: fips, dual_stack, s3_addressing, client_context …
---@field partitions table?   the partitions file
---@field retry { mode: string?, attempts: integer?, usual: integer? }?
---@field events (fun(name: string, event: table))?
---@field max_body integer?   bytes that an answer may have in memory, instead of CSORUN_MAX_ANSWER or the usual bound
---@field timeout number?     seconds for one attempt
---@field connect_timeout number?
---@field user_agent string?
---@field before (fun(request: cso.http.Request): cso.Err?)?  sees each request when it is about to be sent, signed
---                            already: may add headers, or keep it from being sent
---@field open function?      transport of conversations, as cso.http.open
---@field http function?      transport; clock (wall), now (of waits), steady (of measures), random, sleep, uuid: for tests

--- Makes a client.
---@param opts cso.aws.ClientOptions
---@return cso.aws.Client? client
---@return cso.Err? err usage (unknown service), config
function client.new(opts)
  local S = opts.model
  if not S then
    local unknown
    S, unknown = catalogue.service((opts.service:gsub("_", "-")))
    if not S then return nil, unknown end
  end
  local config = opts.config
  local region, url = opts.region, opts.endpoint
  local e
  if not region and config then
    region, e = config:region()
    if e then return nil, e end
  end
  if not url and config then
    url, e = config:endpoint_url(S:metadata().serviceId or S.name)
    if e then return nil, e end
  end
  local random = opts.random or chance
  local clock = opts.clock or wall
  local policy, bad = retry.new(config, {
    mode = opts.retry and opts.retry.mode, attempts = opts.retry and opts.retry.attempts,
    usual = opts.retry and opts.retry.usual, service = S.name,
    random = random, clock = opts.now or clock,
  })
  if not policy then return nil, bad end
  local connect
  connect, e = modes(config, region)
  if e then return nil, e end
  local least
  least, e = compress.minimum(config)
  if e then return nil, e end
  local max_body = opts.max_body
  if not max_body then
    max_body, e = bounds.raised(config)
    if e then return nil, e end
  end
  local room = bounds.times(max_body)
  local chosen
  chosen, e = settings_of(config, { region = region, endpoint = url, service = S.name,
    settings = opts.settings })
  if not chosen then return nil, e end
  return setmetatable({
    model = S, config = config, retry = policy, random = random, clock = clock,
    settings = chosen,
    credentials = opts.credentials or credentials.none(),
    http = asking(opts.before, opts.http or default_http), sleep = opts.sleep or default_sleep,
    open = asking(opts.before, opts.open or default_open),
    now = opts.now or default_now, steady = opts.steady or opts.now or default_now, events = opts.events,
    partitions = opts.partitions, uuid = opts.uuid or hash.uuid, skew = 0,
    user_agent = agent.name(opts.user_agent or "csorun", config), trace_id = agent.trace(config),
    timeout = opts.timeout or 60 * room,
    connect_timeout = opts.connect_timeout or connect or 10, max_body = max_body, room = room,
    env_token = env_token(config, S), bearer = opts.bearer, kinds = {},
    endpoints = bounded.new(ENDPOINTS), sessions = {}, min_compression = least,
  }, Client)
end

--- Whether its calls leave this machine.
---@return boolean
function Client:is_afar()
  local host = (self.settings.endpoint or ""):match("^%a[%w+.-]*://([^/?#]*)")
  return not (host and loopback(host))
end

--- The model of an operation.
---@param name string
---@return table? op
---@return cso.Err? err usage, with "did you mean"
function Client:operation(name)
  local op = self.model:operation(name)
  if op then
    if not op.name then op.name = name end
    return op
  end
  local near = suggest(name, self.model:operations())
  return nil, err.new {
    code = "UnknownOperation", class = "usage", service = self.model.name, operation = name,
    message = ("%s has no operation %s"):format(self.model.name, name),
    hint = near and ("did you mean %s?"):format(near) or nil,
  }
end

--- How an operation says who calls.
---@param op table
---@return "v4"|"v4a"|"v2"|"bearer"|"none"
function Client:auth_kind(op)
  local kind = self.kinds[op.name]
  if not kind then
    kind = auth.kind(self.model, op, self.env_token ~= nil, self.settings.auth_preference)
    self.kinds[op.name] = kind
  end
  return kind
end

--- The service's bearer token: from the environment, else from the profile's single sign-on.
---@return string? token
---@return cso.Err? err class credentials
function Client:bearer_token()
  if self.env_token then return self.env_token end
  if self.bearer then return self.bearer() end
  return nil, err.new { code = "NoToken", class = "credentials", service = self.model.name,
    message = ("%s wants a bearer token and there is none"):format(self.model.name),
    hint = "set " .. auth.variable(self.model) }
end

--- The keys that a call is signed with: a session's in the buckets that want one.
---@param params table
---@param where table from Client:endpoint
---@return table? keys
---@return cso.Err? err
function Client:keys(params, where)
  if where.way ~= "v4-s3express" then return self.credentials:get() end
  return express.keys(self, params.Bucket)
end

--- Where a call would go.
---@param op table
---@param params table
---@param region string? instead of the client's own
---@return table? endpoint
---@return cso.Err? err
function Client:endpoint(op, params, region)
  local settings = customize.settings(self.model, op, self.settings)
  local set = self.model:rules()
  -- Some services have an endpoint for each account, once it is known whose keys these are.
  if set and set.parameters.AccountId and not settings.account_id and not settings.endpoint then
    local keys = self.credentials:get()
    if keys and keys.account then
      settings = setmetatable({ account_id = keys.account }, { __index = settings })
    end
  end
  if region then settings = setmetatable({ region = region }, { __index = settings }) end
  if not self.partitions then self.partitions = catalogue.partitions() end
  local found, e = endpoint.resolve(self.model, op, params, settings, self.partitions, self.endpoints)
  local own = found and customize.address(self.model, op, params)
  return own and setmetatable({ url = own }, { __index = found }) or found, e
end

local function token_member(S, op)
  local cache = shape.cache(S, "token member")
  local found = cache[op.name]
  if found == nil then
    found = false
    for name, ref in next, op.input and S:shape(op.input.shape).members or {} do
      if ref.idempotencyToken then found = name end
    end
    cache[op.name] = found
  end
  return found
end

--- The member that carries an operation's idempotency token, if it has one.
---@param name string
---@return string?
function Client:token_member(name)
  local op = self:operation(name)
  return op and token_member(self.model, op) or nil
end

local function complete(self, op, params, opts)
  local member = token_member(self.model, op)
  if not member then return params, false end
  if params[member] ~= nil then return params, true end
  local copy = {}
  for k, v in next, params do copy[k] = v end
  copy[member] = opts.token or self.uuid()
  return copy, true
end

local rest = { ["rest-json"] = true, ["rest-xml"] = true }

local NOTHING = {}

local function make(self, name, params, opts, live)
  local op, e = self:operation(name)
  if not op then return nil, e end
  if params == nil then params = {} end
  params = customize.defaults(self.model, op, params)
  e = validate.check(self.model, op, params)
  if e then return nil, e end
  local full, has_token = complete(self, op, params, opts)
  full, e = customize.params(self.model, op, full, opts.presign, self.settings)
  if not e and live and not opts.presign then full, e = copies.complete(self, op, full, call.authorize) end
  if e then return nil, e end
  local request
  request, e = protocol.build(self.model, op, full)
  if request then
    e = customize.request(self.model, op, request, opts.presign and full)
    if e then return nil, err.new(e) end
    if self.settings.no_host_prefix then request.host_prefix = nil end
    if not opts.presign then compress.apply(op, request, self.min_compression) end
    request.method_tells = rest[protocol.name(self.model)]
    e = checksum.add(self.model, op, full, request,
      { when_required = self.settings.checksum_when_required, presign = opts.presign })
  end
  if e then
    e.service, e.operation = self.model.name, name
    return nil, err.new(e)
  end
  return request, nil, op, full, has_token
end

--- Builds a request without sending it.
---@param name string operation
---@param params table?
---@param opts { token: string? }?
---@return table? request { method, path, query, headers, body, host_prefix }
---@return cso.Err? err
function Client:build(name, params, opts)
  local request, e = make(self, name, params, opts or {})
  return request, e
end

--- Reads an answer as if it had just arrived.
---@param name string operation
---@param response { status: integer, headers: table<string, string>, body: string }
---@return table? output
---@return cso.Err? err
---@return table? meta
function Client:parse(name, response)
  local op, e = self:operation(name)
  if not op then return nil, e end
  response = protocol.plain(response)
  return call.read(self, op, {}, { status = response.status, headers = response.headers,
    written = response.written, body = response.body or "" })
end

--- Makes a call; within a task.
---@param name string operation
---@param params table?
---@param opts { token: string?, repeatable: boolean?, headers: table?, no_retry_ambiguous: boolean?, timeout: number?, to_file: string?, to_at: integer?, to_sum: string?, max_body: integer?, told: (fun(e: cso.Err))? }?
---   told: hears of each attempt that failed; to_file: where a streamed answer's content goes instead of into the output, from byte to_at on
---   of it, with the checksum of that name in meta.sum; max_body: bytes that an answer may have; repeatable: doing it twice does no harm, whatever the operation's name says; headers: further
---   { name, value } to send
---@return table? output
---@return cso.Err? err code, message, status, request_id, retryable, throttled, ambiguous, fields
---@return table? meta { request_id, status, headers, sum, received }
function Client:call(name, params, opts)
  opts = opts or NOTHING
  local request, e, op, full, has_token = make(self, name, params, opts, true)
  if not request then return nil, e end
  if opts.headers then table.move(opts.headers, 1, #opts.headers, #request.headers + 1, request.headers) end
  return call.run(self, op, full, request, {
    has_token = has_token or opts.repeatable, no_retry_ambiguous = opts.no_retry_ambiguous, timeout = opts.timeout,
    to_file = opts.to_file, to_at = opts.to_at, to_sum = opts.to_sum, max_body = opts.max_body, told = opts.told,
  })
end

--- Begins a call whose events are handed over as they arrive; within a task. Close what it gives.
---@param name string operation
---@param params table?  the input's events, where it has some, are said by talk:send, or stand here as a list
---@param opts { token: string? }?
---@return cso.aws.Talk? talk
---@return cso.Err? err
function Client:talk(name, params, opts)
  return require("cso.aws.talk").call(self, name, params or {}, opts or {}, make)
end

--- A signed request that is not sent: for inspection.
---@param name string operation
---@param params table?
---@param opts { token: string?, time: integer?, presign: integer?, method: string? }? presign: seconds
---   of life; method: instead of the operation's own
---@return table? prepared { method, url, headers, body, canonical_request, string_to_sign, signature }
---@return cso.Err? err
function Client:signed(name, params, opts)
  opts = opts or {}
  local request, e, op, full = make(self, name, params, opts, true)
  if not request then return nil, e end
  local where
  where, e = self:endpoint(op, full)
  if not where then return nil, e end
  local prepared
  prepared, e = sign.prepare(request, where)
  if not prepared then return nil, e end
  prepared.method = opts.method or prepared.method
  local stages
  stages, e = call.authorize(self, op, full, prepared, where,
    opts.time or math.floor(self.clock() + self.skew), opts.presign)
  if not stages then return nil, e end
  prepared.canonical_request, prepared.string_to_sign, prepared.signature =
    stages.canonical_request, stages.string_to_sign, stages.signature
  prepared.url = sign.url(prepared)
  return prepared
end

--- A URL that carries out an operation for whoever has it.
---@param name string operation
---@param params table?
---@param expires integer? seconds, default 3600
---@param method string? that the URL is used with, instead of the operation's own
---@return string? url
---@return cso.Err? err
---@return table? prepared what has to be sent with it: method, headers, body
function Client:presign(name, params, expires, method)
  local p, e = self:signed(name, params, { presign = expires or 3600, method = method })
  if not p then return nil, e end
  return p.url, nil, p
end

--- Iterates over the items of all pages; raises errors as values.
---@param name string operation
---@param params table?
---@return fun(): any
function Client:each(name, params) return page.each(self, name, params) end

--- Iterates over the pages of an answer; raises errors as values.
---@param name string operation
---@param params table?
---@return fun(): table
function Client:pages(name, params) return page.pages(self, name, params) end

--- Waits until a waiter of the model is satisfied.
---@param name string waiter
---@param params table?
---@param opts { timeout: number?, delay: number?, attempts: integer? }?
---@return true?
---@return cso.Err? err
function Client:wait(name, params, opts) return wait.run(self, name, params, opts) end

return client
