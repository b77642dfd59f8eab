--- Which operation of which service a request means.
local query = require "sim.protocol.query"
local registry = require "sim.registry"
local text = require "sim.protocol.text"

local router = {}

local function split(path)
  local list = {}
  for part in path:gmatch("[^/]+") do list[#list + 1] = part end
  return list
end

-- What an operation asks of a URI beyond its path: literal and required query keys and headers.
local function demands(service, op)
  local need_query, need_headers = {}, {}
  if not op.input then return need_query, need_headers end
  local shape = service.model:shape(op.input.shape)
  for _, name in ipairs(shape.required or {}) do
    local ref = shape.members[name]
    if ref.location == "querystring" then need_query[#need_query + 1] = ref.locationName or name
    elseif ref.location == "header" then need_headers[#need_headers + 1] = (ref.locationName or name):lower() end
  end
  return need_query, need_headers
end

-- The URI templates of a service by method.
local function templates(service)
  if service.templates then return service.templates end
  local by_method = {}
  local names = service.model:operations()
  for key, value in next, names do
    local name = type(key) == "number" and value or key
    local op = registry.operation(service, type(name) == "table" and name.name or name)
    local path, q = op.http.requestUri:match("^([^?]*)%??(.*)$")
    local t = { op = op, segments = {}, literals = {}, fixed = 0, required = 0 }
    for i, part in ipairs(split(path)) do
      local label, greedy = part:match("^{([^+}]+)(%+?)}$")
      if label then
        t.segments[i] = { label = label, greedy = greedy == "+" }
        if greedy == "+" then t.greedy = i end
      elseif part:find("{", 1, true) then
        -- A label in the midst of a segment ("{a}:publish"): kept as a Lua pattern.
        local lua = part:gsub("[%-%.%*%?%^%$%%%[%]]", "%%%0"):gsub("{([^}]+)}", "(.-)")
        local labels = {}
        for l in part:gmatch("{([^+}]+)%+?}") do labels[#labels + 1] = l end
        t.segments[i] = { match = "^" .. lua .. "$", labels = labels }
        t.fixed = t.fixed + 1
      else
        t.segments[i] = { text = part }
        t.fixed = t.fixed + 2
      end
    end
    for _, pair in ipairs(text.pairs(q)) do
      t.literals[pair[1]] = pair[2]
      t.required = t.required + 1
    end
    t.query, t.headers = demands(service, op)
    t.required = t.required + #t.query + #t.headers
    local m = op.http.method
    by_method[m] = by_method[m] or {}
    table.insert(by_method[m], t)
  end
  for _, list in next, by_method do
    table.sort(list, function(a, b)
      if a.fixed ~= b.fixed then return a.fixed > b.fixed end
      if a.required ~= b.required then return a.required > b.required end
      -- Two operations may share a URI; the deprecated one has a successor there.
      if (a.op.deprecated or false) ~= (b.op.deprecated or false) then return not a.op.deprecated end
      if (a.greedy ~= nil) ~= (b.greedy ~= nil) then return b.greedy ~= nil end
      return a.op.name < b.op.name
    end)
  end
  service.templates = by_method
  return by_method
end

local function match_path(t, segments, raw)
  local n, uri = #segments, {}
  if t.greedy then
    if n < #t.segments then return nil end
  elseif n ~= #t.segments then return nil end
  for i, want in ipairs(t.segments) do
    if want.text then
      if want.text ~= segments[i] and want.text ~= text.decode(segments[i]) then return nil end
    elseif want.match then
      local got = { text.decode(segments[i]):match(want.match) }
      if not got[1] then return nil end
      for k, label in ipairs(want.labels) do uri[label] = got[k] end
    elseif want.greedy then
      local tail = #t.segments - i
      if tail == 0 then
        -- The raw remainder, so that "a//b" and a trailing slash survive.
        local rest = raw:match("^/*" .. ("[^/]+/"):rep(i - 1) .. "(.*)$")
        uri[want.label] = text.decode(rest or "")
      else
        local parts = {}
        for k = i, n - tail do parts[#parts + 1] = segments[k] end
        uri[want.label] = text.decode(table.concat(parts, "/"))
        for k = 1, tail do
          local last = t.segments[i + k]
          if last.text ~= segments[n - tail + k] then return nil end
        end
      end
      break
    else
      uri[want.label] = text.decode(segments[i])
    end
  end
  return uri
end

local function rest(service, req)
  local list = templates(service)[req.method]
  if not list then return nil end
  local segments, present = split(req.path), {}
  for _, pair in ipairs(text.pairs(req.query or "")) do present[pair[1]] = pair[2] end
  for _, t in ipairs(list) do
    local fits = true
    for k, v in next, t.literals do
      if present[k] == nil or (v ~= "" and present[k] ~= v) then fits = false end
    end
    for _, k in ipairs(t.query) do if present[k] == nil then fits = false end end
    for _, k in ipairs(t.headers) do if req.headers[k] == nil then fits = false end end
    local uri = fits and match_path(t, segments, req.path)
    if uri then
      req.uri, req.literals = uri, t.literals
      return t.op
    end
  end
end

-- bucket.localhost, bucket.s3.localhost: the bucket stands in the host, put it into the path.
local function virtual_host(req)
  local host = (req.headers.host or ""):gsub(":%d+$", "")
  local bucket = host:match("^(.+)%.s3[%w.-]*%.localhost$") or host:match("^(.+)%.localhost$")
  if bucket and bucket ~= "s3" and not req.virtual then
    req.virtual = true
    req.path = "/" .. bucket .. (req.path == "/" and "" or req.path)
  end
end

local function by_action(candidates, req)
  local action = query.parameter(req, "Action")
  if not action then return nil end
  local version = query.parameter(req, "Version")
  local named
  for _, s in ipairs(candidates) do
    local p = s.protocol
    if p == "query" or p == "ec2" or s.metadata.awsQueryCompatible then
      local op = registry.operation(s, action)
      if op and (not version or version == s.metadata.apiVersion) then return s, op end
      named = named or s
    end
  end
  return named, nil, action
end

--- Finds service and operation. The third result names an operation that nobody knows.
---@param reg table registry
---@param req table
---@param scope string? service of the credential scope
---@return sim.Service|nil service, table|nil op, string? unknown, string? protocol
function router.find(reg, req, scope)
  local candidates = scope and reg:candidates(scope) or {}
  if req.headers["smithy-protocol"] == "rpc-v2-cbor" then
    local name = req.path:match("/operation/([%w]+)$")
    for _, s in ipairs(candidates) do
      local op = name and registry.operation(s, name)
      if op then return s, op, nil, "cbor" end
    end
    return candidates[1], nil, name, "cbor"
  end
  local target = req.headers["x-amz-target"]
  if target then
    local prefix, name = target:match("^(.*)%.([%w]+)$")
    local service
    for _, s in ipairs(candidates) do
      if s.metadata.targetPrefix == prefix then service = s end
    end
    if not service and not scope and prefix then service = reg:by_target(prefix) end
    if not service then return candidates[1], nil, target, "json" end
    return service, registry.operation(service, name), name, "json"
  end
  local kind = req.headers["content-type"] or ""
  if kind:find("x-www-form-urlencoded", 1, true) or (req.query or ""):find("Action=", 1, true) then
    if not scope then candidates = reg:simulated_query() end
    local service, op, name = by_action(candidates, req)
    if service then return service, op, name, service.protocol == "ec2" and "ec2" or "query" end
  end
  if not scope then candidates = reg:simulated_rest() end
  for _, s in ipairs(candidates) do
    if s.protocol == "rest-json" or s.protocol == "rest-xml" then
      if s.name == "s3" then virtual_host(req) end
      local op = rest(s, req)
      if op then return s, op, nil, s.protocol end
    end
  end
  return candidates[1], nil, req.method .. " " .. req.path, candidates[1] and candidates[1].protocol
end

return router
