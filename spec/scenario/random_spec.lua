-- Random playbooks, random edits of them, random faults and kills: after every run that converges the
-- account holds what the playbook says and the plan is empty; after the destruction it holds nothing.
--   CSORUN_SEEDS=1000 ./dev test spec/scenario/random_spec.lua      more seeds (CSORUN_FIRST_SEED: from there)
-- A failure is told with its seed and the smallest script found, to be kept below.
local json = require "cso.std.json"
local model = require "spec.scenario.random.model"
local script = require "spec.scenario.random.script"

local SEEDS = tonumber(os.getenv "CSORUN_SEEDS" or 2)
local FIRST = tonumber(os.getenv "CSORUN_FIRST_SEED" or 1)
local SHRINK = tonumber(os.getenv "CSORUN_SHRINK" or 40)

describe("a random life", function()
  for seed = FIRST, FIRST + SEEDS - 1 do
    it("of seed " .. seed .. " ends as its playbook says", function()
      local made = script.make(seed)
      local failure = script.run(made)
      if failure then
        local small, why, playbook = script.shrink(made, SHRINK)
        error(("seed %d: %s\n\nsmallest script: %s\nfails with: %s\nlast playbook:\n%s"):format(seed, failure,
          assert(json.encode(small, { sort = true })), why, playbook), 0)
      end
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
