-- What lives in the state alone is remembered when somebody asks, and is then what it always was.
local playbook = require "cso.playbook"
local records = require "cso.state.records"
local state = require "cso.state"
local task = require "cso.task"
local value = require "cso.std.value"

local function load(text)
  local file = os.tmpname()
  local out = assert(io.open(file, "w"))
  out:write('local cso = require "cso"\n', text)
  out:close()
  local program = assert(playbook.load(file, { environ = {}, print = function() end }))
  os.remove(file)
  return program
end

-- Makes what a playbook says, and plans another.
local function after(first, second)
  local store = state.memory(os.time)
  local opts = setmetatable({}, { __index = { sleep = task.sleep, now = task.now, state = store, who = "spec",
    session = { region = function() return "eu-west-2" end } } })
  local function plan(program)
    opts.program, opts.stack = program, "spec"
    return assert(require("cso.plan").make(opts))
  end
  local made, e = task.run(function()
    local program = load(first)
    opts.plan = plan(program)
    assert(require("cso.apply").run(opts))
    return plan(load(second))
  end)
  if not made then error(e, 0) end
  return made, store
end

-- A record as text: secrets can't be looped over.
local function written(record) return records.encode(record, "memory") end

local ONE = 'local a = cso.random.password "a" { length = 9 }\n'

describe("what is remembered", function()
  it("is there when somebody asks, though nothing changes", function()
    local made, store = after(ONE, ONE)
    assert.equal(1, made.counts.noop)
    local node, record = made.nodes["random.password.a"], made.records["random.password.a"]
    assert.is_nil(rawget(node, "model"))
    assert.is_nil(rawget(record, "attributes"))
    assert.is_true(value.is_secret(node.model.value))
    assert.equal(9, node.model.length)
    assert.equal(node.record.id, node.model.Id)
    assert.is_true(rawequal(node.model, rawget(node, "model")))
    assert.equal(written(store:get "random.password.a"), written(record))
    store:close()
  end)

  it("is there for who carries out a plan that changes something", function()
    local made, store = after(ONE, ONE .. 'cso.random.password "b" { length = 8 }\n')
    assert.equal(1, made.counts.noop)
    local node, record = made.nodes["random.password.a"], made.records["random.password.a"]
    assert.is_true(value.is_secret(rawget(node, "model").value))
    assert.is_nil(getmetatable(node))
    assert.is_nil(getmetatable(record))
    assert.is_true(value.is_secret(rawget(record, "attributes").value))
    store:close()
  end)

  it("is there for who refers to it", function()
    local made, store = after(ONE, ONE .. 'cso.output { id = a.Id, n = a.length }\n')
    assert.equal(made.records["random.password.a"].id, made.outputs.id)
    assert.equal(9, made.outputs.n)
    store:close()
  end)

  it("is no other than what is declared without that being told", function()
    local made, store = after(ONE, (ONE:gsub("9", "10")))
    assert.equal(1, made.counts.replace)
    assert.equal(9, made.actions[1].changes[1].before)
    store:close()
  end)

  it("is written down whole", function()
    local _, store = after(ONE, ONE)
    local record = store:remembered()[1]
    assert.is_nil(rawget(record, "attributes"))
    store:put(record)
    assert.is_true(value.is_secret(store:get("random.password.a").attributes.value))
    record = store:remembered()[1]
    local seen = {}
    for k, v in pairs(record) do seen[k] = v end
    assert.equal(written(store:get "random.password.a"), written(seen))
    assert.is_nil(getmetatable(record))
    store:close()
  end)
end)
