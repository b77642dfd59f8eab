--- Keys from the container's endpoint (ECS, EKS Pod Identity).
local keys = require "cso.aws.credentials.keys"
local loopback = require "cso.std.loopback"
local read_answer = require "cso.aws.credentials.answer"

local source = "container endpoint"
local allowed = { ["169.254.170.2"] = true, ["169.254.170.23"] = true, ["[fd00:ec2::23]"] = true }

local function fit(url)
  local scheme, authority = url:match("^(%a+)://([^/?#]*)")
  -- What stands before an @ is no host, and looks like one.
  if not scheme or authority:find("@", 1, true) then return false end
  if scheme == "https" then return true end
  local host = authority:match("^(%[[%x:]*%])") or authority:match("^[^:]*")
  if not authority:sub(#host + 1):find("^:?%d*$") then return false end
  host = host:lower()
  return scheme == "http" and (allowed[host] or loopback(host))
end

local function authorization(ctx)
  local config = ctx.config
  local file = config:variable "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
  local token = config:variable "AWS_CONTAINER_AUTHORIZATION_TOKEN"
  if file then
    token = ctx.read_file(file)
    if not token then return nil, keys.fail(source, "cannot read the token file " .. file) end
    token = token:gsub("\r?\n$", "")
  end
  if token and token:find("[\r\n]") then
    return nil, keys.fail(source, "the authorization token holds a line break")
  end
  return token
end

--- @param ctx table { config, http, sleep, read_file }
--- @return table? keys
--- @return string? why
--- @return cso.Err? err
local function load(ctx)
  local config = ctx.config
  local relative = config:variable "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
  local url = relative and "http://169.254.170.2" .. relative
    or config:variable "AWS_CONTAINER_CREDENTIALS_FULL_URI"
  if not url then return nil, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set" end
  if not fit(url) then
    return nil, nil, keys.fail(source, ("%s is neither https nor a loopback or container address"):format(url))
  end
  local token, e = authorization(ctx)
  if e then return nil, nil, e end
  local headers = { { "Accept", "application/json" } }
  if token then headers[2] = { "Authorization", token } end
  local why
  for attempt = 1, 3 do
    local response, fault = ctx.http { method = "GET", url = url, headers = headers,
      connect_timeout = 2, timeout = 2, max_body = keys.LARGEST, proxy = "" }
    if response and response.status == 200 then
      local found, bad = read_answer(response.body, source)
      return found, nil, bad
    end
    why = response and ("status %d from %s"):format(response.status, url) or fault.message
    if attempt < 3 then ctx.sleep(1) end
  end
  return nil, nil, keys.fail(source, why)
end

return { name = source, load = load }
