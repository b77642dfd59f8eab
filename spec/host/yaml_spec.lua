local json = require "host.json"
local yaml = require "host.yaml"

local function fails(text, pattern)
  local value, err = yaml.decode(text, "env.yaml")
  assert.is_nil(value, "accepted: " .. text:sub(1, 60))
  assert.equal("yaml", err.code)
  assert.equal("env.yaml", err.name)
  assert.matches("^env.yaml: line %d+, column %d+: ", err.message)
  if pattern then assert.matches(pattern, err.message) end
  return err
end

describe("host.yaml decode", function()
  it("reads scalars by the 1.2 core schema", function()
    local value = assert(yaml.decode [[
t: [true, True, FALSE]
strings: [yes, no, on, off, y, N, "true", '1', 1.2.3, 10.0.0.0/16, 0b1, 1_000, 12:30:45]
more: [-, +, ., 0x, 0o8, 1e, tRue]
ints: [0, -17, +3, 0x1F, 0o17, 9223372036854775807, -9223372036854775808]
floats: [1.5, -0.25, 1e3, .5, 5., 1.0, 9223372036854775808, 0xFFFFFFFFFFFFFFFFF]
nulls: [null, ~, Null, ]
none:
]])
    assert.same({ true, true, false }, { table.unpack(value.t) })
    for _, v in ipairs(value.more) do assert.equal("string", type(v), tostring(v)) end
    for _, v in ipairs(value.strings) do assert.equal("string", type(v), tostring(v)) end
    assert.same({ 0, -17, 3, 31, 15, math.maxinteger, math.mininteger },
      { table.unpack(value.ints) })
    for _, v in ipairs(value.ints) do assert.equal("integer", math.type(v)) end
    for _, v in ipairs(value.floats) do assert.equal("float", math.type(v)) end
    assert.equal(1000.0, value.floats[3])
    for _, v in ipairs(value.nulls) do assert.equal(json.null, v) end
    assert.equal(json.null, value.none)
    assert.equal(math.huge, yaml.decode ".inf")
    assert.is_true(yaml.decode ".nan" ~= yaml.decode ".nan")
  end)

  it("obeys the core schema's tags and refuses others", function()
    local value = assert(yaml.decode(
      "a: !!str 12\nb: !!float 3\nc: ! true\nd: !!seq []\ne: !!map {}\n"))
    assert.equal("12", value.a)
    assert.equal("float", math.type(value.b))
    assert.equal("true", value.c)
    assert.equal(3, fails("a: 1\nb: 2\nc: !!python/object:os.system x", "tag").line)
    fails("!Ref x", "tag")
    fails("a: !!binary aGk=", "tag")
    fails("a: !!int x", "fit its tag")
    fails("a: !!seq {}", "tag")
  end)

  it("maps paths to lines", function()
    local _, lines = yaml.decode(
      "db:\n  class: m\n  sizes:\n    - 1\n    - big: 2\n\n# note\nazs: [a,\n  b]\n")
    assert.same({
      [""] = 1, db = 1, ["db.class"] = 2, ["db.sizes"] = 3, ["db.sizes[1]"] = 4,
      ["db.sizes[2]"] = 5, ["db.sizes[2].big"] = 5, azs = 8, ["azs[1]"] = 8, ["azs[2]"] = 9,
    }, lines)
  end)

  it("marks sequences, keeps keys as they were written", function()
    local value = yaml.decode "a: []\nb: {}\n80: x\ntrue: y\n"
    assert.is_true(json.is_array(value.a))
    assert.is_false(json.is_array(value.b))
    assert.equal("x", value["80"])
    assert.equal("y", value["true"])
    assert.equal('{"80":"x","a":[],"b":{},"true":"y"}', json.encode(value))
  end)

  it("reads every style of string", function()
    local value = yaml.decode(
      'a: |\n  x\n  y\nb: >-\n  x\n  y\nc: "\\u00e9\\n"\nd: \'it\'\'s\'\ne: plain\n  on\n')
    assert.same({ a = "x\ny\n", b = "x y", c = "\u{e9}\n", d = "it's", e = "plain on" }, value)
  end)

  it("copies what an alias stands for", function()
    local value = assert(yaml.decode "a: &x {k: [1, 2], n: &n 5}\nb: *x\nc: *n\n")
    assert.same(value.a, value.b)
    assert.are_not.equal(value.a, value.b)
    assert.are_not.equal(value.a.k, value.b.k)
    assert.is_true(json.is_array(value.b.k))
    assert.equal(5, value.c)
  end)

  it("refuses aliases that multiply, dangle or recur", function()
    local bomb = { "a0: &a0 [x, x, x, x, x, x, x, x, x]" }
    for i = 1, 9 do
      bomb[i + 1] = ("a%d: &a%d [%s]"):format(i, i, ("*a" .. i - 1 .. ","):rep(9))
    end
    assert.matches("multiply", fails(table.concat(bomb, "\n")).message)
    fails("a: *nobody", "without its anchor")
    fails("a: &a [*a]", "inside its own anchor")
    fails("a: &a {b: {c: *a}}", "inside its own anchor")
    local chain = { "a0: &a0 [1]" }
    for i = 1, 300 do chain[i + 1] = ("a%d: &a%d [*a%d]"):format(i, i, i - 1) end
    fails(table.concat(chain, "\n"), "nest too deeply")
  end)

  it("refuses a duplicate key, with its line", function()
    local err = fails("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", "'c' is there twice")
    assert.equal(5, err.line)
    fails("{a: 1, 'a': 2}", "twice")
    fails("a: null\na: null", "twice")
  end)

  it("refuses several documents, merge keys, odd keys and lost zeros", function()
    assert.equal(2, fails("a: 1\n---\nb: 2\n", "second document").line)
    assert.same({ a = 1 }, (yaml.decode "---\na: 1\n...\n"))
    fails("a: &x {b: 1}\nc:\n  <<: *x\n", "merge keys")
    assert.equal(1, yaml.decode("'<<': 1")["<<"])
    fails("? [a, b]\n: 1", "a key must be")
    assert.equal(2, fails("a: 1\naccount: 012345678901", "leading zero").line)
    assert.equal("012", yaml.decode("a: '012'").a)
    assert.equal(0.5, yaml.decode("0.5"))
  end)

  it("gives null for an empty text", function()
    for _, text in ipairs { "", "\n", "# only a note\n", "---\n", "\u{feff}" } do
      local value, lines = yaml.decode(text)
      assert.equal(json.null, value)
      assert.equal("table", type(lines))
    end
  end)

  it("says where the fault is", function()
    local err = fails "a: 1\nb: [1, 2\nc: 3\n"
    assert.is_true(err.line >= 2)
    for _, text in ipairs { "a: b: c", "\tx: 1", "a: 'x", '"\\q"', "{a", "[", "]",
      "a: \xff", "a: \0", "&", "*", "%YAML 9", "- a\nb", "@x", "`x" } do fails(text) end
  end)

  it("stops at depth bombs of a million levels", function()
    fails(("["):rep(1000000), "too deeply")
    fails(("{a: "):rep(100000), "too deeply")
    fails(("- "):rep(100000), "too deeply")
    assert.truthy(yaml.decode(("["):rep(128) .. ("]"):rep(128)))
  end)

  it("survives being cut or changed at any byte", function()
    local whole = "a: &x [1, 'two', \"th\\u0072ee\"]\nb: {c: *x, d: !!str 5}\ne: |\n  t\u{e9}xt\n- f\n"
    for i = 1, #whole do
      local value, err = yaml.decode(whole:sub(1, i))
      assert.is_true(value ~= nil or err.line >= 1)
      for _, byte in ipairs { 0, 9, 33, 38, 42, 45, 58, 91, 123, 255 } do
        value, err = yaml.decode(whole:sub(1, i - 1) .. string.char(byte) .. whole:sub(i + 1))
        assert.is_true(value ~= nil or err.line >= 1)
      end
    end
  end)
end)

describe("host.yaml decode_all", function()
  it("reads the documents of a text, each with anchors of its own", function()
    local all = assert(yaml.decode_all("a: &x 1\n---\n- b\n...\n---\n"))
    assert.same({ a = 1 }, all[1])
    assert.same({ "b" }, { table.unpack(all[2]) })
    assert.equal(json.null, all[3])
    assert.equal(3, #all)
    assert.is_true(json.is_array(all))
    assert.equal(0, #assert(yaml.decode_all("# nothing\n")))
    local none, e = yaml.decode_all("&x a\n---\n*x\n", { name = "f" })
    assert.is_nil(none)
    assert.matches("^f: line 3, column 1: an alias without", e.message)
  end)

  it("passes over unknown tags when asked to", function()
    assert.is_nil((yaml.decode_all("!mine 12")))
    assert.same({ a = "12", b = { 1 } },
      assert(yaml.decode_all("{a: !mine 12, b: !list [1]}", { any_tag = true }))[1])
  end)

  it("takes an alias of a string as a key", function()
    assert.same({ a = "k", k = 2 }, assert(yaml.decode_all("a: &k k\n*k : 2\n"))[1])
    assert.is_nil((yaml.decode("a: &k [1]\n*k : 2\n")))
  end)
end)
