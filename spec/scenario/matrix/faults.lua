--- The fault matrix: an apply of a whole deployment, and a destruction, while calls fail in every way. It has to
--- end with 0, the account has to be the one of an undisturbed run, the plan after it empty, and the calls not
--- many more.
local account = require "spec.scenario.matrix.account"
local loop = require "host.loop"
local preload = require "spec.scenario.matrix.preload"
local snapshot = require "spec.scenario.matrix.snapshot"
local world = require "spec.scenario.world"

local faults = {}

local LIMIT = 600 -- seconds for one run

-- The first answers to each changing operation are lost, so that each has to find out by itself what it did.
local FIRST = 2
local function first_lost(operations)
  local list = {}
  for i, name in ipairs(operations) do
    local service, operation = name:match "^([^.]+)%.(.+)$"
    list[i] = { kind = "lost", service = service, operation = "^" .. operation .. "$", times = FIRST }
  end
  return list
end

--- What may go wrong: name -> the simulator's rules; %s is the share of the calls. A function makes them of the
--- changing operations of the undisturbed run, whatever share is asked for.
faults.kinds = {
  throttle = "throttle=%s", error = "error=%s", unavailable = "unavailable=%s", reset = "reset=%s",
  lost = "lost=%s", truncate = "truncate=%s", hang = "hang=%s", stale = "stale=1s:%s",
  propagation = "propagation=8s", first = first_lost,
  everything = "throttle=%s,error=%s,reset=%s,lost=%s,truncate=%s,stale=1s:%s",
}

-- Silence takes as long as the user is ready to wait for an answer.
local SILENCE = { hang = "3" }

-- How csorun is run: keys are short, an answer may take so long.
local function run_options(kind)
  local env = preload.keys()
  env.CSORUN_CALL_SECONDS = SILENCE[kind]
  return { limit = LIMIT, env = env }
end

-- A share of all kinds together is spread over them.
local function rules(kind, rate, operations)
  local text = faults.kinds[kind]
  if type(text) == "function" then return text(operations) end
  local _, n = text:gsub("%%s", "")
  return (text:gsub("%%s", ("%.4f"):format(rate / math.max(n, 1))))
end

local function words(verb, book, ...)
  local list, more = table.move(book, 1, #book, 2, { verb }), { ... }
  return table.move(more, 1, #more, #list + 1, list)
end

--- What is done, and how a plan is asked whether it is done.
faults.phases = { apply = {}, destroy = { "--destroy" } }

local function finish(p, book, phase, options)
  local code, text = p:csorun(words(phase, book, "-y", "-q"), options)
  if code ~= 0 then error(("%s ended with %d\n%s"):format(phase, code, text:match("error.*") or text), 0) end
end

---@class spec.Undisturbed: spec.Account
---@field requests integer
---@field operations string[]   the changing ones, as "service.Operation"
---@field copy string?          a folder: where it began

-- Each once, as they came.
local function unique(list)
  local out, seen = {}, {}
  for _, name in ipairs(list) do
    if not seen[name] then out[#out + 1], seen[name] = name, true end
  end
  return out
end

--- What an undisturbed run comes to.
---@param book string[]   playbook and options
---@param copy string?    a folder that is made: where a destruction begins
---@return table<string, spec.Undisturbed> clean   by phase
function faults.clean(book, copy)
  local clean = {}
  world.run({ seed = 1, db = copy and snapshot.ACCOUNT }, function(p)
    local function live(phase)
      p.requests, p.calls = 0, {}
      finish(p, book, phase, run_options())
      clean[phase] = { inventory = p:inventory(), counts = p:counts(), requests = p.requests, operations = unique(p.calls) }
    end
    live "apply"
    if not copy then return end
    snapshot.take(p, copy)
    live "destroy"
    clean.destroy.copy = copy
  end)
  return clean
end

--- One run under faults.
---@param book string[]
---@param clean table      from `clean`
---@param one { kind: string, rate: number, seed: integer, phase: "apply"|"destroy"? }
---@return string? failure, number? ratio   calls against the undisturbed run, number? seconds
function faults.run(book, clean, one)
  local failure, ratio, seconds
  local phase = one.phase or "apply"
  clean = clean[phase]
  world.run({ seed = one.seed, faults = rules(one.kind, one.rate, clean.operations), copy = clean.copy,
    db = clean.copy and snapshot.ACCOUNT }, function(p)
    local started = loop.now()
    local ok, why = pcall(finish, p, book, phase, run_options(one.kind))
    ratio, seconds = p.requests / clean.requests, loop.now() - started
    p.sim.world:set_faults("")
    ok, why = pcall(function()
      if not ok then error(why, 0) end
      account.compare(clean, account.look(p))
      local code, text = p:csorun(words("plan", book, "--detailed-exitcode", table.unpack(faults.phases[phase])))
      if code ~= 0 then error("the plan is not empty\n" .. text, 0) end
      if ratio > 3 then error(("%.2f times the calls of an undisturbed run"):format(ratio), 0) end
    end)
    if not ok then failure = tostring(type(why) == "table" and why.message or why) end
  end)
  return failure, ratio, seconds
end

--- An apply that runs freely for a while, until all at once every call is throttled, for some seconds.
---@param book string[]
---@param clean table   from `clean`
---@param seconds number
---@return string? failure, integer[] calls, integer throttled_until   calls of each second of the throttling
---  and after it, by the account's clock; the last throttled second
function faults.throttled(book, clean, seconds)
  local failure
  local per_second, from, free = {}, nil, clean.apply.requests // 5
  -- How often somebody knocks is told in real seconds: shorter waits beside each other distort it.
  world.run({ seed = 1, pace = 1 }, function(p)
    local over = false
    p.watch = function(moment)
      if moment ~= "before" or p.requests < free then return end
      local now = p.sim.world.clock:now()
      if not from then
        from = now
        p.sim.world:set_faults("throttle=1")
      elseif not over and now - from >= seconds then
        over = true
        p.sim.world:set_faults("")
      end
      local at = math.floor(now - from) + 1
      per_second[at] = (per_second[at] or 0) + 1
    end
    local ok, why = pcall(function()
      finish(p, book, "apply", run_options())
      account.compare(clean.apply, account.look(p))
    end)
    if not ok then failure = tostring(type(why) == "table" and why.message or why) end
  end)
  local last = 0
  for at in pairs(per_second) do last = math.max(last, at) end
  for at = 1, last do per_second[at] = per_second[at] or 0 end
  return failure, per_second, math.floor(seconds)
end

return faults
