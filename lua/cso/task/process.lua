--- Child processes: run one, feed it, collect what it says. A wait that is cancelled ends the
--- child: first SIGTERM, then, if it does not listen, SIGKILL.
local err = require("cso.std.err")
local failure = require("cso.task.failure")
local future = require("cso.task.future")
local loop = require("host.loop")
local sched = require("cso.task.sched")
local scope = require("cso.task.scope")
local timers = require("cso.task.timers")

local process = {}

local GRACE = 3 -- seconds between SIGTERM and SIGKILL

local function close(handle)
  if handle and not handle:is_closing() then handle:close() end
end

-- Collects what arrives on a pipe, up to max bytes; calls done() at its end, full() when there is more.
local function collect(pipe, max, done, full, told)
  local parts, size, rest = {}, 0, ""
  local function tell(data)
    rest = rest .. data
    local from = 1
    for line, next_line in rest:gmatch "([^\n]*)\n()" do
      from = next_line
      told(line)
    end
    rest = rest:sub(from)
  end
  pipe:read_start(function(_, data)
    if data and told then
      tell(data)
    elseif data then
      local room = max - size
      if room > 0 then parts[#parts + 1] = #data > room and data:sub(1, room) or data end
      size = size + #data
      if size > max then full() end
    else
      if rest ~= "" then told(rest) end
      close(pipe)
      done()
    end
  end)
  return function() return table.concat(parts), size > max end
end

local function environment(changes)
  if not changes then return nil end
  local all = require("host.proc").environ()
  for name, value in pairs(changes) do all[name] = value or nil end
  local list = {}
  for name, value in pairs(all) do list[#list + 1] = name .. "=" .. value end
  table.sort(list)
  return list
end

---@class cso.task.ProcessOptions
---@field args string[]?      arguments, the program's name not among them
---@field input string?       given on standard input, which is then closed
---@field cwd string?
---@field env table<string, string|false>? changes to the environment; false takes one away
---@field inherit boolean?    share our standard streams instead of collecting
---@field started fun(pid: integer)? told when it runs
---@field on_line (fun(line: string, stream: "out"|"err"))?  told each line at once, and nothing is kept; it
---  must not await
---@field apart boolean?      in a session of its own: a Ctrl-C on our terminal does not reach it
---@field max integer?        bytes kept of each output (16 MiB)
---@field strict boolean?     a child that writes more than that is ended

---@class cso.task.ProcessResult
---@field code integer        exit status, 128 + signal when it was killed
---@field signal integer
---@field out string
---@field err string
---@field truncated boolean   more was written than `max`

-- Ends a child and waits for that, whatever is cancelled: nothing outlives the call.
local function stop(child, exited)
  local t = sched.check()
  scope.run(scope.new(t, t.scope, true), function()
    child:kill("sigterm")
    local timer = timers.add(loop.now() + GRACE, function() child:kill("sigkill") end)
    future.await(exited)
    timers.cancel(timer)
  end)
end

--- Runs a program and waits for its end and for the end of its output.
---@param program string  path, or a name that is looked up in PATH
---@param options cso.task.ProcessOptions?
---@return cso.task.ProcessResult? result
---@return cso.Err? err   when it could not be started
function process.run(program, options)
  local uv = require("luv")
  options = options or {}
  local max = options.max or 16 * 1024 * 1024
  local stdio, pipes = { 0, 1, 2 }, {}
  if not options.inherit then
    for i = 1, 3 do
      pipes[i] = uv.new_pipe(false)
      stdio[i] = pipes[i]
    end
  end
  local done, exited = future.new(), future.new()
  local open, exit = options.inherit and 1 or 3, nil
  local function ended()
    open = open - 1
    if open == 0 then done:complete() end
  end
  local child, pid
  child, pid = uv.spawn(program, {
    args = options.args, stdio = stdio, cwd = options.cwd, env = environment(options.env),
    detached = options.apart,
  }, function(code, signal)
    exit = { code = code, signal = signal }
    close(child)
    exited:complete()
    ended()
  end)
  if not child then
    for i = 1, #pipes do close(pipes[i]) end
    return nil, err.new {
      code = "spawn", class = "config", message = ("cannot run %s: %s"):format(program, pid),
    }
  end
  if options.started then options.started(pid) end
  local out, errors
  if not options.inherit then
    local function full()
      if options.strict and not child:is_closing() then child:kill("sigkill") end
    end
    local function told(stream)
      return options.on_line and function(line) options.on_line(line, stream) end or nil
    end
    out = collect(pipes[2], max, ended, full, told "out")
    errors = collect(pipes[3], max, ended, full, told "err")
    if options.input and options.input ~= "" then
      -- A child that does not read its input is no failure of ours.
      pipes[1]:write(options.input, function() close(pipes[1]) end)
    else
      close(pipes[1])
    end
  end
  local ok, interruption = xpcall(future.await, failure.note, done)
  if not ok then
    -- Its own children may hold the pipes open for long: they are not waited for.
    for i = 1, #pipes do close(pipes[i]) end
    if not exited.done then stop(child, exited) end
    error(interruption, 0)
  end
  close(pipes[1])
  local result = { code = exit.code, signal = exit.signal, out = "", err = "", truncated = false }
  if exit.signal ~= 0 then result.code = 128 + exit.signal end
  if out then
    local more_out, more_err
    result.out, more_out = out()
    result.err, more_err = errors()
    result.truncated = more_out or more_err
  end
  return result
end

return process
