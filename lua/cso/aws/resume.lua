--- Content that breaks off on its way into a file goes on where it stopped: the next attempt asks for the
--- rest of the very same version of the object.
local resume = {}

-- Where the caller's own range begins; nil for one that can't be shortened.
local function first_of(range)
  if not range then return 0, "" end
  local from, to = range:match("^bytes=(%d+)%-(%d*)$")
  return math.tointeger(tonumber(from)), to
end

local function value_of(headers, name)
  for _, h in ipairs(headers) do
    if h[1]:lower() == name then return h[2] end
  end
end

--- Notes what a failed attempt has left in the file.
---@param S table
---@param op table
---@param request table  as it was built
---@param opts table     the call's: to_file, to_sum
---@param state table    of the call
---@param e cso.Err      with `partial`: status, headers and received of an answer that broke off
function resume.note(S, op, request, opts, state, e)
  if state.whole_only or S.name ~= "s3" or op.name ~= "GetObject" or not opts.to_file or opts.to_sum then return end
  local begun, came = state.begun, e.partial
  if begun and e.status == 412 then
    -- Another version has taken its place: all from the beginning, once.
    state.begun = nil
    if not state.anew then
      state.anew = true
      return true
    end
    return
  end
  if not came or came.received == 0 then return end
  if begun then
    if came.status == 206 then begun.have = begun.have + came.received end
    return
  end
  local range = value_of(request.headers, "range")
  local first, last = first_of(range)
  if came.status ~= (range and 206 or 200) or not came.headers.etag or not first
    or (request.query and value_of(request.query, "partnumber")) then
    return
  end
  state.begun = { first = first, last = last, have = came.received, status = came.status, headers = came.headers }
end

--- The request for the rest.
---@param request table
---@param state table
---@return table request
function resume.request(request, state)
  local begun = state.begun
  if not begun then return request end
  local headers = {}
  for _, h in ipairs(request.headers) do
    local name = h[1]:lower()
    if name ~= "range" and name ~= "if-match" then headers[#headers + 1] = h end
  end
  headers[#headers + 1] = { "Range", ("bytes=%d-%s"):format(begun.first + begun.have, begun.last) }
  headers[#headers + 1] = { "If-Match", begun.headers.etag }
  return setmetatable({ headers = headers }, { __index = request })
end

--- The answer as if all had come at once. What was begun is begun anew when that turns out to be wrong.
---@param response table  to the request for the rest
---@param state table
---@return table? response
---@return table? cause  of a failure: what stands in the file now is not in its place
function resume.joined(response, state)
  local begun = state.begun
  if not begun or response.status >= 300 then return response end
  state.begun = nil
  if response.status ~= 206 then
    state.whole_only = true
    return nil, { code = "reset", message = "the answer broke off and the rest of it can't be had alone", sent = true }
  end
  response.status, response.headers = begun.status, begun.headers
  response.received = begun.have + (response.received or 0)
  return response
end

return resume
