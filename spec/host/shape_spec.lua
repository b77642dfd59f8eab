local json = require "host.json"
local shape = require "host.shape"
local xml = require "host.xml"

local text, number = shape.leaf "text", shape.leaf "float"

local function structure(edges, ends, more)
  local options = { edges = edges, grow = function(i) return ends[i] end }
  for k, v in pairs(more or {}) do options[k] = v end
  return shape.structure(options)
end

local function read(bytes, s, ...)
  local document <close> = assert(xml.parse(bytes))
  return document:read(s, ...)
end

describe("host.shape over documents", function()
  it("types leaves", function()
    local function leaf(kind, value, fn) return read("<a>" .. value .. "</a>", shape.leaf(kind, fn)) end
    assert.equal("x & y", leaf("text", "x &amp; y"))
    assert.equal("", leaf("text", ""))
    assert.is_true(leaf("boolean", "true"))
    assert.is_false(leaf("boolean", "TRUE"))
    assert.equal("integer", math.type(leaf("integer", "-42")))
    assert.equal(-42, leaf("integer", "-42"))
    assert.equal(1000, leaf("integer", "1e3"))
    assert.equal("integer", math.type(leaf("integer", "1e3")))
    assert.equal(1.5, leaf("integer", "1.5"))
    assert.equal(9223372036854775807, leaf("integer", "9223372036854775807"))
    assert.equal(1e20, leaf("integer", "100000000000000000000"))
    assert.equal(0.25, leaf("float", "0.25"))
    assert.equal(math.huge, leaf("float", "Infinity"))
    assert.equal(-math.huge, leaf("float", "-Infinity"))
    assert.is_true(leaf("float", "NaN") ~= leaf("float", "NaN"))
    for _, bad in ipairs { "", "-", "x", "1x", "inf", "0x" } do
      local ok, e = pcall(leaf, "integer", bad)
      assert.is_false(ok)
      assert.matches("expected a number", e.malformed)
    end
    assert.equal("b64:eA==", leaf("other", "eA==", function(t) return "b64:" .. t end))
  end)

  it("reads plain times by itself and gives all others away", function()
    local given
    local time = shape.leaf("time", function(t)
      given = t
      return -1
    end)
    local function at(t) return read("<a>" .. t .. "</a>", time) end
    assert.equal(0, at "1970-01-01T00:00:00Z")
    assert.equal(1772420645, at "2026-03-02T03:04:05Z")
    assert.equal(1709164800, at "2024-02-29T00:00:00.000Z")
    assert.equal(-1, at "1969-12-31T23:59:59Z")
    assert.is_nil(given)
    for _, t in ipairs { "2026-03-02T03:04:05.5Z", "2026-03-02T03:04:05", "2026-03-02", "1700000000", "",
      "2026-03-02T03:04:05.Z", "2026-03-02T03:04:05+01:00", "2026-03-02T3:04:05Z", "Z" } do
      given = nil
      assert.equal(-1, at(t))
      assert.equal(t, given)
    end
  end)

  it("types structures, lists and maps, and drops what it does not know", function()
    local entry = shape.map { key = "k", value = "v", grow = function(i) return i == 1 and text or number end }
    local s = structure({ { "id", "Id" }, { "items", "Items" }, { "tags", "Tags" }, { "none", "None" } },
      { text, shape.list { grow = function() return number end }, entry,
        shape.list { grow = function() return text end } })
    local out = read("<r><id>1</id><items><i>1</i><j>2</j></items><x><y/></x><none/>"
      .. "<tags><e><k>a</k><v>1</v></e><e><v>2</v></e><e><k>b</k></e></tags></r>", s)
    assert.same({ Id = "1", Items = { 1, 2 }, Tags = { a = 1 }, None = {} }, out)
    assert.is_true(json.is_array(out.Items))
    assert.is_true(json.is_array(out.None))
    assert.same({}, read("<r>text</r>", s))
    assert.same({}, read("<r/>", s))
  end)

  it("gathers flat lists and maps", function()
    local list = shape.list { grow = function() return text end }
    local map = shape.map { key = "key", value = "value", grow = function() return text end }
    local s = structure({ { "i", "Items", true }, { "m", "Map", true }, { "item", "Items", true } },
      { list, map, list })
    assert.same({ Items = { "a", "b", "c" }, Map = { x = "1", y = "2" } },
      read("<r><i>a</i><m><key>x</key><value>1</value></m><i>b</i><item>c</item>"
        .. "<m><key>y</key><value>2</value></m></r>", s))
  end)

  it("sets all members of one name, attributes, and says which member of a union it does not know", function()
    local s = structure({ { "a", "Old" }, { "a", "New" }, { "xsi:type", "Type" } }, { text, text, text },
      { attributes = { type = "Type" } })
    assert.same({ Old = "1", New = "1", Type = "T" }, read('<r xsi:type="T" other="2"><a>1</a></r>', s))
    local u = structure({ { "a", "A" } }, { text }, { union = true })
    assert.same({ SDK_UNKNOWN_MEMBER = { name = "z" } }, read("<r><z>1</z></r>", u))
  end)

  it("follows recursive shapes as deep as documents go", function()
    local node
    node = shape.structure { edges = { { "n", "N" }, { "v", "V" } },
      grow = function(i) return i == 1 and node or text end }
    local out = read(("<n>"):rep(250) .. "<v>x</v>" .. ("</n>"):rep(250), node)
    for _ = 1, 249 do out = out.N end
    assert.equal("x", out.V)
  end)

  it("makes the end of an edge once", function()
    local made = 0
    local s = shape.structure { edges = { { "a", "A" } }, grow = function()
      made = made + 1
      return text
    end }
    for _ = 1, 3 do read("<r><a>1</a><a>2</a></r>", s) end
    assert.equal(1, made)
    local bad = shape.structure { edges = { { "a", "A" } }, grow = function() return 1 end }
    assert.error_matches(function() read("<r><a/></r>", bad) end, "must give a shape")
  end)

  it("walks to an element, and says what is there", function()
    local document = assert(xml.parse("<r><m><id>7</id></m><e/></r>"))
    assert.equal("7", document:text("m", "id"))
    assert.is_nil(document:text("m"))
    assert.equal("", document:text("e"))
    assert.is_nil(document:text("m", "x"))
    assert.is_true(document:has("m", "id"))
    assert.is_false(document:has("id"))
    assert.equal("r", document:name())
    assert.is_nil(document:read(text, "x", "y"))
    assert.equal("7", document:read(text, "m", "id"))
    document:close()
    document:close()
    assert.error_matches(function() return document:text() end, "closed xml document")
    local none, err = xml.parse("<a>")
    assert.is_nil(none)
    assert.equal("xml", err.code)
  end)

  it("finds every one of many members", function()
    local edges, ends, parts, want = {}, {}, {}, {}
    for i = 1, 3000 do
      edges[i], ends[i] = { "m" .. i, "M" .. i }, number
      parts[i], want["M" .. i] = ("<m%d>%d</m%d>"):format(i, i, i), i
    end
    assert.same(want, read("<r>" .. table.concat(parts) .. "</r>", structure(edges, ends)))
  end)

  it("refuses what is no shape", function()
    assert.error_matches(function() shape.leaf("time") end, "function expected")
    assert.error_matches(function() shape.leaf("word") end, "invalid option")
    assert.error_matches(function() shape.structure { edges = {} } end, "grow must be a function")
    assert.error_matches(function() shape.structure { edges = { {} }, grow = print } end, "an edge must be")
    assert.error_matches(function() shape.structure { edges = { 1 }, grow = print } end, "an edge must be")
    assert.error_matches(function() shape.map { key = "k", grow = print } end, "value is missing")
    assert.error_matches(function() read("<a/>", {}) end, "host.shape expected")
  end)
end)

describe("host.shape over decoded values", function()
  local function whole(v) return math.tointeger(tonumber(v)) end
  local leaves = {
    text = shape.leaf("text", function() error({ malformed = "no text" }, 0) end),
    whole = shape.leaf("integer", whole), time = shape.leaf("time", function(v) return "time " .. v end),
    flag = shape.leaf("boolean", function(v) return v == "true" end), any = shape.leaf "any",
    blob = shape.leaf("other", function(v) return "bytes of " .. v end),
  }

  local function apply(s, document) return shape.apply(s, assert(json.decode(document))) end

  local function malformed(s, document)
    local ok, e = pcall(apply, s, document)
    assert.is_false(ok)
    return e.malformed
  end

  it("lets stand what is right and has the rest read", function()
    assert.equal(5, apply(leaves.whole, "5"))
    assert.equal("integer", math.type(apply(leaves.whole, "5.0")))
    assert.equal(5, apply(leaves.whole, '"5"'))
    assert.equal(1700000000, apply(leaves.time, "1700000000"))
    assert.equal("time 1.5", apply(leaves.time, "1.5"))
    assert.is_true(apply(leaves.flag, '"true"'))
    assert.equal("bytes of eA==", apply(leaves.blob, '"eA=="'))
    assert.same({ a = { 1, json.null } }, apply(leaves.any, '{"a":[1,null]}'))
    assert.equal("no text", malformed(leaves.text, "{}"))
    for kind, what in pairs { text = "a string", boolean = "true or false", integer = "a number", float = "a number" } do
      assert.equal("expected " .. what, malformed(shape.leaf(kind), "{}"))
    end
  end)

  local function everything(more)
    local s
    local ends = { leaves.text, leaves.whole, shape.list { grow = function() return leaves.whole end },
      shape.map { key = "key", value = "value", grow = function() return leaves.whole end },
      shape.map { key = "key", value = "value", sparse = true, grow = function() return leaves.text end } }
    s = structure({ { "t", "t" }, { "w", "w" }, { "l", "l" }, { "m", "m" }, { "s", "s" }, { "in", more or "in" } },
      setmetatable(ends, { __index = function() return s end }))
    return s
  end

  for _, name in ipairs { "in", "Inner" } do
    it("types structures, lists and maps, drops strangers and nulls; inner name " .. name, function()
      local out = apply(everything(name), '{"t":"x","w":"7","x":1,"y":null,"l":["1",2,null],"m":{"a":"3","b":null},'
        .. '"s":{"a":null,"b":"c"},"in":{"t":null,"l":[],"z":{}}}')
      assert.same({ t = "x", w = 7, l = { 1, 2, json.null }, m = { a = 3 }, s = { a = json.null, b = "c" },
        [name] = { l = {} } }, out)
      assert.is_true(json.is_array(out.l))
      assert.is_true(json.is_array(out[name].l))
    end)
  end

  it("takes empty objects and arrays for one another, and nothing else for a structure, list or map", function()
    local s = everything()
    local out = apply(s, '{"l":{},"m":[],"in":[]}')
    assert.same({ l = {}, m = {}, ["in"] = {} }, out)
    assert.is_true(json.is_array(out.l))
    assert.is_false(json.is_array(out.m))
    assert.is_false(json.is_array(out["in"]))
    for document, what in pairs { ["[1]"] = "an object", ["1"] = "an object", ['{"l":{"a":1}}'] = "a list",
      ['{"l":"x"}'] = "a list", ['{"m":[1]}'] = "a map", ['{"m":1}'] = "a map", ['{"in":"x"}'] = "an object" } do
      assert.equal("expected " .. what, malformed(s, document))
    end
  end)

  it("says which member of a union it does not know, only when it knows none", function()
    local u = structure({ { "a", "A" } }, { leaves.text }, { union = true })
    assert.same({ A = "1" }, apply(u, '{"a":"1","z":2,"__type":"t"}'))
    assert.same({ SDK_UNKNOWN_MEMBER = { name = "z" } }, apply(u, '{"z":2,"__type":"t"}'))
    assert.same({}, apply(u, '{"__type":"t"}'))
    local same = structure({ { "a", "a" } }, { leaves.text }, { union = true })
    assert.same({ SDK_UNKNOWN_MEMBER = { name = "z" } }, apply(same, '{"z":2,"a":null}'))
  end)

  it("goes as deep as the decoder does", function()
    local node
    node = shape.structure { edges = { { "n", "n" } }, grow = function() return node end }
    local out = apply(node, ('{"n":'):rep(500) .. "{}" .. ("}"):rep(500))
    for _ = 1, 500 do out = out.n end
    assert.same({}, out)
  end)

  it("survives any mixture", function()
    local s, seed = everything(), 1
    local function random(n)
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed // 65536 % n + 1
    end
    local names = { "t", "w", "l", "m", "s", "in", "x", "__type" }
    local function make(depth)
      local kind = random(depth > 4 and 4 or 6)
      if kind == 1 then return tostring(random(99)) end
      if kind == 2 then return '"' .. random(99) .. '"' end
      if kind == 3 then return "null" end
      if kind == 4 then return "true" end
      local parts = {}
      for i = 1, random(5) - 1 do
        parts[i] = kind == 5 and make(depth + 1) or ('"%s":%s'):format(names[random(#names)], make(depth + 1))
      end
      return kind == 5 and "[" .. table.concat(parts, ",") .. "]" or "{" .. table.concat(parts, ",") .. "}"
    end
    for _ = 1, 2000 do
      local ok, e = pcall(apply, s, make(1))
      assert.is_true(ok or e.malformed ~= nil, e)
    end
  end)
end)
