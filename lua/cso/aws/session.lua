--- A session: one configuration, one set of credentials per profile and role, and the clients
--- made from them.
local lazy = require "cso.std.lazy"
local catalogue = require "cso.std.catalogue"
local client = lazy "cso.aws.client"
local config = require "cso.aws.config"
local credentials = lazy "cso.aws.credentials"
local keys = lazy "cso.aws.credentials.keys"
local task = require "cso.task"

local session = {}

---@class cso.aws.Session
local Session = {}
Session.__index = Session
Session.__name = "cso.aws.Session"

-- A program that asks a person for a code may take its time, but neither for ever nor print without
-- end; a file with a token is as small.
local PATIENCE, LARGEST = 180, 64 * 1024

local function read_file(path) return (require("cso.std.fs").read(path, LARGEST)) end

local function spawn(argv)
  local process = require "cso.task.process"
  local r, e
  local ok, late = task.try(task.timeout, PATIENCE, function()
    r, e = process.run(argv[1], { args = table.move(argv, 2, #argv, 1, {}), max = LARGEST,
      strict = true })
  end)
  if not ok then
    if late.code ~= "timeout" then error(late, 0) end
    return nil, ("%s had not ended after %d s"):format(argv[1], PATIENCE)
  end
  if not r then return nil, e.message end
  if r.truncated then return nil, ("%s printed more than %d bytes"):format(argv[1], LARGEST) end
  return { status = r.code, stdout = r.out, stderr = r.err }
end

-- One at a time: the others wait for the first and then find its result.
local function alone()
  local gate
  return function(fn)
    if not task.current() then return fn() end
    gate = gate or task.semaphore(1)
    return gate:with(fn)
  end
end

---@class cso.aws.SessionOptions
---@field env table?          environment variables; the process's own by default
---@field profile string?     asked for by name: outranks keys in the environment
---@field region string?
---@field endpoint string?    for all services
---@field credentials table?  a provider, or { access_key, secret_key, token }
---@field read (fun(path: string): string?)? reader of files
---@field ask (fun(serial: string): string)? asks a person for an MFA code
---@field pause (fun(e: cso.Err, tries: integer): boolean?)? waits when keys have ended and none are found; true: look again
---@field write (fun(path: string, text: string): boolean?, cso.Err?)? writer of login tokens
---@field events (fun(name: string, event: table))?
---@field retry { mode: string?, attempts: integer?, usual: integer? }?
---@field timeout number?     seconds for one attempt of a call
---@field before (fun(request: cso.http.Request): cso.Err?)?  sees each request to a service before it is sent
---@field http function?      transport, clock, now, steady, random, sleep: for tests

--- The transport that trusts the authorities of a file instead of the system's, where one is named:
--- AWS's own variable and key first, then the ones of OpenSSL and curl.
---@param loaded cso.aws.Config
---@return function? request
---@return function? open
local function transport(loaded)
  local ca = loaded:get("AWS_CA_BUNDLE", "ca_bundle") or loaded:variable "SSL_CERT_FILE"
    or loaded:variable "CURL_CA_BUNDLE"
  if not ca then return nil end
  local function with(name)
    return function(request)
      request.ca = request.ca or ca
      return require("cso.http")[name](request)
    end
  end
  return with "request", with "open"
end

--- Opens a session.
---@param opts cso.aws.SessionOptions?
---@return cso.aws.Session? session
---@return cso.Err? err class "config"
function session.open(opts)
  opts = opts or {}
  local env = opts.env or require("cso.std.proc").environ()
  local loaded, e = config.load { env = env, profile = opts.profile, region = opts.region, read = opts.read }
  if not loaded then return nil, e end
  if not opts.http then
    local own, open = transport(loaded)
    if own then opts = setmetatable({ http = own, open = open }, { __index = opts }) end
  end
  return setmetatable({ opts = opts, env = env, config = loaded, clients = {}, providers = {}, accounts = {} }, Session)
end

-- Tokens are for their owner's eyes only.
local function write_private(path, text)
  local fs = require "cso.std.fs"
  local made, e = fs.mkdir_p(path:match("^(.*)/"), 448)
  if not made then return nil, e end
  return fs.write_atomic(path, text, 384)
end

local function wall() return require("cso.std.clock").time() end

function Session:context(loaded)
  local opts = self.opts
  local clock = opts.clock or wall
  local ctx = {
    config = loaded, clock = clock, spawn = opts.spawn or spawn, ask = opts.ask,
    read_file = opts.read or read_file, write = opts.write or write_private,
    http = opts.http or function(r) return require("cso.http").request(r) end,
    sleep = opts.sleep or task.sleep,
    random = opts.random or math.random,
  }
  local function make(service, region, provider)
    local c, e = client.new {
      service = service, config = loaded, region = region, credentials = provider,
      http = opts.http, open = opts.open, before = opts.before, clock = opts.clock, now = opts.now,
      steady = opts.steady, random = opts.random, sleep = opts.sleep, events = opts.events, endpoint = opts.endpoint,
    }
    if c then return c end
    return { call = function() return nil, e end }
  end
  function ctx.sts(found)
    local provider = found and credentials.static(found) or credentials.none()
    return make("sts", self.opts.region, provider)
  end
  function ctx.client(service, region) return make(service, region, credentials.none()) end
  return ctx
end

local function assumed(self, base, role)
  local ctx = self:context(self.config)
  local details = type(role) == "table" and role or { arn = role }
  return function()
    local found, e = base:get()
    if not found then return nil, e end
    local answer
    answer, e = ctx.sts(found):call("AssumeRole", {
      RoleArn = details.arn, ExternalId = details.external_id,
      RoleSessionName = details.session_name or keys.session_name(ctx.clock()),
    }, { repeatable = true })
    if not answer then
      local fault = keys.fail("role " .. details.arn, e.message)
      fault.cause = e
      return nil, fault
    end
    return keys.of_role(answer, details.arn, "role " .. details.arn)
  end
end

local function config_for(self, profile)
  if not profile then return self.config end
  return config.load { env = self.env, profile = profile, region = self.opts.region,
    read = self.opts.read }
end

-- Keys that take the place of others in the middle of a run must not lead into another account.
local function accepts(self, ctx, key, found)
  local account = self.accounts[key]
  if not account then return true end
  local now = found.account
  if not now then
    local who = ctx.sts(found):call("GetCallerIdentity", {})
    now = who and who.Account
  end
  if not now or now == account then return true end
  return nil, keys.fail(found.source, ("these belong to account %s, what was begun to %s"):format(now, account),
    "use keys of account " .. account)
end

--- The credentials of a profile (the session's own by default), as a role if one is given.
---@param profile string?
---@param role string|table|nil ARN, or { arn, external_id, session_name }
---@return table? provider
---@return cso.Err? err
function Session:credentials(profile, role)
  local arn = type(role) == "table" and role.arn or role
  local key = (profile or "") .. "\0" .. (arn or "")
  if self.providers[key] then return self.providers[key] end
  local provider
  if role then
    local base, e = self:credentials(profile)
    if not base then return nil, e end
    provider = credentials.provider { find = assumed(self, base, role),
      clock = self.opts.clock or wall, alone = alone(), pause = self.opts.pause }
  elseif not profile and self.opts.credentials then
    provider = self.opts.credentials
    if not provider.get then provider = credentials.static(provider) end
  else
    local loaded, e = config_for(self, profile)
    if not loaded then return nil, e end
    local ctx = self:context(loaded)
    local looked = false
    provider = credentials.provider { clock = ctx.clock, alone = alone(), pause = self.opts.pause,
      accept = function(found) return accepts(self, ctx, key, found) end,
      find = function(refused)
        local now = ctx
        if looked then
          -- Somebody may have written new keys into the files since.
          local again, wrong = config.load { env = self.env, profile = profile or self.opts.profile,
            region = self.opts.region, read = self.opts.read }
          if not again then return nil, wrong end
          now = self:context(again)
        end
        looked, now.refused = true, refused
        return credentials.find(now)
      end }
  end
  self.providers[key] = provider
  return provider
end

--- Signs a person in to the single sign-on of the session's profile.
---@param show fun(device: { address: string, uri: string, code: string })
---@return { file: string, expires: number, start_url: string }? login
---@return cso.Err? err class config or credentials
function Session:login(show)
  local ctx = self:context(self.config)
  return require("cso.aws.credentials.sso_login")(ctx, show)
end

--- The region that calls go to unless they say otherwise.
---@return string? region
---@return cso.Err? err
function Session:region() return self.config:region() end

--- A client, made once per service and target.
---@param service string underscores stand for hyphens
---@param target { region: string?, profile: string?, role: string|table|nil, endpoint: string? }?
---@return cso.aws.Client? client
---@return cso.Err? err
function Session:client(service, target)
  target = target or {}
  local arn = type(target.role) == "table" and target.role.arn or target.role
  local key = table.concat({ service, target.region or "", target.profile or "", arn or "",
    target.endpoint or "" }, "\0")
  if self.clients[key] then return self.clients[key] end
  local S, e = catalogue.service((service:gsub("_", "-")))
  if not S then return nil, e end
  local loaded
  loaded, e = config_for(self, target.profile)
  if not loaded then return nil, e end
  local provider
  provider, e = self:credentials(target.profile, target.role)
  if not provider then return nil, e end
  local opts = self.opts
  local made, why = client.new {
    model = S, config = loaded, region = target.region, credentials = provider,
    endpoint = target.endpoint or opts.endpoint, http = opts.http, open = opts.open, before = opts.before,
    clock = opts.clock, now = opts.now, steady = opts.steady, random = opts.random, sleep = opts.sleep,
    events = opts.events,
    retry = opts.retry, user_agent = opts.user_agent, timeout = opts.timeout,
    bearer = function()
      return require("cso.aws.credentials.sso").token(self:context(loaded))
    end,
  }
  if not made then return nil, why end
  self.clients[key] = made
  return made
end

--- Whose keys these are.
---@param target table?
---@return { Account: string, Arn: string, UserId: string }? identity
---@return cso.Err? err
function Session:identity(target)
  local sts, e = self:client("sts", target)
  if not sts then return nil, e end
  local who
  who, e = sts:call("GetCallerIdentity", {})
  if who then
    local role = target and target.role
    self.accounts[(target and target.profile or "") .. "\0" .. (type(role) == "table" and role.arn or role or "")] =
      who.Account
  end
  return who, e
end

return session
