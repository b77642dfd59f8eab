local schema = require("cso.std.schema")
local value = require("cso.std.value")
local t = schema.t

local function faults(kind, v)
  local out, list = schema.check(kind, v)
  assert.is_nil(out)
  local texts = {}
  for i, f in ipairs(list) do texts[i] = f.path .. ": " .. f.message end
  return texts
end

describe("cso.t", function()
  local env = t.object {
    name = t.string { pattern = "^[a-z][a-z0-9-]{1,20}$" },
    cidr = t.cidr { min_prefix = 16, max_prefix = 24 },
    zones = t.list(t.string, { min = 2 }),
    instances = t.integer { default = 2, min = 1, max = 10 },
    db = t.object { class = t.string { default = "db.t3.medium" }, multi_az = t.boolean { default = false } },
  }

  it("fills defaults, in objects that are absent too", function()
    assert.are.same({
      name = "demo", cidr = "10.20.0.0/16", zones = { "a", "b" }, instances = 2,
      db = { class = "db.t3.medium", multi_az = false },
    }, schema.check(env, { name = "demo", cidr = "10.20.0.0/16", zones = { "a", "b" } }))
  end)

  it("reports all faults with their paths", function()
    assert.are.same({
      'cidr: 10.0.0.0/8 is too large: /16 at most',
      "db.multi_az: must be true or false, not the string \"yes\"",
      "db.clas: unknown key; did you mean class?",
      "instances: must be at most 10, is 11",
      'name: "X" does not match ^[a-z][a-z0-9-]{1,20}$',
      "zones: must have at least 2 items, has 1",
    }, faults(env, {
      name = "X", cidr = "10.0.0.0/8", zones = { "a" }, instances = 11,
      db = { clas = "x", multi_az = "yes" },
    }))
  end)

  it("says what is missing", function()
    assert.are.same({ "cidr: is missing", "name: is missing", "zones: is missing" }, faults(env, {}))
  end)

  it("gives the YAML key of a fault inside a list", function()
    local _, list = schema.check(t.object { a = t.list(t.integer) }, { a = { 1, "x" } })
    assert.are.same({ "a[2]", "a.2" }, { list[1].path, list[1].key })
  end)

  it("checks scalars of every kind", function()
    for _, case in ipairs {
      { t.email, "a@b.org", "a@b" }, { t.duration, "40m", "forty" }, { t.enum { "a", "b" }, "a", "c" },
      { t.arn, "arn:aws:iam::123456789012:role/x", "role/x" }, { t.number { min = 0 }, 0.5, -1 },
      { t.map(t.integer), { a = 1 }, { a = "1" } }, { t.cidr, "10.0.0.0/16", "10.0.1.0/16" },
      { t.cidr { family = 6 }, "2001:db8::/56", "10.0.0.0/16" }, { t.region, "eu-west-2", "europe" },
      { t.one_of(t.string, t.integer), 3, true }, { t.domain, "a.example.org", "a b" },
      { t.string { enum = { "x" } }, "x", "y" }, { t.list(t.string, { unique = true }), { "a" }, { "a", "a" } },
      { t.integer { check = function(n) return n % 2 == 0, "must be even" end }, 2, 3 },
    } do
      assert.is_not_nil((schema.check(case[1], case[2])))
      assert.is_nil((schema.check(case[1], case[3])))
    end
    assert.are.equal(2400, schema.check(t.duration, "40m"))
  end)

  it("lets absent what is optional and defaulted", function()
    assert.are.same({}, schema.check(t.object { a = t.optional(t.string), b = t.string { optional = true } }, {}))
  end)

  it("lets refs through and checks the type of resources", function()
    local vpc = value.ref("EC2.VPC.main", "", { type_name = "AWS::EC2::VPC" })
    assert.are.equal(vpc, (schema.check(t.resource "EC2.VPC", vpc)))
    assert.is_nil((schema.check(t.resource "AWS::EC2::Subnet", vpc)))
    assert.is_true(value.is_ref((schema.check(t.string, value.ref("a", "b")))))
  end)

  it("keeps what is sensitive", function()
    local out = schema.check(t.object { p = t.string { sensitive = true } }, { p = "hunter2" })
    assert.is_true(value.is_secret(out.p))
  end)

  it("refuses options and types that do not exist", function()
    for _, fn in ipairs {
      function() return t.string { patern = "x" } end, function() return t.strin end,
      function() return t.list("string") end, function() return t.object { a = "string" } end,
    } do
      assert.has_error(fn)
    end
  end)
end)
