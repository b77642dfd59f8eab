--- Keeps what a source finds fresh: renews it ahead of its end, and when a service says that it has
--- ended sooner. One task renews while the others wait for what it finds.
local keys = require "cso.aws.credentials.keys"

-- Seconds before the end from which on one task renews while others go on, and from which on all wait;
-- keys that live less than an hour are renewed in the last quarter of their life.
local ADVISORY, MANDATORY = 15 * 60, 10 * 60
local QUARTER, SIXTH = 1 / 4, 1 / 6

-- Seconds that keys which a source hands out after their end are used before it is asked again. The
-- clock may be wrong here: the service decides.
local STALE = 5

local function same(a, b)
  if a == b then return true end
  if a.access_key ~= b.access_key then return false end
  local secret, token = a.reveal()
  local other_secret, other_token = b.reveal()
  return secret == other_secret and token == other_token
end

-- Why keys that have ended are not replaced.
local function nothing_newer(found)
  local fixed = found.source == "environment"
  local e = keys.fail(found.source, "they have ended, and there are no newer ones",
    fixed and "the environment of a running program can't be changed: set new keys and run it again"
      or "renew them")
  e.ended = true -- also for a call that was not sent for it
  return e
end

--- A provider over a function that finds keys.
---@param opts { find: (fun(refused: table?): table?, cso.Err?), clock: (fun(): number), alone: (fun(fn: function): any)?, advisory: number?, mandatory: number?, pause: (fun(e: cso.Err, tries: integer): boolean?)?, accept: (fun(found: table): true?, cso.Err?)? }
---   find: gets the keys that a service has called ended, if any; pause: called when keys have ended and no
---   new ones are found, waits, and says whether to look again; accept: whether keys may take the place of
---   earlier ones; seconds before the end: when one renews while others go on, and when all wait
---@return table provider
return function(opts)
  local provider = {}
  local current, found_at
  -- What a service has called ended; what one did not know, and that was looked into.
  local spent, doubted
  local alone = opts.alone or function(fn) return fn() end
  -- Whether there were keys once: then a failure means that they ended in the middle of something.
  local begun = false

  local function left() return current.expires and current.expires - opts.clock() or math.huge end

  local function window(wanted, most, share)
    if wanted or not current.expires then return wanted or most end
    return math.min(most, math.max(0, current.expires - found_at) * share)
  end

  local function is_due()
    if not current then return true end
    local rest = left()
    if rest <= 0 then return opts.clock() - found_at >= STALE end
    return rest <= window(opts.advisory, ADVISORY, QUARTER)
  end

  local function look()
    local found, e = opts.find(spent)
    if not found then return nil, e end
    if spent and same(found, spent) then return nil, nothing_newer(found) end
    if begun and opts.accept then
      local ok
      ok, e = opts.accept(found)
      if not ok then return nil, e end
    end
    return found
  end

  local function take(found)
    current, found_at, begun = found, opts.clock(), true
    return found
  end

  local function renew()
    if not is_due() then return current end
    local found, e = look()
    -- Renewal that fails early is no failure yet.
    if not found and current and left() > 0 then return current end
    local tries = 0
    while not found and begun and opts.pause do
      tries = tries + 1
      if not opts.pause(e, tries) then break end
      found, e = look()
    end
    if not found then return nil, e end
    return take(found)
  end

  --- The keys to use now.
  ---@return table? keys
  ---@return cso.Err? err
  function provider:get()
    if not is_due() then return current end
    if current and self.renewing and left() > window(opts.mandatory, MANDATORY, SIXTH) then return current end
    self.renewing = true
    local ok, found, e = pcall(alone, renew)
    self.renewing = false
    if not ok then error(found, 0) end
    return found, e
  end

  --- Forgets the keys, so that the next call finds new ones.
  function provider.forget() current = nil end

  --- Other keys in the place of those that a service has called ended: what another task has found
  --- meanwhile, else what the source has now.
  ---@param used table
  ---@return table? keys
  ---@return cso.Err? err class credentials: there are none
  function provider:ended(used)
    if current and same(current, used) then spent, current = current, nil end
    return self:get()
  end

  --- Other keys in the place of those that a service does not know, if the source has any. It may be
  --- that only this service does not: they remain in use where there are none.
  ---@param used table
  ---@return table? keys
  function provider.unknown(_, used)
    return alone(function()
      if current and not same(current, used) then return current end
      if doubted and same(doubted, used) then return nil end
      doubted = used
      local found = opts.find(used)
      if not found or same(found, used) or opts.accept and not opts.accept(found) then return nil end
      return take(found)
    end)
  end

  return provider
end
