-- Twice as many things must not cost four times as much: not to declare, plan, rehearse, make, look at or
-- remove them, however they hang together. The things live in the state alone, so what is counted is the engine.
local instructions = require "spec.support.instructions"
local playbook = require "cso.playbook"
local task = require "cso.task"

-- Each shape gives the numbers of the earlier things that thing i refers to.
local function range(first, last)
  local out = {}
  for i = first, last do out[#out + 1] = i end
  return out
end

local LAYER = 10

local SHAPES = {
  { "independent", function() return {} end },
  { "chains of ten", function(i) return (i - 1) % 10 > 0 and { i - 1 } or {} end },
  { "one chain", function(i) return i > 1 and { i - 1 } or {} end },
  { "layers, each wholly on the last", function(i)
    local first = (i - 1) // LAYER * LAYER
    return first > 0 and range(first - LAYER + 1, first) or {}
  end },
  { "layers, each waiting for the last", function(i)
    local first = (i - 1) // LAYER * LAYER
    return {}, first > 0 and range(first - LAYER + 1, first) or {}
  end },
  { "one that all need", function(i) return i > 1 and { 1 } or {} end },
  { "one that needs all", function(i, n) return i == n and range(1, n - 1) or {} end },
  { "needs without values", function(i) return {}, i > 2 and { 1, 2, i - 1 } or {} end },
}

local function text_of(shape, n, length)
  local lines = { 'local cso = require "cso"', "local p = {}" }
  for i = 1, n do
    local refs, after = shape(i, n)
    local value, list = {}, {}
    for k, j in ipairs(refs) do value[k] = ("p[%d].Id"):format(j) end
    for k, j in ipairs(after or {}) do list[k] = ("p[%d]"):format(j) end
    lines[#lines + 1] = ('p[%d] = cso.random.password("p%d", { after = { %s } }) { length = %d, special = false%s }'):format(
      i, i, table.concat(list, ", "), length,
      #value > 0 and (", exclude = cso.all({ %s }):map(function() return \"\" end)"):format(table.concat(value, ", ")) or "")
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The work of a run from the playbook on, each part with its instructions.
local function costs(shape, n)
  local file = os.tmpname()
  local store = require("cso.state").memory(os.time)
  local spent = {}
  local function count(what, fn)
    local cost, result = instructions(function() return table.pack(task.run(fn)) end)
    if not result[1] then error(result[2], 0) end
    spent[what] = cost
    return result[1]
  end
  local session = { region = function() return "eu-west-2" end, identity = function() return {} end }
  local opts = { sleep = task.sleep, now = task.now, session = session, state = store, who = "spec" }
  local function with(more) return setmetatable(more, { __index = opts }) end
  local function declare(what, length)
    local out = assert(io.open(file, "w"))
    out:write(text_of(shape, n, length))
    out:close()
    return count(what, function()
      return playbook.load(file, { environ = {}, session = session, print = function() end })
    end)
  end
  local program = declare("reading the playbook", 8)
  local function plan(what, more)
    more.program, more.stack = program, program.stack.name
    return count(what, function() return require("cso.plan").make(with(more)) end)
  end
  local function apply(what, made, of)
    local result = count(what, function() return require("cso.apply").run(with { plan = made, program = of }) end)
    assert.same({}, result.failed)
    return result.counts
  end
  local made = plan("planning all new", {})
  local rehearsed = count("rehearsing", function()
    return require("cso.cmd.rehearsal").of { plan = made, program = program, session = session, store = store }
  end)
  assert.same({}, rehearsed.failures)
  assert.same({ create = n }, apply("making", made, program))
  assert.equal(n, plan("planning no change", {}).counts.noop)
  program = declare("reading the playbook again", 9)
  assert.same({ replaced = n }, apply("making anew", plan("planning to make all anew", {}), program))
  assert.same({ delete = n }, apply("removing", plan("planning to remove all", { destroy = true })))
  store:close()
  os.remove(file)
  return spent
end

describe("twice as many things cost twice as much:", function()
  local N, MOST = 150, 2.2
  for _, shape in ipairs(SHAPES) do
    it(shape[1], function()
      costs(shape[2], 10) -- what is loaded and compiled once is not counted
      local one, two = costs(shape[2], N), costs(shape[2], 2 * N)
      local dear = {}
      for what, cost in pairs(one) do
        if two[what] > MOST * cost then
          dear[#dear + 1] = ("%s: %d instructions for %d, %d for %d"):format(what, cost, N, two[what], 2 * N)
        end
      end
      assert.same({}, dear)
    end)
  end
end)
