--- The chain of credential sources.
local err = require "cso.std.err"
local keys = require "cso.aws.credentials.keys"

local credentials = {}

-- The order of the shared configuration's specification. One file each.
local order = { "env", "assume_role", "web_identity", "sso", "shared_file", "login", "process", "files",
  "container", "imds" }

credentials.make = keys.make

--- Walks the chain once.
---@param ctx table { config, sts, client, http, clock, random, sleep, spawn, read_file, ask?, refused? }
---   refused: keys that a service has called ended; a source that has them at hand gets others
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

credentials.provider = require "cso.aws.credentials.provider"

return credentials
