--- The session of a rehearsal: every target (region, profile, role) leads into the private
--- simulator, each real account to an account of the same number there. No call finds another way.
local aws = require "cso.aws"
local verbs = require "cso.std.verbs"

local session = {}

-- What the account is called when nobody can say whose keys these are.
local NOBODY = "123456789012"

---@class cso.rehearse.Session
local Session = {}
Session.__index = Session

local function place_key(target)
  return (target.profile or "") .. "|" .. (target.role or "")
end

local function open(self, account)
  local keys = self.keys(account)
  local opened, e = aws.session {
    env = { AWS_ACCESS_KEY_ID = keys.access_key, AWS_SECRET_ACCESS_KEY = keys.secret_key, AWS_REGION = self.at,
      AWS_ENDPOINT_URL = self.url, AWS_CONFIG_FILE = "/dev/null", AWS_SHARED_CREDENTIALS_FILE = "/dev/null",
      AWS_EC2_METADATA_DISABLED = "true" },
    sleep = self.clock.sleep, retry = { usual = 1 },
  }
  return assert(opened, e and e.message)
end

--- The account that a target means, told by the real session.
---@param target { profile: string?, role: string? }?
---@return string account  twelve digits
function Session:account(target)
  local key = place_key(target or {})
  if not self.accounts[key] then
    local who = self.real:identity(target)
    self.accounts[key] = who and who.Account or NOBODY
  end
  return self.accounts[key]
end

local function at(self, target)
  local account = self:account(target)
  if not self.opened[account] then self.opened[account] = open(self, account) end
  return self.opened[account]
end

--- A client as cso.aws gives it, whose successful changes move the rehearsal on.
function Session:client(service, target)
  local client, e = at(self, target):client(service, { region = target and target.region })
  if not client then return nil, e end
  local clock = self.clock
  return setmetatable({
    call = function(_, operation, params, opts)
      local out, failure = client:call(operation, params, opts)
      if out and verbs.mutates(operation) then clock.progress() end
      return out, failure
    end,
  }, { __index = client })
end

function Session:region() return self.at end

function Session:identity(target) return at(self, target):identity() end

--- Opens it.
---@param opts { real: table, url: string, clock: table, keys: fun(account: string): table }
---@return cso.rehearse.Session
function session.new(opts)
  return setmetatable({ real = opts.real, url = opts.url, clock = opts.clock, keys = opts.keys,
    at = opts.real:region() or "us-east-1", accounts = {}, opened = {} }, Session)
end

return session
