--- The chain of credential sources, and the provider that keeps what it found fresh.
local err = require "cso.std.err"
local keys = require "cso.aws.credentials.keys"

local credentials = {}

-- The order of the shared configuration's specification. One file each.
local order = { "env", "assume_role", "web_identity", "sso", "shared_file", "login", "process", "files",
  "container", "imds" }

local ADVISORY, MANDATORY = 15 * 60, 10 * 60

credentials.make = keys.make

--- Walks the chain once.
---@param ctx table { config, sts, client, http, clock, random, sleep, spawn, read_file, ask? }
---@return table? keys
---@return cso.Err? err class "credentials"; `tried` lists { source, why }
function credentials.find(ctx)
  local tried = {}
  for _, file in ipairs(order) do
    local source = require("cso.aws.credentials." .. file)
    -- A profile that was asked for by name outranks keys in the environment.
    if source.name == "environment" and ctx.config.explicit_profile then
      tried[#tried + 1] = { source = source.name, why = "a profile was asked for by name" }
    else
      local found, why, broken = source.load(ctx)
      if found then
        found.tried = tried
        return found
      end
      if broken then
        broken.tried = tried
        return nil, broken
      end
      tried[#tried + 1] = { source = source.name, why = why }
    end
  end
  local lines = {}
  for i, t in ipairs(tried) do lines[i] = ("  %s: %s"):format(t.source, t.why) end
  return nil, err.new {
    code = "NoCredentials", class = "credentials", tried = tried,
    message = "no credentials were found; tried\n" .. table.concat(lines, "\n"),
    hint = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with AWS_PROFILE",
  }
end

--- A provider that always gives the same keys.
---@param t table fields of `credentials.make`, or keys
---@return table provider { get = fn(self) -> keys | nil, err }
function credentials.static(t)
  local found = keys.is(t) and t or keys.make {
    access_key = t.access_key, secret_key = t.secret_key, token = t.token, account = t.account,
    expires = t.expires, source = t.source or "explicit",
  }
  return { get = function() return found end }
end

--- A provider that signs nothing.
---@return table provider
function credentials.none()
  return { get = function() return nil end, anonymous = true }
end

--- A provider over a function that finds keys: remembers them, renews them ahead of their end,
--- one renewal at a time (`alone` runs a function while others who want it wait).
---@param opts { find: (fun(): table?, cso.Err?), clock: (fun(): number), alone: (fun(fn: function): any)?, advisory: number?, mandatory: number?, pause: (fun(e: cso.Err, tries: integer): boolean?)? }
---   pause: called when keys have ended and no new ones are found; waits, and says whether to look again;
---   seconds before the end: when one renews while others go on, and when all wait
---@return table provider
function credentials.provider(opts)
  local provider = {}
  local current
  local advisory, mandatory = opts.advisory or ADVISORY, opts.mandatory or MANDATORY
  local alone = opts.alone or function(fn) return fn() end

  local function left() return current.expires and current.expires - opts.clock() or math.huge end

  -- Whether there were keys once: then a failure means that they ended in the middle of something.
  local begun = false

  local function renew()
    if current and left() > advisory then return current end
    local found, e = opts.find()
    -- Renewal that fails early is no failure yet.
    if not found and current and left() > 0 then return current end
    local tries = 0
    while not found and begun and opts.pause do
      tries = tries + 1
      if not opts.pause(e, tries) then break end
      found, e = opts.find()
    end
    if not found then return nil, e end
    current, begun = found, true
    return current
  end

  --- The keys to use now.
  ---@return table? keys
  ---@return cso.Err? err
  function provider:get()
    if current and left() > advisory then return current end
    if current and left() > mandatory and self.renewing then return current end
    self.renewing = true
    local found, e = alone(renew)
    self.renewing = false
    return found, e
  end

  --- Forgets the keys, so that the next call finds new ones (after ExpiredToken).
  function provider.forget() current = nil end

  return provider
end

return credentials
