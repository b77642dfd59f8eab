-- Random playbooks, random edits of them, random faults and kills: after every run that converges the
-- account holds what the playbook says and the plan is empty; after the destruction it holds nothing.
--   CSORUN_SEEDS=1000 ./dev test spec/scenario/random_spec.lua      more seeds
--   CSORUN_FIRST_SEED=17   from there      CSORUN_LIVES=8    so many beside each other
--   CSORUN_KINDS=password,secret,database,lone_database,group_of_subnets,connection   of these kinds only
--   CSORUN_SETTING=stacks,shared     all lives with two stacks, with their state in a bucket
--   CSORUN_FAULTS=all      faults always   CSORUN_SHRINK=40  runs that the smallest script may cost
-- A failure is told with the command that repeats it and the smallest script found; that is kept, as a
-- file of random/kept with a word on what it found, and lived again each time.
local json = require "cso.std.json"
local lfs = require "lfs"
local model = require "spec.scenario.random.model"
local script = require "spec.scenario.random.script"

local SEEDS = tonumber(os.getenv "CSORUN_SEEDS" or 1)
local FIRST = tonumber(os.getenv "CSORUN_FIRST_SEED" or 1)
local SHRINK = tonumber(os.getenv "CSORUN_SHRINK" or 40)
local LIVES = tonumber(os.getenv "CSORUN_LIVES" or 4)
local FAULTS = os.getenv "CSORUN_FAULTS"
local KEPT = "spec/scenario/random/kept"

-- What else a script is made of than its seed.
local function asked()
  local out = ""
  for _, name in ipairs { "CSORUN_FAULTS", "CSORUN_KINDS", "CSORUN_SETTING" } do
    local v = os.getenv(name)
    if v then out = ("%s %s=%s"):format(out, name, v) end
  end
  return out
end

local function told(s, failure, shrink)
  local command = ("CSORUN_SEEDS=1 CSORUN_FIRST_SEED=%d%s ./dev test spec/scenario/random_spec.lua"):format(s.seed, asked())
  if shrink == 0 then return ("%s\n%s\nlast playbook:\n%s"):format(command, failure.failure, failure.playbook) end
  local small, why, playbook = script.shrink(s, shrink)
  return ("%s\n%s\n\nsmallest script: %s\nfails with: %s\nlast playbook:\n%s"):format(command, failure.failure,
    assert(json.encode(small, { sort = true })), why, playbook)
end

describe("a random life", function()
  local made, failures = {}, {}
  lazy_setup(function()
    for i = 1, SEEDS do made[i] = script.make(FIRST + i - 1, FAULTS ~= nil) end
    failures = script.run_all(made, LIVES)
  end)
  for i = 1, SEEDS do
    it("of seed " .. FIRST + i - 1 .. " ends as its playbook says", function()
      if failures[i] then error(told(made[i], failures[i], SHRINK), 0) end
    end)
  end
end)

describe("a life that once failed", function()
  local names, made, failures = {}, {}, {}
  for file in lfs.dir(KEPT) do names[#names + 1] = file:match "^(.*)%.lua$" end
  table.sort(names)
  lazy_setup(function()
    for i, name in ipairs(names) do made[i] = dofile(KEPT .. "/" .. name .. ".lua") end
    failures = script.run_all(made, LIVES)
  end)
  for i, name in ipairs(names) do
    it("ends well: " .. name:gsub("_", " "), function()
      if failures[i] then error(failures[i].failure .. "\n" .. failures[i].playbook, 0) end
    end)
  end
end)

describe("the model of a random life", function()
  it("sees what is missing, what is too much and what is different", function()
    local m = model.new()
    assert.is_true(m:edit { verb = "add", kind = "parameter", n = 1 })
    local function held(...) return model.held { ["1/eu-west-2/ssm/Parameter"] = { ... } } end
    local right = { Name = "/random/p-1-0", Value = "v0" }
    assert.equal(m:desired(), held(right))
    assert.not_equal(m:desired(), held())
    assert.not_equal(m:desired(), held(right, right))
    assert.not_equal(m:desired(), held { Name = "/random/p-1-0", Value = "v1" })
    assert.not_equal(m:desired(), model.held { ["1/eu-west-2/ssm/Parameter"] = { right }, ["1/eu-west-2/x/Y"] = { {} } })
  end)

  it("leaves edits out that don't fit", function()
    local m = model.new()
    assert.is_true(m:edit { verb = "add", kind = "vpc", n = 1 })
    assert.is_false(m:edit { verb = "add", kind = "subnet", n = 2, uses = { vpc = 7 } })
    assert.is_true(m:edit { verb = "add", kind = "subnet", n = 2, uses = { vpc = 1 } })
    assert.is_true(m:edit { verb = "protect", n = 2 })
    assert.is_false(m:edit { verb = "remove", n = 1 })
    assert.is_false(m:edit { verb = "replace", n = 1 })
    assert.is_false(m:edit { verb = "change", n = 9 })
  end)
end)
