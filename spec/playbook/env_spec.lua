local support = require("spec.playbook.support")

local schema = [[
local env = cso.env {
  name = cso.t.string, size = cso.t.integer { default = 2, max = 5 }, zones = cso.t.list(cso.t.string, { default = { "a" } }),
  db = cso.t.object { class = cso.t.string { default = "small" }, multi = cso.t.boolean { default = false } },
}
cso.output { name = env.name, size = env.size, zones = cso.json.encode(env.zones), db = cso.json.encode(env.db) }
]]

local function outputs(p)
  local out = {}
  for _, o in ipairs(p.outputs) do out[o.name] = o.value end
  return out
end

describe("the environment", function()
  local dir
  before_each(function()
    dir = support.setup()
    support.write("envs/main.yaml", "# comment\nname: demo\ndb:\n  class: large\n")
  end)
  after_each(support.teardown)

  it("is found by the playbook's name, and gets its defaults", function()
    assert.are.same({ name = "demo", size = 2, zones = '["a"]', db = '{"class":"large","multi":false}' },
      outputs(support.program(schema)))
  end)

  it("is overlaid, then changed by variables, then by --set", function()
    support.write("over.yaml", "db:\n  multi: true\nsize: 3\n")
    assert.are.same({ name = "007", size = 5, zones = '["x","y"]', db = '{"class":"huge","multi":true}' },
      outputs(support.program(schema, {
        overlays = { dir .. "/over.yaml" },
        environ = { CSO_VAR_size = "4", CSO_VAR_db__class = "huge", HOME = "/" },
        sets = { "size=5", "name=007", "zones=[x, y]" },
      })))
  end)

  it("can be chosen by file or by name", function()
    support.write("envs/other.yaml", "name: other\n")
    assert.are.equal("other", outputs(support.program(schema, { env_file = "other" })).name)
    assert.are.equal("other", outputs(support.program(schema, { env_file = dir .. "/envs/other.yaml" })).name)
    local message, _, e = support.refused(schema, { env_file = "none" })
    assert.truthy(message:find("no environment file none", 1, true))
    assert.are.equal("config", e.class)
  end)

  it("tells every fault with its origin", function()
    support.write("envs/main.yaml", "name: demo\nsiez: 1\ndb:\n  clas: x\n  multi: maybe\n")
    local message, place = support.refused(schema, { sets = { "size=9" }, environ = { CSO_VAR_db__x = "1" } })
    for _, said in ipairs {
      "the environment has 5 faults", "envs/main.yaml:2: siez unknown key; did you mean size?",
      "envs/main.yaml:4: db.clas unknown key; did you mean class?", "envs/main.yaml:5: db.multi must be true or false",
      "--set size: size must be at most 5, is 9", "CSO_VAR_db__x: db.x unknown key",
    } do
      assert.truthy(message:find(said, 1, true), said .. " not in\n" .. message)
    end
    assert.are.equal("envs/main.yaml:5", place)
  end)

  it("tells a YAML fault with its line", function()
    support.write("envs/main.yaml", "name: demo\n  size: 1\n")
    local _, place, e = support.refused(schema)
    assert.are.equal("envs/main.yaml:2", place)
    assert.are.equal("config", e.class)
  end)

  it("takes its schema from beside the file", function()
    support.write("envs/schema.lua", 'local cso = require "cso"\nreturn { name = cso.t.string { min = 2 } }')
    support.write("envs/main.yaml", "name: d\n")
    assert.truthy(support.refused("local env = cso.env()"):find("at least 2 characters", 1, true))
  end)

  it("needs no file when everything has a default", function()
    os.remove(dir .. "/envs/main.yaml")
    local p = support.program [[cso.output { a = cso.env { a = cso.t.integer { default = 1 } }.a }]]
    assert.are.equal(1, p.outputs[1].value)
    assert.truthy(support.refused(schema):find("no environment file: tried", 1, true))
  end)

  it("refuses names that the schema doesn't have", function()
    local message, place = support.refused(schema .. "local x = env.db.clas")
    assert.are.equal("the environment.db has no clas", message)
    assert.are.equal("main.lua:7", place)
    support.program(schema .. "local n = 0\nfor k in pairs(env) do n = n + 1 end assert(n == 4)")
  end)
end)
