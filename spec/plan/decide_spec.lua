-- What plans decide, without any account: kinds of our own that live in memory.
local kinds = require "cso.kind"
local plan = require "cso.plan"
local state = require "cso.state"
local task = require "cso.task"
local value = require "cso.std.value"

local function declaration(address, properties, fields)
  local d = { address = address, form = "resource", type = "cso.random.password", name = address, properties = properties,
    where = { file = "p.lua", line = 1 }, options = {}, target = {}, depends = value.dependencies(properties) }
  for k, v in pairs(fields or {}) do d[k] = v end
  return d
end

local function program(list, outputs)
  local p = { stack = { name = "s", tags = {} }, declarations = list, by_address = {}, outputs = outputs or {}, checks = {} }
  for _, d in ipairs(list) do p.by_address[d.address] = d end
  return p
end

local function make(store, p, opts)
  local result, failure
  local ok, e = task.run(function()
    local o = { program = p, state = store, session = {}, sleep = function() end, now = task.now }
    for k, v in pairs(opts or {}) do o[k] = v end
    result, failure = plan.make(o)
  end)
  assert(ok ~= nil or e == nil, e and tostring(e))
  return result, failure
end

local function record(address, declared, attributes, fields)
  local r = { address = address, type = "cso.random.password", id = address, declared = declared, attributes = attributes or {},
    target = {}, depends = {}, status = "ready", native = true }
  for k, v in pairs(fields or {}) do r[k] = v end
  return r
end

local function actions(p)
  local out = {}
  for _, a in ipairs(p.actions) do out[a.address] = a.action end
  return out
end

describe("plan", function()
  local store
  before_each(function() store = state.memory(os.time) end)
  after_each(function() store:close() end)

  it("creates what is declared, deletes what no longer is, leaves the rest", function()
    store:put(record("kept", { length = 20 }))
    store:put(record("old", { length = 20 }))
    local p = assert(make(store, program { declaration("kept", { length = 20 }), declaration("new", { length = 12 }) }))
    assert.same({ kept = "noop", new = "create", old = "delete" }, actions(p))
    assert.same({ create = 1, delete = 1, noop = 1, update = 0, replace = 0, run = 0, forget = 0, adopt = 0 }, p.counts)
  end)

  it("gives each replacement its reason", function()
    store:put(record("p", { length = 20 }))
    local p = assert(make(store, program { declaration("p", { length = 30 }) }))
    assert.equal("replace", p.actions[1].action)
    assert.matches("length", p.actions[1].reasons[1])
    assert.same({ path = "length", before = 20, after = 30, replaces = true, unknown = false, sensitive = false },
      p.actions[1].changes[1])
  end)

  it("knows what is typed and known only later, and what follows from it", function()
    local p = assert(make(store, program {
      declaration("a", { length = 20 }), declaration("b", { exclude = value.ref("a", "Id") }) }))
    local unknown = p.nodes.b.desired.exclude
    assert.is_true(value.is_unknown(unknown))
    assert.equal("a", unknown.from)
    assert.equal("string", unknown.type.kind)
  end)

  it("takes a declared false for what it is, not for unknown", function()
    local p = assert(make(store, program { declaration("a", { special = false }),
      declaration("b", { special = value.ref("a", "special") }) }))
    assert.is_false(p.nodes.b.desired.special)
  end)

  it("refuses a cycle, a reference to nothing and a target that is not there", function()
    local _, e = make(store, program { declaration("a", { exclude = value.ref("b", "Id") }),
      declaration("b", { exclude = value.ref("a", "Id") }) })
    assert.equal("cycle", e.code)
    assert.equal("p.lua:1", e.where)
    _, e = make(store, program { declaration("aaaa", {}, { depends = { "aaab" } }), declaration("aaac", {}) })
    assert.equal("reference", e.code)
    assert.matches("aaa", e.hint)
    _, e = make(store, program { declaration("a", {}) }, { targets = { "nope*" } })
    assert.equal("no_target", e.code)
  end)

  it("keeps to its targets and what they need", function()
    local p = assert(make(store, program { declaration("a", {}), declaration("b", { exclude = value.ref("a", "Id") }),
      declaration("c", {}) }, { targets = { "b" } }))
    assert.same({ a = "create", b = "create" }, actions(p))
  end)

  it("protects by what is remembered, not by what is written now", function()
    store:put(record("p", { length = 20 }, {}, { protect = true }))
    local p, e = make(store, program {})
    assert.is_nil(p)
    assert.equal("protected", e.code)
    assert.equal("policy", e.class)
    p, e = make(store, program { declaration("p", { length = 30 }) })
    assert.is_nil(p)
    assert.same({ "p" }, e.addresses)
    p = assert(make(store, program { declaration("p", { length = 20 }) }))
    assert.same({ p = "update" }, actions(p))
  end)

  it("forgets what is retained", function()
    store:put(record("p", { length = 20 }, {}, { retain = true }))
    assert.same({ p = "forget" }, actions(assert(make(store, program {}))))
  end)

  it("makes anew what made a secret that nobody kept", function()
    local secret = kinds.native("AWS::SecretsManager::Secret")
    assert.equal("SecretString", secret.spec.keeps)
    store:put(record("p", { length = 20 }))
    local p = assert(make(store, program { declaration("p", { length = 20 }), declaration("keep",
      { Name = "n", SecretString = value.ref("p", "value") }, { type = "AWS::SecretsManager::Secret" }) }))
    assert.equal("replace", p.nodes.p.action)
    assert.matches("kept nowhere", p.actions[2].reasons[1])
  end)

  it("sees a change of an output alone", function()
    store:put(record("p", { length = 20 }))
    local p = assert(make(store, program({ declaration("p", { length = 20 }) }, { { name = "n", value = 1 } })))
    assert.is_false(plan.is_empty(p))
    store:set_outputs { n = 1 }
    p = assert(make(store, program({ declaration("p", { length = 20 }) }, { { name = "n", value = 1 } })))
    assert.is_true(plan.is_empty(p))
  end)

  it("is linear in what is declared", function()
    local list = {}
    for i = 1, 3000 do list[i] = declaration("p" .. i, i > 1 and { exclude = value.ref("p" .. (i - 1), "Id") } or {}) end
    local p = assert(make(store, program(list)))
    assert.equal(3000, p.counts.create)
    assert.equal(3000, #p.graph.order)
  end)
end)
