--- Runs csorun as a child whose memory is watched and which is ended when it does not end by itself.
local fs = require "cso.std.fs"
local process = require "cso.task.process"
local task = require "cso.task"
local uv = require "luv"

local watched = {}

--- The binary under test stands beside the interpreter that runs the specs.
watched.binary = uv.exepath():match("^(.*)/[^/]*$") .. "/csorun"

-- A sanitizer's shadow and quarantine tell nothing of the program's own memory.
local measures = not os.getenv "ASAN_OPTIONS"

--- The most that a process has had in memory; nil once it is gone, 0 where that means nothing.
---@param pid integer
---@return number? MiB
function watched.peak(pid)
  local text = fs.read(("/proc/%d/status"):format(pid))
  local kib = text and text:match("VmHWM:%s*(%d+)")
  return kib and (measures and tonumber(kib) / 1024 or 0)
end

---@class spec.Outcome
---@field code integer exit status; 128 + signal
---@field signal integer
---@field out string
---@field err string
---@field peak number   MiB
---@field ended boolean false when it had to be stopped

--- Runs it; within a task.
---@param args string[]
---@param options { env: table?, limit: number?, cwd: string?, input: string? }? limit: seconds (60)
---@return spec.Outcome
function watched.run(args, options)
  options = options or {}
  local env = {
    AWS_ACCESS_KEY_ID = "AKIDEXAMPLEHOSTILE00", AWS_SECRET_ACCESS_KEY = "secret-of-the-hostile-suite",
    AWS_SESSION_TOKEN = "token-of-the-hostile-suite", AWS_REGION = "eu-west-2",
    AWS_CONFIG_FILE = "/dev/null", AWS_SHARED_CREDENTIALS_FILE = "/dev/null",
    AWS_EC2_METADATA_DISABLED = "true", AWS_ENDPOINT_URL = false, AWS_PROFILE = false,
    http_proxy = false, https_proxy = false, HTTP_PROXY = false, HTTPS_PROXY = false,
  }
  for k, v in pairs(options.env or {}) do env[k] = v end
  local most, result = 0, nil
  local began = task.now()
  local ok = task.try(task.timeout, options.limit or 60, function()
    task.scope(function(s)
      local watcher
      result = assert(process.run(watched.binary, { args = args, env = env, cwd = options.cwd,
        input = options.input,
        started = function(pid)
          watcher = s:spawn(function()
            while true do
              local now = watched.peak(pid)
              if not now then return end
              most = math.max(most, now)
              task.sleep(0.01)
            end
          end)
        end }))
      watcher:cancel("ended")
    end)
  end)
  result = result or { code = -1, signal = 0, out = "", err = "" }
  return { code = result.code, signal = result.signal, out = result.out, err = result.err,
    peak = most, ended = ok, seconds = task.now() - began }
end

return watched
