--- csorun token KIND KEY=VALUE …
local err = require "cso.std.err"

local function usage(message, hint)
  return nil, err.new { code = "usage", class = "usage", message = message, hint = hint }
end

local function params_of(words)
  local params = {}
  for i = 2, #words do
    local key, value = words[i]:match "^(%w+)=(.*)$"
    if not key then return usage(("expected KEY=VALUE, got %q"):format(words[i])) end
    params[key] = value
  end
  return params
end

-- What kubectl reads from a program that gives it credentials.
local function for_kubectl(value, expires)
  return { kind = "ExecCredential", apiVersion = "client.authentication.k8s.io/v1beta1",
    status = { token = value, expirationTimestamp = os.date("!%Y-%m-%dT%H:%M:%SZ", expires) } }
end

return {
  name = "token",
  help = "Print a password made of a signature: rds, dsql, elasticache, eks",
  args = { { name = "KIND", choices = { "dsql", "eks", "elasticache", "rds" } },
    { name = "KEY=VALUE", optional = true, many = true } },
  options = {},
  text = table.concat({
    "Databases, caches and clusters take these where a password is asked for:",
    "  csorun token rds Host=db.abc.eu-west-2.rds.amazonaws.com Port=5432 DBUser=app",
    "  csorun token dsql Host=abc.dsql.eu-west-2.on.aws DBUser=admin",
    "  csorun token elasticache CacheName=sessions UserId=app",
    "  csorun token eks ClusterName=prod --json     what kubectl asks a program for",
    "They work for 15 minutes, those of clusters for one.",
  }, "\n"),
  waits = true,
  run = function(_, args, ctx)
    local token = require "cso.aws.token"
    local params, e = params_of(args)
    if not params then return nil, e end
    local session = ctx.session
    local region, provider, keys, value, expires
    region, e = session:region()
    if not region then return nil, e end
    provider, e = session:credentials()
    if not provider then return nil, e end
    keys, e = provider:get()
    if not keys then return nil, e end
    local clock = require "cso.std.clock"
    value, e, expires = token.make(args[1], params, { keys = keys, region = region, time = math.floor(clock.time()) })
    if not value then return nil, e end
    if ctx.opts.json then
      local json = require "cso.std.json"
      local shown = args[1] == "eks" and for_kubectl(value, expires) or { token = value, expires = expires }
      ctx.out(json.encode(shown, { indent = 2, sort = true }) .. "\n")
    else
      ctx.out(value .. "\n")
    end
    return 0
  end,
}
