--- The shared configuration: environment and files, merged for one profile. Pure but for the
--- reader of files, which is an argument.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local keys = require "cso.aws.config.keys"
local parse = require "cso.aws.config.parse"
local suggest = require "cso.std.suggest"

local config = {}

---@class cso.aws.Config
local Config = {}
Config.__index = Config

local LARGEST = 4 << 20 -- bytes; people who have a thousand profiles need a tenth of it

local function read_plain(path)
  local text, e = fs.read(path, LARGEST)
  if text then return text end
  return nil, e
end

local function blank(v) return v == nil or type(v) == "string" and not v:find("%S") end

local function expand(path, env)
  local home = env.HOME or env.USERPROFILE or ""
  if path:sub(1, 2) == "~/" then return home .. path:sub(2) end
  return path
end

-- A file that is not there says nothing; one that is there and can't be read would say something.
local absent = { enoent = true, enotdir = true }

local function load_file(path, read)
  local text, e = read(path)
  if type(e) == "table" and e.code == "efbig" then
    return nil, err.new { code = "ConfigFile", class = "config", where = path .. ":1",
      message = ("the file is larger than %d MiB"):format(LARGEST >> 20) }
  end
  if type(e) == "table" and not absent[e.code] then
    return nil, err.new { code = "ConfigFile", class = "config", message = ("%s cannot be read: %s"):format(path,
      tostring(e.message):gsub("^.*: ", "")) }
  end
  if not text then return {} end
  local sections, fault = parse.sections(text)
  if sections then return sections end
  return nil, err.new { code = "ConfigFile", class = "config", where = path .. ":" .. fault.line,
    message = fault.message }
end

local function one_value(kind, name, values, path)
  for _, key in ipairs(deep.keys(values)) do
    if keys[key] and type(values[key]) == "table" then
      return err.new { code = "ConfigFile", class = "config", where = path,
        message = ("%s of %s %s is one value, and it has indented lines below it"):format(key, kind, name) }
    end
  end
end

-- Files are shared by many tools: only what is used of them has to be right, a profile and what it
-- leads to.
local function fault_of(self, name, seen)
  local values = self.profiles[name]
  if not values or seen[name] then return nil end
  seen[name] = true
  local fault = one_value("profile", name, values, self.config_path)
  local session = not fault and values.sso_session and self.sso_sessions[values.sso_session]
  if session then fault = one_value("sso-session", values.sso_session, session, self.config_path) end
  return fault or values.source_profile and fault_of(self, values.source_profile, seen)
end

--- A region without the marks that old configurations put FIPS into: fips-us-east-1, us-east-1-fips.
---@param region string?
---@return string? region
---@return boolean fips
function config.plain_region(region)
  if not region then return nil, false end
  local plain = region:match("^fips%-(.+)$") or region:match("^(.+)%-fips$")
  return plain or region, plain ~= nil
end

--- Loads the configuration.
---@param opts { env: table, profile: string?, region: string?, read: (fun(path: string): string?)? }
---@return cso.aws.Config? config
---@return cso.Err? err class "config"
function config.load(opts)
  local env = opts.env or {}
  local read = opts.read or read_plain
  local function path(name, default)
    local named = env[name]
    return expand(blank(named) and default or named, env)
  end
  local config_path = path("AWS_CONFIG_FILE", "~/.aws/config")
  local credentials_path = path("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
  -- A file named by the environment may still be absent: SDKs go on without it.
  local first, why = load_file(config_path, read)
  if not first then return nil, why end
  local second
  second, why = load_file(credentials_path, read)
  if not second then return nil, why end
  local parsed = parse.config(first)
  local profiles = parsed.profiles
  local shared = parse.credentials(second)
  for name, values in next, shared do
    local target = profiles[name] or {}
    profiles[name] = target
    for k, v in next, values do target[k] = v end
  end
  local self = setmetatable({
    env = env, profiles = profiles, shared = shared, sso_sessions = parsed.sso_sessions,
    services = parsed.services, config_path = config_path, credentials_path = credentials_path,
    read = read, explicit_profile = opts.profile ~= nil, explicit_region = opts.region,
  }, Config)
  local function from_env(name) return not blank(env[name]) and env[name] or nil end
  local named = opts.profile or from_env "AWS_PROFILE" or from_env "AWS_DEFAULT_PROFILE"
  self.profile_name = named or "default"
  if named and named ~= "default" and not profiles[named] then
    local near = suggest(named, deep.keys(profiles))
    return nil, err.new { code = "ProfileNotFound", class = "config",
      message = ("there is no profile %s in %s or %s"):format(named, config_path, credentials_path),
      hint = near and ("did you mean %s?"):format(near) or nil }
  end
  local fault = fault_of(self, self.profile_name, {})
  if fault then return nil, fault end
  return self
end

--- The properties of a profile (of the chosen one by default).
---@param name string?
---@return table?
function Config:profile(name)
  if name then return self.profiles[name] end
  return self.profiles[self.profile_name] or {}
end

--- An environment variable; blank counts as unset.
---@param name string
---@return string?
function Config:variable(name)
  local v = self.env[name]
  if blank(v) then return nil end
  return v
end

--- A setting: environment first, then the profile.
---@param variable string?
---@param key string?
---@return string?
function Config:get(variable, key)
  local v = variable and self:variable(variable)
  if v then return v end
  v = key and self:profile()[key]
  if blank(v) then return nil end
  return v
end

--- A yes/no setting.
---@param variable string?
---@param key string?
---@return boolean?
function Config:flag(variable, key)
  local v = self:get(variable, key)
  if v == nil then return nil end
  return v:lower() == "true" or v == "1"
end

--- The region of the session, or an error that says where one can be set.
---@return string? region
---@return cso.Err? err
function Config:region()
  local region = self.explicit_region or self:variable "AWS_REGION"
    or self:get("AWS_DEFAULT_REGION", "region")
  if not region then
    return nil, err.new { code = "NoRegion", class = "config",
      message = "no region is set",
      hint = ("set AWS_REGION, or region in profile %s of %s"):format(
        self.profile_name, self.config_path) }
  end
  if not region:match("^[%w%-]+$") then
    return nil, err.new { code = "InvalidRegion", class = "config",
      message = ("%q is not the name of a region"):format(region) }
  end
  return region
end

--- The endpoint that configuration sets for a service, if any.
---@param service_id string the model's serviceId, e.g. "Cognito Identity Provider"
---@return string? url
---@return cso.Err? err
function Config:endpoint_url(service_id)
  if self:flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") then
    return nil
  end
  local id = service_id:gsub("[%s%-]", "_")
  local url = self:variable("AWS_ENDPOINT_URL_" .. id:upper()) or self:variable "AWS_ENDPOINT_URL"
  if url then return url end
  local profile = self:profile()
  local section = profile.services
  if not blank(section) then
    local services = self.services[section]
    if not services then
      return nil, err.new { code = "ServicesSection", class = "config",
        message = ("profile %s names the services section %s, which %s does not have"):format(
          self.profile_name, section, self.config_path) }
    end
    local own = services[id:lower()]
    if type(own) == "table" and not blank(own.endpoint_url) then return own.endpoint_url end
  end
  if blank(profile.endpoint_url) then return nil end
  return profile.endpoint_url
end

--- A nested setting such as s3.addressing_style.
---@param block string
---@param key string
---@return string?
function Config:nested(block, key)
  local v = self:profile()[block]
  if type(v) ~= "table" or blank(v[key]) then return nil end
  return v[key]
end

return config
