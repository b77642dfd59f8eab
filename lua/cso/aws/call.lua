--- One call with its attempts: sign, send, read, decide. Everything that touches the world
--- (transport, clock, chance, sleep) comes from the client.
local auth = require "cso.aws.auth"
local bounds = require "cso.aws.bounds"
local checksum = require "cso.aws.checksum"
local customize = require "cso.aws.customize"
local discovery = require "cso.aws.endpoint.discovery"
local err = require "cso.std.err"
local express = require "cso.aws.express"
local failure = require "cso.aws.failure"
local file = require "cso.aws.file"
local library = require "cso.aws.endpoint.library"
local protocol = require "cso.aws.protocol"
local resume = require "cso.aws.resume"
local retry = require "cso.aws.retry"
local shape = require "cso.aws.protocol.shape"
local sign = require "cso.aws.sign"
local sign_v2 = require "cso.aws.sign_v2"

local call = {}

local MAX_SKEW, LEAP = 5 * 60, 24 * 60 * 60

local function unsigned_payload(op, prepared)
  if op.authtype == "v4-unsigned-body" or op.unsignedPayload then return true end
  return op.requestUnsigned == true and prepared.scheme == "https"
end

--- Makes a prepared request say who sends it, the way its operation wants.
---@param client table
---@param op table
---@param params table
---@param prepared table changed in place
---@param endpoint table
---@param time integer epoch seconds
---@param presign integer? seconds: sign the URL instead
---@return table? stages of the signature, empty where there is none
---@return cso.Err? err
---@return table? keys that it was signed with
function call.authorize(client, op, params, prepared, endpoint, time, presign)
  local kind = client:auth_kind(op)
  if kind == "bearer" and not presign then
    local token, e = client:bearer_token()
    if not token then return nil, e end
    local ok
    ok, e = auth.add_token(prepared, token)
    return ok and {}, e
  end
  if kind == "none" or client.credentials.anonymous then
    sign.frame(prepared)
    return {}
  end
  local keys, e = client:keys(params, endpoint)
  if not keys then return nil, e end
  if kind == "v4a" and not endpoint.way then
    endpoint = setmetatable({ way = "v4a" }, { __index = endpoint })
  end
  if kind == "v2" and not endpoint.way and not presign then
    return sign_v2(prepared, keys, time), nil, keys
  end
  local stages, why
  if presign then
    stages, why = sign.presign(prepared, endpoint, keys, time, presign)
  else
    prepared.sign_payload = client.settings.s3_sign_payload
    stages, why = sign.headers(prepared, endpoint, keys, time, unsigned_payload(op, prepared))
  end
  if not stages then
    return nil, err.new { code = why.code, class = why.class or "internal", message = why.message }
  end
  return stages, nil, keys
end

-- What every attempt says of itself. The list is the attempt's own.
local function add_headers(client, list, id, state)
  local n = #list
  list[n + 1] = { "User-Agent", client.user_agent }
  list[n + 2] = { "amz-sdk-invocation-id", id }
  list[n + 3] = { "amz-sdk-request",
    ("attempt=%d; max=%d"):format(state.attempt, client.retry.attempts) }
  if client.trace_id then list[n + 4] = { "X-Amzn-Trace-Id", client.trace_id } end
end

local LARGEST = 50 << 40 -- bytes: what the largest object has

-- What the transport gets. A file may take long; it is given up when nothing moves any more.
local function to_send(client, op, prepared, opts)
  local bound = bounds.of(client.model, op)
  local out = {
    method = prepared.method, url = sign.url(prepared), headers = prepared.headers,
    timeout = opts.timeout or client.timeout, connect_timeout = client.connect_timeout,
    max_body = opts.max_body or client.max_body or bound.max_body, drip_time = bound.drip_time,
  }
  local body = prepared.body
  if opts.to_file then
    out.to_file, out.timeout, out.low_speed_time = opts.to_file, opts.timeout, client.timeout
    out.to_at, out.to_sum = opts.to_at, opts.to_sum
    out.max_body = opts.max_body or LARGEST
  end
  if not file.is(body) then
    out.body = body
    return out
  end
  out.timeout, out.low_speed_time = opts.timeout, client.timeout
  out.from_file, out.from_at, out.from_length = body.path, body.from, body.length
  out.chunked = prepared.chunked
  return out
end

-- Begins a conversation. Who only listens learns at once whether there will be one: then it may be tried again.
local function converse(client, op, params, prepared, out)
  local talk, cause = require("cso.aws.talk").begin(client, op, params, prepared, out)
  if not talk then return nil, failure.of_network(client.model, op, cause, prepared.host) end
  if not talk.input then
    local ok, e = talk:heard()
    if not ok then
      talk:close()
      return nil, e
    end
  end
  return { status = 200, headers = {}, talk = talk }
end

-- Builds, signs and sends one attempt.
local function attempt(client, op, params, request, endpoint, id, state, opts)
  local prepared, e = sign.prepare(resume.request(request, state), endpoint)
  if not prepared then return nil, e end
  add_headers(client, prepared.headers, id, state)
  local stages
  state.skew = client.skew
  local time = math.floor(client.clock() + client.skew)
  stages, e, state.keys = call.authorize(client, op, params, prepared, endpoint, time)
  if not stages then return nil, e end
  local out = to_send(client, op, prepared, opts)
  if state.begun then out.to_at = (opts.to_at or 0) + state.begun.have end
  if opts.talk then return converse(client, op, params, prepared, out) end
  local response, cause = client.http(out)
  if not response then return nil, failure.of_network(client.model, op, cause, prepared.host) end
  -- What was meant to be content may be the service's word that there is none: that is the body.
  if opts.to_file and response.status < 300 then response.file = opts.to_file end
  response, cause = resume.joined(response, state)
  if not response then return nil, failure.of_network(client.model, op, cause, prepared.host) end
  return response
end

local function read(client, op, params, response)
  local S = client.model
  if response.talk then return response.talk, nil, {} end
  response.room = client.room
  if response.status >= 300 or customize.failed(S, op, response) then
    return nil, failure.of_answer(S, op, response)
  end
  local broken = checksum.wanted(op, params, client.settings) and checksum.verify(op, response)
  if broken then return nil, failure.of_garbage(S, op, response, broken) end
  local output, id = protocol.parse(S, op, response)
  if not output then
    if not id.malformed then
      id.service, id.operation, id.class, id.status = S.name, op.name, "service", response.status
      return nil, err.new(id)
    end
    return nil, failure.of_garbage(S, op, response, id.message)
  end
  customize.output(S, op, output, response, params)
  return output, nil, { request_id = id, status = response.status, headers = response.headers,
    sum = response.sum, received = response.received }
end

--- Reads an answer: output, or an error.
call.read = read

-- An answer that blames our clock teaches us the service's; one free attempt follows. Who can make
-- us sign for any day he likes has signatures for all days to come: a leap is believed once.
local function corrects_clock(client, e, state)
  if state.corrected or not retry.codes.skew[e.code] or not e.server_date then return false end
  local skew = e.server_date - client.clock()
  local change = math.abs(skew - client.skew)
  if change <= MAX_SKEW then
    -- Another call that was on its way has learnt it meanwhile.
    if math.abs(skew - (state.skew or client.skew)) <= MAX_SKEW then return false end
    state.corrected = true
    return true
  end
  if change > LEAP then
    if client.leapt then return false end
    client.leapt = true
  end
  client.skew = skew
  state.corrected = true
  return true
end

-- S3 says where a bucket lives when it is asked in the wrong region. The name becomes a part of the
-- host that the next signature goes to: it must be one that our own partition could have.
local function redirects(client, e, state)
  if client.model.name ~= "s3" or state.redirected or not e.region then return false end
  if e.region == client.settings.region and not state.region then return false end
  if not library.are_siblings(client.partitions, client.settings.region, e.region) then return false end
  if e.status == 301 or e.status == 307 or e.status == 400
    or e.code == "IllegalLocationConstraintException" then
    state.redirected, state.region = true, e.region
    return true
  end
  return false
end

-- How many keys one call tries that came new and were called ended at once: their source gives no others.
local MOST_RENEWALS = 4

-- Keys that have ended, or are not known any more, are replaced by what their source has now. What was
-- refused for them was not carried out: it may be sent again, whatever it does.
local function renews_keys(client, params, e, state)
  local used, provider = state.keys, client.credentials
  local ended = retry.codes.expired[e.code]
  local unknown = retry.codes.unknown[e.code] or e.code == "AuthFailure" and e.status == 401
  if not used or not (ended or unknown) or state.renewed == used then return false end
  state.renewed = used
  local of_bucket, again = express.ended(client, params.Bucket, used)
  if of_bucket then return again end
  if not provider.ended then return false end
  if not ended then return provider:unknown(used) ~= nil end
  -- Keys without a token have no end: it is the time that was wrong.
  if not used.temporary and not used.expires then return false end
  state.renewals = (state.renewals or 0) + 1
  local found, lacking = provider:ended(used)
  if found and state.renewals <= MOST_RENEWALS then return true end
  lacking = lacking or {
    message = ("so were %d others that %s gave in their place"):format(MOST_RENEWALS, used.source),
    hint = "their source gives keys that have ended, or they are refused for another reason: see csorun whoami",
  }
  e.class, e.ended, e.hint = "credentials", true, lacking.hint or e.hint
  e.message = e.message .. "; " .. lacking.message
  return false
end

-- What an operation's name and method tell of repeating it.
local function habits(S, op, request)
  local cache = shape.cache(S, "habits")
  local found = cache[op.name]
  if not found then
    found = {
      mutates = retry.mutates(op.name, request.method_tells and request.method or nil),
      repeatable = retry.repeatable(op.name, request.method),
    }
    cache[op.name] = found
  end
  return found
end

-- An address that the service once named and no longer answers at is asked for anew, once.
local function finds_anew(client, e, state)
  if state.found_anew or not discovery.forget(client, e) then return false end
  state.found_anew = true
  return true
end

--- Makes the call.
---@param client table
---@param op table
---@param params table checked and complete
---@param request table built
---@param opts table { has_token, no_retry_ambiguous?, timeout?, told? }
---@return table? output
---@return cso.Err? err
---@return table? meta { request_id, status, headers }
function call.run(client, op, params, request, opts)
  local policy, state = client.retry, client.retry:begin()
  local id = client.uuid()
  local habit = habits(client.model, op, request)
  local mutates = habit.mutates
  local safe = not mutates or opts.has_token or habit.repeatable
  while true do
    local endpoint, e = client:endpoint(op, params, state.region)
    if not endpoint then return nil, e end
    local told
    told, e = discovery.find(client, op)
    if e then return nil, e end
    if told then endpoint = setmetatable({ url = told }, { __index = endpoint }) end
    local wait = policy:before()
    if wait > 0 then client.sleep(wait) end
    local started = client.events and client.steady()
    local response, output, meta
    response, e = attempt(client, op, params, request, endpoint, id, state, opts)
    if response then output, e, meta = read(client, op, params, response) end
    if client.events then
      client.events("api_call", {
        service = client.model.name, operation = op.name, ms = (client.steady() - started) * 1000,
        status = response and response.status or nil, attempt = state.attempt, err = e,
        bytes_out = response and response.bytes_out, bytes_in = response and response.bytes_in,
        region = endpoint.signing_region, request_id = e and e.request_id or meta and meta.request_id,
      })
    end
    if output then
      policy:success(state)
      return output, nil, meta
    end
    e.attempts = state.attempt
    if opts.told then opts.told(e) end
    local again = corrects_clock(client, e, state) or redirects(client, e, state)
      or renews_keys(client, params, e, state) or finds_anew(client, e, state)
      or resume.note(client.model, op, request, opts, state, e)
    if not again then
      -- Who is turned away at the gate learns nothing of what became of an earlier attempt.
      e.ambiguous = mutates and (failure.unclear(e)
        or state.unclear and (e.throttled or e.class == "credentials")) or false
      if e.class ~= "network" and e.class ~= "service" then return nil, e end
      -- "It exists already" has another meaning when an earlier attempt may have made it.
      e.after_unclear = state.unclear or nil
      state.unclear = e.ambiguous
      if e.ambiguous and (not safe or opts.no_retry_ambiguous) then return nil, e end
      local delay, why, pause = policy:again(state, e)
      if not delay then
        if pause and retry.polls(client.model.name, op.name) then client.sleep(pause) end
        e.gave_up = why
        return nil, e
      end
      if delay > 0 then client.sleep(delay) end
    end
  end
end

return call
