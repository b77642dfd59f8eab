--- Which sources a configuration leads to, and in which order their keys are used: the chain, walked
--- with nobody called. Files are read by the configuration's own reader; what would come over the
--- network, from a program or from a login is taken for granted. Pure.
local json = require "cso.std.json"

local function step_of_role(params, how)
  return { source = how, role_arn = params.RoleArn, external_id = params.ExternalId,
    session_name = params.RoleSessionName, duration = params.DurationSeconds, mfa_serial = params.SerialNumber }
end

local GRANTED = { AccessKeyId = "granted", SecretAccessKey = "granted", SessionToken = "granted" }

-- A caller of the token service that only notes what it is asked for.
local function sts(steps, base)
  return { call = function(_, name, params)
    if base and #steps == 0 then
      steps[1] = { source = base.source, access_key = base.access_key, account = base.account }
    end
    steps[#steps + 1] = step_of_role(params, name == "AssumeRole" and "role" or "web identity")
    return { Credentials = GRANTED }
  end }
end

local function client(steps, region)
  return { call = function(_, name, params)
    if name ~= "GetRoleCredentials" then return nil, { code = "NotAsked", message = "nobody is called" } end
    steps[#steps + 1] = { source = "single sign-on", account = params.accountId, role_name = params.roleName,
      region = region }
    return { roleCredentials = { accessKeyId = "granted", secretAccessKey = "granted", sessionToken = "granted" } }
  end }
end

local function http(steps)
  return function(request)
    if request.method == "PUT" then return { status = 200, headers = {}, body = "granted" } end
    if request.url:match("/security%-credentials/$") then return { status = 200, headers = {}, body = "role" } end
    local imds = request.url:match("/latest/meta%-data/")
    steps[#steps + 1] = { source = imds and "instance metadata" or "container endpoint", url = request.url }
    return { status = 200, headers = {}, body = json.encode(GRANTED) }
  end
end

local LATER = "2999-01-01T00:00:00Z"

-- A login that lasts, where the real one would lie.
local function reader(config)
  return function(path)
    if path:match("/sso/cache/") then return json.encode { accessToken = "granted", expiresAt = LATER } end
    if path:match("/login/cache/") then
      return json.encode { clientId = "granted", refreshToken = "granted", dpopKey = "granted", accessToken = {
        accessKeyId = "granted", secretAccessKey = "granted", sessionToken = "granted", expiresAt = LATER } }
    end
    return config.read(path) or "granted"
  end
end

--- The steps that lead to keys: where the first come from, then each role that is assumed with them.
---@param config cso.aws.Config
---@return { source: string, access_key: string?, account: string?, role_arn: string?, external_id: string?,
---   session_name: string?, duration: integer?, mfa_serial: string?, role_name: string?, url: string? }[]? steps
---@return cso.Err? err what is wrong with the configuration
return function(config)
  local steps = {}
  local found, e = require("cso.aws.credentials").find {
    config = config, clock = function() return 0 end, random = function() return 0 end,
    sleep = function() end, ask = function() return "000000" end,
    read_file = reader(config), http = http(steps),
    sts = function(base) return sts(steps, base) end,
    client = function(_, region) return client(steps, region) end,
    spawn = function(argv)
      steps[#steps + 1] = { source = "credential_process", argv = argv }
      return { status = 0, stderr = "", stdout = json.encode { Version = 1, AccessKeyId = "granted",
        SecretAccessKey = "granted" } }
    end,
  }
  if not found then return nil, e end
  if #steps == 0 then steps[1] = { source = found.source, access_key = found.access_key, account = found.account } end
  return steps
end
