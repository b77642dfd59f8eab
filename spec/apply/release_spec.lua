-- What a run lets go of on its way is what nobody asks for: the result is the same, and so is the state.
local playbook = require "cso.playbook"
local task = require "cso.task"

local TEXT = [[
local cso = require "cso"
local asked
local first = cso.random.password "first" { length = 12 }
local second = cso.random.password("second", { after = { first } }) { length = 8 }
cso.step "between" { after = { second }, run = function() asked = (asked or 0) + 1 return { times = asked } end }
cso.random.password("third", { after = { "step.between" } }) { length = 9 }
cso.output { first = first.value, second = second.value }
]]

-- The result, what is left of plan and program, and what the state knows.
local function lived(spends)
  local file = os.tmpname()
  local out = assert(io.open(file, "w"))
  out:write(TEXT)
  out:close()
  local store = require("cso.state").memory(os.time)
  local session = { region = function() return "eu-west-2" end }
  local result, opts, known
  local _, failure = task.run(function()
    opts = { sleep = task.sleep, now = task.now, session = session, state = store, who = "spec", spends = spends,
      program = assert(playbook.load(file, { environ = {}, session = session, print = function() end })) }
    opts.stack = opts.program.stack.name
    opts.plan = assert(require("cso.plan").make(opts))
    result = assert(require("cso.apply").run(opts))
    known = store:resources()
  end)
  store:close()
  os.remove(file)
  if failure then error(failure, 0) end
  return result, opts, known
end

describe("a run", function()
  it("lets go of the plan where it may, and comes to the same", function()
    local kept, keeping, kept_records = lived(false)
    local spent, spending, spent_records = lived(true)
    assert.same({ create = 3, run = 1 }, spent.counts)
    assert.same(kept.counts, spent.counts)
    assert.same({}, spent.failed)
    for _, outputs in ipairs { kept.outputs, spent.outputs } do
      assert.truthy(outputs.first and outputs.second)
    end
    for i, record in ipairs(kept_records) do
      assert.same(record.depends, spent_records[i].depends)
      assert.same(record.status, spent_records[i].status)
    end
    assert.equal(4, #keeping.plan.actions)
    assert.equal(4, #keeping.program.declarations)
    assert.same({}, spending.plan.actions)
    assert.same({}, spending.program.declarations)
    for address, node in pairs(spending.plan.nodes) do
      assert.truthy(keeping.plan.nodes[address].decl)
      assert.equal(node.form == "step", node.decl ~= nil, address)
    end
  end)
end)
