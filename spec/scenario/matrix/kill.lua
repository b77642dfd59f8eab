--- The kill matrix: for each changing call of a story's stages, what happens when csorun dies right before the
--- call is carried out and right after. Nobody hears of a death; the next run has to find out by itself, and to
--- end where a run that nobody killed ends. Commands that call nothing die at each write to the disk instead.
local account = require "spec.scenario.matrix.account"
local calls = require "cso.kind.calls"
local deep = require "cso.std.deep"
local hash = require "cso.std.hash"
local preload = require "spec.scenario.matrix.preload"
local snapshot = require "spec.scenario.matrix.snapshot"
local stories = require "spec.scenario.matrix.stories"
local world = require "spec.scenario.world"

local kill = {}

local LIMIT = 300 -- seconds for one run: what hangs has failed

---@class spec.Kill                 one point of the matrix
---@field phase string              of what stage
---@field nth integer               at which changing call, or write
---@field moment "before"|"after"|"write"
---@field call string               "service.Operation"
---@field dir string                the copy of that moment; of the beginning of the stage for a write
---@field variant "once"|"twice"|"instead"|"elsewhere"   twice: the next run dies, too; instead: what was begun
---  is not finished, but undone or destroyed; elsewhere: another machine goes on, which has the state of a bucket only

---@class spec.Clean                what the run that nobody killed came to
---@field story table               how the story was asked for
---@field account table<string, spec.Account>   at the end of each stage
---@field url string                of its account
---@field facts table<string, table>        what the words of each stage need to know
---@field requests table<string, integer>   calls of any kind that each took
---@field calls table<string, integer>      changing calls of each
---@field writes table<string, integer>     writes to the state of each that dies at them

-- What a command is called with: {name} in a word stands for a fact.
local function spoken(words, facts)
  local list = {}
  for i, word in ipairs(words) do list[i] = word:gsub("{(%a+)}", facts) end
  return list
end

-- How commands of a stage are run: with what the story sets, and short keys.
local function runner(story, stage)
  return function(p, words, expected, env)
    local all = preload.keys()
    for _, more in ipairs { story.env or {}, stage.env or {}, env or {} } do
      for name, v in pairs(more) do all[name] = name == "LD_PRELOAD" and all[name] and v .. ":" .. all[name] or v end
    end
    local code, text = p:csorun(words, { limit = LIMIT, env = all })
    if expected and code ~= expected then
      error(("csorun %s ended with %d\n%s"):format(table.concat(words, " "), code, text), 0)
    end
    return code, text
  end
end

local function write_all(p, files)
  for name, text in pairs(files or {}) do p:write(name, text) end
end

-- Counts the writes of a stage, in a place of its own.
local function count_writes(run, stage, dir, facts)
  local done = world.inside({ seed = 1, db = snapshot.ACCOUNT, copy = dir }, function(p)
    run(p, spoken(stage.words, facts), 0, preload.disk(p, 0))
    return assert(math.tointeger(tonumber(p:read "writes")), "the writes were not counted")
  end)
  if not done[1] then error(done[2], 0) end
  return done[2]
end

-- The account when nothing is left to do. Who asks also sees what was on its way.
local function settle(p, run, ending, story)
  write_all(p, ending.then_files)
  if ending.settled then run(p, ending.settled, 0) end
  local seen = account.look(p, story.beside)
  if ending.shows then seen.shown = select(2, run(p, ending.shows, 0)) end
  return seen
end

-- Watches the calls of a stage and copies the moments that are wanted.
local function watch(p, stage, into, wanted, points)
  local nth = {} -- calls run side by side: the one that is carried out is not always the one that came last
  return function(moment, service, operation)
    if not calls.mutating(operation) then return end
    nth[moment] = (nth[moment] or 0) + 1
    if not wanted(stage.name, nth[moment], moment) then return end
    local dir = ("%s/%s-%04d-%s"):format(into, stage.name, nth[moment], moment)
    snapshot.take(p, dir, true)
    points[#points + 1] = { phase = stage.name, nth = nth[moment], moment = moment,
      call = service .. "." .. operation, dir = dir, variant = "once" }
  end
end

local function record_writes(run, stage, p, into, wanted, clean, points)
  local dir = ("%s/%s-start"):format(into, stage.name)
  snapshot.take(p, dir)
  local n = count_writes(run, stage, dir, clean.facts[stage.name])
  clean.writes[stage.name] = n
  for at = 1, n do
    if wanted(stage.name, at, "write") then
      points[#points + 1] = { phase = stage.name, nth = at, moment = "write", call = stage.words[1], dir = dir,
        variant = "once" }
    end
  end
end

--- Lives a story undisturbed, and copies its stages at the moments that are wanted.
---@param asked { name: string, book: string[]? }   which story; `book` (playbook and options) is for "deployment"
---@param into string                   folder of the copies
---@param wanted fun(phase: string, nth: integer, moment: string): boolean
---@return spec.Clean clean, spec.Kill[] points
function kill.record(asked, into, wanted)
  local story = stories.get(asked)
  local clean = { story = asked, url = nil, account = {}, requests = {}, calls = {}, writes = {}, facts = {} }
  local points, facts = {}, {}
  world.run({ seed = 1, db = snapshot.ACCOUNT, files = story.files }, function(p)
    clean.url = p.sim.url
    for _, stage in ipairs(story.stages) do
      local run = runner(story, stage)
      if stage.prepare then stage.prepare(p, run) end
      for name, v in pairs(stage.facts and stage.facts(p, run) or {}) do facts[name] = v end
      clean.facts[stage.name] = deep.copy(facts)
      write_all(p, stage.files)
      if stage.writes then record_writes(run, stage, p, into, wanted, clean, points) end
      p.calls, p.requests = {}, 0
      if not stage.calm then p.watch = watch(p, stage, into, wanted, points) end
      run(p, spoken(stage.words, facts), 0)
      p.watch = nil
      clean.requests[stage.name], clean.calls[stage.name] = p.requests, #p.calls
      clean.account[stage.name] = settle(p, run, stage, story)
    end
  end)
  return clean, points
end

-- Where the second run dies: early, where the first one's leavings are met, and later.
local SECOND = { 1, 2, 3, 5, 8, 13, 21, 34 }

local function die_again(p, run, words, point)
  p.kill = { at = SECOND[point.nth % #SECOND + 1], moment = point.nth % 3 == 0 and "before" or "after" }
  p.calls = {}
  local code, text = run(p, words)
  if code ~= 137 and code ~= 0 then error(("the second run ended with %d\n%s"):format(code, text), 0) end
  p.kill, p.calls = nil, {}
end

-- Another machine has nothing but the bucket. It is told who holds the lock, and the user says that he is dead.
local function move_away(p, run, words, unlock)
  snapshot.drop(p.dir .. "/.cso")
  local code, text = run(p, words)
  if code == 0 then return end -- it died before it took the lock, or after it gave it back
  local lock = code == 5 and text:match "csorun unlock (%S+)"
  if not lock then error(("on another machine the run ended with %d\n%s"):format(code, text), 0) end
  run(p, spoken(unlock, { lock = lock }), 0)
end

-- Goes on; what a dead run had done already may be refused as done.
local function finish(p, run, words, ending)
  local code, text = run(p, words)
  if code ~= 0 and code ~= ending.done then
    error(("csorun %s ended with %d\n%s"):format(table.concat(words, " "), code, text), 0)
  end
end

-- What tells working copies of a state apart in their names.
local function copy_name(state, url) return hash.sha256_hex(state .. "\0" .. url):sub(1, 8) end

local function play(p, clean, point)
  local story = stories.get(clean.story)
  local stage = stories.stage(story, point.phase)
  local facts, run = clean.facts[point.phase], runner(story, stage)
  local words, ending = spoken(stage.words, facts), stage
  -- Another endpoint is another account, and what is remembered of one is no copy of the other's state.
  if story.state then
    snapshot.rename(p.dir .. "/.cso/remote", copy_name(story.state, clean.url), copy_name(story.state, p.sim.url))
  end
  if point.moment == "write" then
    local code, text = run(p, words, nil, preload.disk(p, point.nth))
    if code ~= 137 and code ~= 0 then error(("the run that dies ended with %d\n%s"):format(code, text), 0) end
  end
  if point.variant == "twice" then
    die_again(p, run, words, point)
  elseif point.variant == "elsewhere" then
    move_away(p, run, words, story.unlock)
  elseif point.variant == "instead" then
    ending = stage.instead
  end
  p.requests = 0
  finish(p, run, spoken(ending.words, facts), ending)
  local requests = p.requests
  account.compare(clean.account[ending.like or stage.name], settle(p, run, ending, story), ending.less)
  return requests
end

--- Goes on from a copy with fresh processes.
---@param clean spec.Clean
---@param point spec.Kill
---@return string? failure, integer? requests   what the run that converged took
function kill.continue(clean, point)
  local failure, requests
  world.run({ seed = 1, db = snapshot.ACCOUNT, copy = point.dir }, function(p)
    local ok, got = pcall(play, p, clean, point)
    if ok then requests = got else failure = tostring(type(got) == "table" and got.message or got) end
  end)
  return failure, requests
end

--- The ways in which one can go on from a point of a stage.
---@param clean spec.Clean
---@param point spec.Kill
---@return table<string, true>
function kill.variants(clean, point)
  local story = stories.get(clean.story)
  local stage = stories.stage(story, point.phase)
  return { once = true, twice = not stage.family and point.moment ~= "write" or nil,
    instead = stage.instead and true, elsewhere = story.unlock and point.moment ~= "write" and true or nil }
end

--- How a point is called.
---@param point spec.Kill
---@return string
function kill.label(point)
  return ("%s-%04d-%s%s"):format(point.phase, point.nth, point.moment, point.variant == "once" and "" or "-" .. point.variant)
end

return kill
