local catalogue = require "cso.std.catalogue"
local rules = require "cso.aws.endpoint.rules"

local function model(shapes, operations)
  return catalogue.from_tables { name = "odd", service = { metadata = { protocol = "json" }, shapes = shapes,
    operations = operations or { Do = { name = "Do", input = { shape = "In" } } } } }
end

describe("a model from elsewhere", function()
  it("is taken when all that its operations lead to is there", function()
    assert(model { In = { type = "structure", members = { again = { shape = "In" }, list = { shape = "List" } } },
      List = { type = "list", member = { shape = "Text" } }, Text = { type = "string" }, Unused = { type = "weird" } })
    assert(catalogue.from_tables { name = "empty", service = {} })
  end)

  it("is refused with all its faults at once, each with its path", function()
    local S, e = model({ In = { type = "structure", payload = "no", members = { a = { shape = "Gone" }, b = {},
      c = { shape = "Map" }, d = { shape = "Time" }, e = { shape = "Odd" } } }, Map = { type = "map" },
      Time = { type = "timestamp", timestampFormat = "clock" }, Odd = { type = "weird" } })
    assert.is_nil(S)
    assert.equal("config", e.class)
    assert.same({ "shapes.In.members.a: there is no shape Gone", 'shapes.In.members.b: expected { "shape": NAME }',
      'shapes.Map.key: expected { "shape": NAME }', 'shapes.Map.value: expected { "shape": NAME }',
      "shapes.Time: there is no timestampFormat clock", "shapes.Odd: there is no type weird",
      "shapes.In.payload: there is no member no" }, e.faults)
    for _, t in ipairs { {}, { service = 1 }, { name = "x", service = { shapes = "x" } } } do
      assert.is_nil((catalogue.from_tables(t)))
    end
    assert.is_nil((catalogue.from_tables(nil)))
    assert.is_nil((model({}, { Do = 1 })))
  end)
end)

describe("a rule set from elsewhere", function()
  it("is refused where it is malformed, by the place", function()
    local function fault(list)
      local found, e = rules.resolve({ parameters = {}, rules = list }, {}, { partitions = {} })
      assert.is_nil(found)
      assert.equal("config", e.class)
      return e.message
    end
    assert.equal("the rule set is malformed: rules[1] has no type that a rule has", fault { {} })
    assert.equal("the rule set is malformed: rules[1].rules[1] has no endpoint",
      fault { { type = "tree", rules = { { type = "endpoint" } } } })
    assert.equal("the rule set is malformed: rules[1].conditions[1] has no fn with its argv",
      fault { { type = "error", error = "x", conditions = { { fn = "isSet" } } } })
  end)
end)
