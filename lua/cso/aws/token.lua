--- Tokens that are presigned requests in disguise: databases, caches and clusters take them for
--- passwords. Pure.
local err = require "cso.std.err"
local hash = require "cso.std.hash"
local scalar = require "cso.aws.protocol.scalar"
local sign = require "cso.aws.sign"

local token = {}

local function host_and_port(p) return ("%s:%s"):format(p.Host, p.Port) end
local function host(p) return p.Host end

---@class cso.aws.TokenKind
---@field help string
---@field needs string[]
---@field takes string[]?
---@field service string   that the request is signed for
---@field seconds integer  of life
---@field host fun(params: table, region: string): string
---@field query fun(params: table): string[][]
---@field headers (fun(params: table): string[][])?
---@field dress fun(url: string): string

local function bare(url) return (url:gsub("^https://", "")) end

--- Kinds of tokens by the name of their service.
---@type table<string, cso.aws.TokenKind>
token.kinds = {
  rds = {
    help = "a password for a database user of RDS or Aurora", needs = { "DBUser", "Host", "Port" },
    service = "rds-db", seconds = 900, host = host_and_port, dress = bare,
    query = function(p) return { { "Action", "connect" }, { "DBUser", p.DBUser } } end,
  },
  dsql = {
    help = "a password for Aurora DSQL; DBUser=admin for its administrator", needs = { "Host" }, takes = { "DBUser" },
    service = "dsql", seconds = 900, host = host, dress = bare,
    query = function(p) return { { "Action", p.DBUser == "admin" and "DbConnectAdmin" or "DbConnect" } } end,
  },
  elasticache = {
    help = "a password for a user of ElastiCache", needs = { "CacheName", "UserId" }, takes = { "ResourceType" },
    service = "elasticache", seconds = 900, host = function(p) return p.CacheName end, dress = bare,
    query = function(p)
      local list = { { "Action", "connect" }, { "User", p.UserId } }
      if p.ResourceType then list[3] = { "ResourceType", p.ResourceType } end
      return list
    end,
  },
  eks = {
    help = "a bearer token for a Kubernetes cluster", needs = { "ClusterName" },
    service = "sts", seconds = 60,
    host = function(_, region)
      return ("sts.%s.amazonaws.com%s"):format(region, region:find "^cn%-" and ".cn" or "")
    end,
    query = function() return { { "Action", "GetCallerIdentity" }, { "Version", "2011-06-15" } } end,
    headers = function(p) return { { "x-k8s-aws-id", p.ClusterName } } end,
    dress = function(url)
      return "k8s-aws-v1." .. hash.base64_encode(url):gsub("%+", "-"):gsub("/", "_"):gsub("=+$", "")
    end,
  },
}

local function complain(message, hint)
  return nil, err.new { code = "usage", class = "usage", message = message, hint = hint }
end

local function check(name, kind, params)
  local known = {}
  for _, key in ipairs(kind.takes or {}) do known[key] = true end
  for _, key in ipairs(kind.needs) do
    known[key] = true
    if (params[key] or "") == "" then
      return complain(("a token for %s needs %s"):format(name, key), "it takes " .. table.concat(kind.needs, ", "))
    end
  end
  for key, value in next, params do
    if not known[key] then
      return complain(("a token for %s takes no %s"):format(name, key), "it takes " .. table.concat(kind.needs, ", "))
    end
    if (key == "Host" or key == "Port" or key == "CacheName") and not tostring(value):find "^[%w%.%-]+$" then
      return complain(("%s=%s is no name of a host, and no port"):format(key, value))
    end
  end
  return true
end

--- Makes a token.
---@param name string  rds, dsql, elasticache, eks
---@param params table<string, string>  what the kind needs
---@param o { keys: table, region: string, time: integer }  keys from a provider of credentials
---@return string? token
---@return cso.Err? err  class usage
---@return integer? expires  epoch seconds
function token.make(name, params, o)
  local kind = token.kinds[name]
  if not kind then return complain(("there are no tokens for %q"):format(name)) end
  local ok, e = check(name, kind, params)
  if not ok then return nil, e end
  local prepared = { method = "GET", scheme = "https", host = kind.host(params, o.region), path = "/", query = {},
    body = "" }
  prepared.headers = { { "Host", prepared.host } }
  for _, h in ipairs(kind.headers and kind.headers(params) or {}) do
    prepared.headers[#prepared.headers + 1] = h
  end
  for i, pair in ipairs(kind.query(params)) do
    prepared.query[i] = { scalar.encode(pair[1]), scalar.encode(pair[2]) }
  end
  local endpoint = { signing_name = kind.service, signing_region = o.region, double_encode = true }
  local stages, why = sign.presign(prepared, endpoint, o.keys, o.time, kind.seconds)
  if not stages then return nil, err.new { code = why.code, class = "internal", message = why.message } end
  return kind.dress(sign.url(prepared)), nil, o.time + kind.seconds
end

return token
