--- Turns failed answers and broken connections into one kind of error.
local customize = require "cso.aws.customize"
local err = require "cso.std.err"
local headers = require "cso.aws.protocol.headers"
local protocol = require "cso.aws.protocol"
local retry = require "cso.aws.retry"
local scalar = require "cso.aws.protocol.scalar"

local failure = {}

local reasons = {
  [301] = "Moved Permanently", [307] = "Temporary Redirect", [304] = "Not Modified",
  [400] = "Bad Request", [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found",
  [405] = "Method Not Allowed", [409] = "Conflict", [412] = "Precondition Failed",
  [413] = "Request Entity Too Large", [416] = "Requested Range Not Satisfiable",
  [429] = "Too Many Requests", [500] = "Internal Server Error", [501] = "Not Implemented",
  [502] = "Bad Gateway", [503] = "Service Unavailable", [504] = "Gateway Timeout",
}

local function modelled(S, op, fault)
  for _, ref in ipairs(op.errors or {}) do
    local s = S:shape(ref.shape)
    local code = s and s.error and s.error.code
    if ref.shape == fault.code or ref.shape == fault.shape_code or (code and code == fault.code) then
      return ref, s
    end
  end
  -- Services also answer with errors that they have not listed with the operation.
  local name = fault.shape_code or fault.code
  local s = type(name) == "string" and S:shape(name)
  if s and (s.exception or s.error) then return { shape = name }, s end
end

local function retry_after(given)
  local ms = tonumber(given["x-amz-retry-after"])
  if ms and ms >= 0 then return ms / 1000 end
end

-- A day that a signature can name.
local function server_date(text)
  local t = text and scalar.read_time(text)
  return t and t >= 0 and t < 253402300800 and t or nil
end

local function describe(S, op, e)
  local tail = e.request_id and (" (request %s)"):format(e.request_id) or ""
  return ("%s.%s: %s: %s%s"):format(S.name, op.name, e.code, e.detail, tail)
end

--- The error of a failed answer.
---@param S table
---@param op table
---@param response table { status, headers, body }
---@return cso.Err
function failure.of_answer(S, op, response)
  response = protocol.plain(response)
  local h = response.headers
  -- A page of a proxy or load balancer is no word of the service.
  local page = response.body and response.body:match("^%s*<!?%a+")
  page = page and page:lower()
  local strange = page and (page:find("<html", 1, true) or page:find("<!doctype", 1, true))
  local fault = strange and {} or protocol.fault(S, op, response)
  local e = {
    service = S.name, operation = op.name, status = response.status, class = "service",
    code = fault.code or tostring(response.status),
    detail = fault.message or reasons[response.status] or "no reason was given",
    request_id = fault.request_id or h["x-amzn-requestid"] or h["x-amz-request-id"],
    type = fault.type, retry_after = retry_after(h), server_date = server_date(h.date),
    region = h["x-amz-bucket-region"],
  }
  if e.status == 200 and customize.failed(S, op, response) then e.status = 500 end
  local ref, s = modelled(S, op, fault)
  if ref then
    e.shape = ref.shape
    if fault.fields then
      local ok, fields = pcall(fault.fields, S, ref)
      if ok then
        headers.read_all(S, s, response, fields)
        e.fields = fields
      end
    end
    if s.retryable then
      e.modelled_retryable = true
      e.modelled_throttling = s.retryable.throttling
    end
  end
  e.message = describe(S, op, e)
  -- EC2 says AuthFailure of other refusals too, but only with 401 of the keys.
  if retry.codes.credentials[e.code] or e.code == "AuthFailure" and e.status == 401 then
    e.class = "credentials"
    e.hint = "the keys in use are wrong, unknown or have ended: renew them, or choose others with --profile"
  end
  return err.new(retry.classify(e))
end

--- The error of an answer that cannot be understood, or whose body is not what was promised.
---@param S table
---@param op table
---@param response table
---@param why string
---@return cso.Err
function failure.of_garbage(S, op, response, why)
  local e = {
    service = S.name, operation = op.name, status = response.status, class = "service",
    code = "MalformedResponse", detail = "the answer cannot be read: " .. why,
    request_id = response.headers["x-amzn-requestid"] or response.headers["x-amz-request-id"],
  }
  e.message = describe(S, op, e)
  retry.classify(e)
  e.transient, e.retryable, e.strange = true, true, true
  return err.new(e)
end

--- The error of a request that got no answer.
---@param S table
---@param op table
---@param cause table { code, message, sent? }
---@param host string
---@return cso.Err
function failure.of_network(S, op, cause, host)
  local e = {
    service = S.name, operation = op.name, class = "network", code = cause.code, sent = cause.sent,
    detail = cause.message,
    message = ("%s.%s: %s: %s"):format(S.name, op.name, host, cause.message),
    hint = cause.code == "too_large" and (S.name == "s3" and op.name == "GetObject"
      and "csorun s3 cp and cso.aws.transfer take objects of any size into files"
      or "ask for less at once (a filter, or smaller pages), or set CSORUN_MAX_ANSWER=512M") or nil,
  }
  if cause.received then e.partial = { status = cause.status, headers = cause.headers, received = cause.received } end
  -- What was not let out says why by itself.
  if cause.class and cause.class ~= "network" then
    e.class, e.sent, e.where, e.hint = cause.class, false, cause.where, cause.hint
    e.message = ("%s.%s: %s"):format(S.name, op.name, cause.message)
  end
  -- A disk that is full, or a file that is not what it was: nothing that the service or the network could mend.
  if cause.code == "file" then
    e.class, e.message = "config", ("%s.%s: %s"):format(S.name, op.name, cause.message)
  end
  -- Before the connection stood nothing can have reached the service.
  if e.sent == nil then e.sent = not (e.code == "connect" or e.code == "resolve" or e.code == "tls") end
  return err.new(retry.classify(e))
end

--- True when nobody can say whether the failed call was carried out.
---@param e cso.Err
---@return boolean
function failure.unclear(e)
  if e.class == "network" then return e.sent ~= false end
  if e.code == "MalformedResponse" then return true end
  return e.transient and not e.throttled or false
end

return failure
