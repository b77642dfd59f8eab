--- csorun presign SERVICE.OPERATION [KEY=VALUE …]
local duration = require "cso.std.duration"
local err = require "cso.std.err"
local target_of = require "cso.cmd.target"

local LONGEST = 7 * 24 * 3600

local function usage(message, hint)
  return nil, err.new { code = "usage", class = "usage", message = message, hint = hint }
end

local function seconds_of(text)
  local seconds = math.tointeger(tonumber(text)) or duration.parse(text)
  seconds = seconds and math.tointeger(seconds)
  if not seconds or seconds < 1 or seconds > LONGEST then
    return usage(("--expires takes 1 second to 7 days, got %q"):format(text),
      "write seconds or a duration: 900, 15m, 12h")
  end
  return seconds
end

-- What whoever uses the URL must send beside it, as they would have to write it down.
local function headers_of(prepared)
  local list = {}
  for _, header in ipairs(prepared.headers) do
    if header[1]:lower() ~= "host" then list[#list + 1] = ("%s: %s"):format(header[1], header[2]) end
  end
  table.sort(list)
  return list
end

-- S3 leaves the body out of its signature; everywhere else the URL would not carry the input.
local function carries_input(client, prepared)
  return (prepared.body or "") == "" or client.model.name == "s3"
end

return {
  name = "presign",
  help = "Print a URL that carries out an operation for whoever has it",
  args = { { name = "SERVICE.OPERATION", complete = "operation" },
    { name = "KEY=VALUE", optional = true, many = true } },
  options = {
    { long = "expires", value = "TIME", help = "how long the URL works: 900, 15m, 7d (default 1h)" },
    { long = "method", value = "METHOD", choices = { "GET", "HEAD", "POST", "PUT", "DELETE" },
      help = "sign for this method instead of the operation's own" },
  },
  text = table.concat({
    "Values are typed by the operation's model, as for exec:",
    "  csorun presign s3.GetObject Bucket=photos Key=cat.jpg --expires 15m",
    "  csorun presign s3.PutObject Bucket=photos Key=cat.jpg ContentType=image/jpeg",
    "  csorun presign sts.GetCallerIdentity --method GET --expires 60",
    "The URL works no longer than the credentials that signed it.",
  }, "\n"),
  waits = true,
  run = function(opts, args, ctx)
    local target, e = target_of.find(args[1], "presign", args[2])
    if not target then return nil, e end
    local expires, input, client
    expires, e = seconds_of(opts.expires or "3600")
    if not expires then return nil, e end
    input, e = target_of.input(target, args)
    if not input then return nil, e end
    client, e = ctx.session:client(target.service, {})
    if not client then return nil, e end
    local url, _, prepared
    url, e, prepared = client:presign(target.name, input, expires, opts.method)
    if not url then return nil, e end
    if not carries_input(client, prepared) then
      return usage(("%s.%s sends its input as a body, which a URL cannot carry"):format(
        target.service, target.name), "call it with csorun exec")
    end
    local headers = headers_of(prepared)
    if ctx.opts.json then
      local json = require "cso.std.json"
      ctx.out(json.encode({ url = url, method = prepared.method, headers = json.array(headers),
        expires = expires }, { indent = 2, sort = true }) .. "\n")
      return 0
    end
    ctx.out(url .. "\n")
    -- Not on standard output, which goes into scripts.
    if prepared.method ~= "GET" or #headers > 0 then
      ctx.note(("use it with %s%s\n"):format(prepared.method,
        #headers > 0 and " and\n  " .. table.concat(headers, "\n  ") or ""))
    end
    return 0
  end,
}
