--- A place of its own for a scenario: a temporary folder, a simulated account in this process, and
--- csorun as a child of it that can be killed at a chosen call.
local calls = require "cso.kind.calls"
local inventory = require "spec.scenario.inventory"
local loop = require "host.loop"
local sim = require "sim"
local survivors = require "spec.support.survivors"
local task = require "cso.task"
local uv = require "luv"

local KEY, SECRET = "AKIASCENARIOACCOUNT0", "scenario/secret+MARK/0123456789"

-- Nobody waits in real time for a simulated account: its clock goes on by what is not waited.
local PACE = 100

local bin = uv.exepath():match("^(.*)/[^/]*$")

local world = { KEY = KEY, SECRET = SECRET, bin = bin }

---@class spec.Place
---@field dir string
---@field sim table
---@field watch function?    sees every call before and after it is carried out, reading ones too
---@field watched fun(moment: string, service: string, operation: string, input: table?)?  hears of every call;
---  the input of those that were carried out
---@field calls string[]      mutating calls the account has seen, as "service.Operation"
---@field kill { at: integer, moment: string, signal: string?, family: "all"|"parent"|"child"|nil }?  at which changing
---  call the program dies; family: it and the processes that it started, it alone, or those alone
---@field family integer[]?   the processes that it had started when it was killed
---@field requests integer    calls of any kind that it has seen
local Place = {}
Place.__index = Place

--- Runs fn(place) in the task that it is called in, and removes the folder afterwards.
---@param options table?  of the simulator; `files` = name -> text; `sim = false` for none; `copy` = a folder
---  whose files the place starts with; `db` = the file that keeps the account; `pace` = 1 where waits are to be real
---@param fn fun(place: spec.Place)
---@return table done  ok and what fn gave, or false and its failure
function world.inside(options, fn)
  local pipe = assert(io.popen "mktemp -d")
  local place = setmetatable({ dir = pipe:read("l"), calls = {}, options = options }, Place)
  pipe:close()
  if options.copy then assert(os.execute(("cp -a '%s/.' '%s'"):format(options.copy, place.dir))) end
  for name, text in pairs(options.files or {}) do place:write(name, text) end
  if options.sim ~= false then place:open() end
  local done = table.pack(xpcall(fn, function(why)
    return type(why) == "table" and why or debug.traceback(why, 2)
  end, place))
  if place.sim then place.sim.close() end
  os.execute(("chmod -R u+w '%s'; rm -rf '%s'"):format(place.dir, place.dir))
  return done
end

--- The same in a task of its own; what fails is raised.
---@param options table?
---@param fn fun(place: spec.Place)
function world.run(options, fn)
  -- task.run gives a failure as a value; one that is no error value (busted's) is passed on as it is.
  local done, e = task.run(function() return world.inside(options, fn) end)
  if not done then error(e, 0) end
  if not done[1] then error(done[2], 0) end
end

--- Opens the simulated account anew, empty.
function Place:open(more)
  if self.sim then self.sim.close() end
  self.calls, self.requests = {}, 0
  local o = self.options
  self.sim = assert(sim.start {
    db = o.db and self.dir .. "/" .. o.db,
    seed = o.seed, faults = more and more.faults or o.faults, latency = o.latency, speed = o.speed,
    credentials = { { access_key = KEY, secret_key = SECRET, account = "123456789012" } },
    watch = function(moment, service, operation, input)
      if self.watched then self.watched(moment, service, operation, input) end
      if moment == "before" then self.requests = self.requests + 1 end
      if self.watch then self.watch(moment, service, operation) end
      if not calls.mutating(operation) then return end
      if moment == "before" then self.calls[#self.calls + 1] = service .. "." .. operation end
      local kill = self.kill
      if kill and kill.moment == moment and #self.calls == kill.at then
        self.kill = nil
        if kill.family then
          self.family = survivors.kill(self.pid, kill.family)
        else
          uv.kill(self.pid, kill.signal or "sigkill")
        end
        return kill.signal == nil
      end
    end,
    report = function(text) io.stderr:write(text, "\n") end,
  })
end

function Place:write(name, text)
  local file = assert(io.open(self.dir .. "/" .. name, "wb"))
  file:write(text)
  file:close()
end

function Place:read(name)
  local file = io.open(self.dir .. "/" .. name, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

local function environment(place, changes)
  local env = { PATH = os.getenv "PATH", HOME = place.dir, TERM = "dumb", USER = "spec", CSORUN_LUA = os.getenv "CSORUN_LUA",
    AWS_EC2_METADATA_DISABLED = "true", AWS_REGION = "eu-west-2", AWS_ACCESS_KEY_ID = KEY, AWS_SECRET_ACCESS_KEY = SECRET,
    AWS_ENDPOINT_URL = place.sim and place.sim.url, CSORUN_PACE = tostring(place.options.pace or PACE) }
  for name, v in pairs(changes or {}) do env[name] = v or nil end
  local list = {}
  for name, v in pairs(env) do list[#list + 1] = name .. "=" .. v end
  return list
end

local function collect(pipe, done)
  local parts = {}
  pipe:read_start(function(_, data)
    if data then parts[#parts + 1] = data return end
    pipe:close()
    done()
  end)
  return function() return table.concat(parts) end
end

--- Starts a program; `wait()` gives its code (128 + signal when killed), output and error output.
---@param args string[]
---@param options { env: table?, program: string?, input: string?, limit: number? }?  limit: seconds after which
---  it is killed
---@return { pid: integer, wait: fun(): integer, string, string }
function Place:start(args, options)
  options = options or {}
  local out, err, input = uv.new_pipe(false), uv.new_pipe(false), uv.new_pipe(false)
  local ended, left = task.future(), 3
  local code, timer
  local function one()
    left = left - 1
    if left == 0 then ended:complete() end
  end
  local child, pid
  child, pid = uv.spawn(options.program or bin .. "/csorun", { args = args, cwd = self.dir,
    env = environment(self, options.env), stdio = { input, out, err } }, function(status, signal)
    code = signal ~= 0 and 128 + signal or status
    child:close()
    if timer then timer:close() end
    one()
  end)
  assert(child, pid)
  self.pid = pid
  if options.limit then
    timer = assert(uv.new_timer())
    uv.update_time() -- the loop's clock stands still while Lua runs: the limit begins now
    timer:start(math.floor(options.limit * 1000), 0, function() uv.kill(pid, "sigkill") end)
  end
  local text, problems = collect(out, one), collect(err, one)
  if options.input then input:write(options.input, function() input:close() end) else input:close() end
  return { pid = pid, kill = function(signal) uv.kill(pid, signal) end, wait = function()
    task.await(ended)
    return code, text(), problems()
  end }
end

--- Runs csorun: words separated by blanks, or a list.
---@return integer code, string out_and_err
function Place:csorun(words, options)
  local args = {}
  if type(words) == "table" then args = words else
    for word in words:gmatch("%S+") do args[#args + 1] = word end
  end
  local code, out, err = self:start(args, options).wait()
  return code, out .. err
end

--- The same, where a certain code is to come.
---@param words string|string[]
---@param expected integer?   0
---@return string out_and_err
function Place:must(words, expected)
  local code, text = self:csorun(words)
  if code ~= (expected or 0) then
    error(("%s ended with %d:\n%s"):format(type(words) == "table" and table.concat(words, " ") or words, code, text), 2)
  end
  return text
end

--- What the account holds, so that two accounts that hold the same compare equal.
---@return string
function Place:inventory() return inventory.text(self.sim.world) end

--- How many rows there are of each collection, as "collection=n" sorted.
function Place:counts()
  local list = {}
  for place, rows in pairs(self.sim.dump()) do list[#list + 1] = place .. "=" .. #rows end
  table.sort(list)
  return table.concat(list, "\n")
end

world.now = loop.now

--- Waits until holds() does, however slow the machine is.
---@param what string  what is said when it never does
---@param holds fun(): any
function world.wait_for(what, holds)
  local limit = loop.now() + 120
  while not holds() do
    if loop.now() > limit then error("never seen: " .. what, 0) end
    task.sleep(0.01)
  end
end

--- The text of a file of this repository.
function world.text(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

return world
