--- HTTP requests from tasks.
local err = require("cso.std.err")
local host = require("host.http")
local task = require("cso.task")

local http = {}

---@class cso.http.Request
---@field method string
---@field url string           http or https, already encoded; sent as it is
---@field headers table?       list of { name, value }, or a map
---@field body string?
---@field from_file string?    send this file instead of `body` …
---@field from_at integer?     … from this byte on, from zero
---@field from_length integer? … so many of them
---@field chunked table?       frame it as aws-chunked; see host.http
---@field to_file string?      write the answer's body to this file
---@field to_at integer?       … from this byte of it on; without it the file begins anew
---@field to_sum string?       … and have its checksum of this name in response.sum
---@field feed boolean?        of http.open: the body is written piece by piece
---@field connect_timeout number? seconds (10)
---@field timeout number?      seconds for the whole request (none)
---@field deadline number?     the same as a time of task.now()
---@field low_speed_time number? seconds without a byte after which it is given up
---@field drip_time number?   seconds that an answer which has begun may come slower than 256 bytes per second
---@field max_body integer?    bytes (256 MiB)
---@field max_header integer?  bytes (256 KiB)
---@field proxy string?        "" for none; absent: as the environment says, none for this machine
---@field ca string?           file of certificates instead of the system's

---@class cso.http.Response
---@field status integer
---@field headers table<string, string>  names in lower case; repeated ones joined with ", "
---@field body string
---@field sum string?                     of what went to the file
---@field received integer?               bytes of the body that came
---@field ms number                      time taken
---@field bytes_out integer
---@field bytes_in integer

--- A list of header pairs as a map of lower-case names.
---@param list table
---@return table<string, string>
function http.header_map(list)
  local map = {}
  for i = 1, #list do
    local name, value = list[i][1], list[i][2]
    map[name] = map[name] and map[name] .. ", " .. value or value
  end
  return map
end

--- Headers given as a map or as a list of pairs, as a list of pairs in a fixed order.
---@param headers table?
---@return table
function http.header_list(headers)
  if not headers or headers[1] then return headers or {} end
  local names, list = {}, {}
  for name in pairs(headers) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do list[i] = { name, headers[name] } end
  return list
end

-- The options as the host takes them. A copy is made only where something is to be put differently.
local function as_sent(options)
  local list = http.header_list(options.headers)
  if list == options.headers and not options.deadline then return options end
  local request = {}
  for name, value in next, options do request[name] = value end
  request.headers = list
  if options.deadline then
    local left = math.max(options.deadline - task.now(), 0.001)
    request.timeout = math.min(options.timeout or left, left)
    request.deadline = nil
  end
  return request
end

--- Sends a request and waits for the whole answer. Redirects are not followed.
---@param options cso.http.Request
---@return cso.http.Response? response
---@return cso.Err? err  code: connect, resolve, timeout, slow, stalled, tls, reset, too_large, protocol, file;
---   `sent`: whether the request may have reached the other side
function http.request(options)
  local id, failure = host.request(as_sent(options))
  if not id then
    failure.sent = false
    return nil, err.wrap(failure, "network")
  end
  local done = task.await(task.on(id, function() host.cancel(id) end))
  if done.error then return nil, err.wrap(done.error, "network") end
  return done
end

--- Begins a request whose answer is read while it comes; within a task.
---@param options cso.http.Request
---@return cso.http.Stream? stream
---@return cso.Err? err
function http.open(options)
  local request = {}
  for name, value in next, as_sent(options) do request[name] = value end
  request.stream = true
  return require("cso.http.stream")(request)
end

return http
