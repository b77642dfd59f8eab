local mapped = require "host.mapped"

local function scratch()
  local path = os.tmpname()
  finally(function() os.remove(path) end)
  return path
end

local function bytes_of(path)
  local f <close> = assert(io.open(path, "rb"))
  return f:read("a")
end

local function put(path, bytes)
  local f <close> = assert(io.open(path, "wb"))
  f:write(bytes)
end

local sample = {
  ["service/ec2"] = {
    operations = { RunInstances = { http = { method = "POST" } }, StopInstances = { http = { method = "POST" } } },
    list = { "a", "b", { deep = { 1, 2.5, true, false, "" } } },
    big = 1 << 40, negative = -5, least = math.mininteger, small = -0x10000000, edge = 0x10000000,
  },
  other = { x = "y" },
}

describe("host.mapped", function()
  it("gives back what was written", function()
    local path = scratch()
    assert(mapped.write(path, sample))
    local doc = assert(mapped.open(path))
    for name, value in pairs(sample) do assert.same(value, doc:get(name)) end
    assert.is_true(doc:verify())
  end)

  it("finds one value below others", function()
    local path = scratch()
    mapped.write(path, sample)
    local doc = mapped.open(path)
    assert.equal("POST", doc:get("service/ec2", "operations", "StopInstances", "http", "method"))
    assert.equal(2.5, doc:get("service/ec2", "list", 3, "deep", 2))
    assert.is_nil(doc:get("service/ec2", "operations", "Stop"))
    assert.is_nil(doc:get("service/ec2", "list", 4))
    assert.is_nil(doc:get("service/ec2", "big", "nothing below a number"))
    assert.same({ "RunInstances", "StopInstances" }, doc:keys("service/ec2", "operations"))
    assert.same({ "other", "service/ec2" }, doc:keys())
    assert.is_nil(doc:keys("nothing"))
  end)

  it("keeps integers integers and floats floats", function()
    local path = scratch()
    mapped.write(path, { n = { 1, 1.0, math.maxinteger } })
    local list = mapped.open(path):get("n")
    assert.equal("integer", math.type(list[1]))
    assert.equal("float", math.type(list[2]))
    assert.equal(math.maxinteger, list[3])
  end)

  it("stores equal values once", function()
    local path = scratch()
    local one = mapped.write(path, { a = sample })
    local two = mapped.write(path, { a = sample, b = sample })
    assert.is_true(two - one < 64)
  end)

  it("writes equal bytes for equal values", function()
    local a, b = scratch(), scratch()
    for _, path in ipairs { a, b } do
      local w = mapped.writer(path)
      for _, name in ipairs { "x", "y", "z" } do w:put(name, { name = name, list = { 1, 2, 3 } }) end
      w:close()
    end
    assert.equal(bytes_of(a), bytes_of(b))
  end)

  it("refuses what it can't hold", function()
    local w = mapped.writer(scratch())
    assert.has_error(function() w:put("mixed", { 1, x = 2 }) end)
    assert.has_error(function() w:put("fn", { print }) end)
    assert.has_error(function() w:put("key", { [1.5] = 1 }) end)
    w:put("name", 1)
    assert.has_error(function() w:put("name", 2) end)
    w:close()
    assert.has_error(function() w:put("late", 1) end)
  end)

  it("names the file that it can't open", function()
    local doc, e = mapped.open("/nowhere/at/all")
    assert.is_nil(doc)
    assert.equal("missing", e.code)
    assert.matches("/nowhere/at/all", e.message, 1, true)
    local path = scratch()
    put(path, ("not a catalogue "):rep(10))
    assert.equal("corrupt", select(2, mapped.open(path)).code)
  end)

  it("notices a file that was cut", function()
    local path = scratch()
    mapped.write(path, sample)
    put(path, bytes_of(path):sub(1, -5))
    assert.equal("corrupt", select(2, mapped.open(path)).code)
  end)

  it("reads values that lie on several pages, and more pages than it keeps", function()
    local path, many = scratch(), {}
    for i = 1, 3000 do many["name " .. i] = { text = ("%d "):format(i):rep(i % 1500), i = i, half = i + 0.5 } end
    assert.is_true(mapped.write(path, many) > 4 << 20)
    local doc = mapped.open(path)
    for _ = 1, 2 do
      for name, value in pairs(many) do assert.same(value, doc:get(name)) end
    end
    assert.equal(3000, #doc:keys())
    assert.is_true(doc:verify())
    assert.is_nil(bytes_of("/proc/self/maps"):find(path, 1, true)) -- as memory of the process it would count whole
  end)

  it("answers with an error when the file is cut while it is open", function()
    local path = scratch()
    mapped.write(path, { long = ("x"):rep(100000), other = "y" })
    local doc = mapped.open(path)
    put(path, bytes_of(path):sub(1, 64))
    local value, e = doc:get("long")
    assert.is_nil(value)
    assert.equal("corrupt", e.code)
    assert.is_false(doc:verify())
  end)

  it("says that a closed file is closed", function()
    local path = scratch()
    mapped.write(path, sample)
    local doc = mapped.open(path)
    doc:close()
    doc:close()
    assert.error_matches(function() doc:get("other") end, "closed host.mapped")
  end)

  it("answers a damaged body with an error, never with a crash", function()
    local path = scratch()
    mapped.write(path, sample)
    local good = bytes_of(path)
    local seed = 12345
    local function random(n)
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed // 65536 % n
    end
    local wrong = 0
    for _ = 1, 3000 do
      local bytes = { good:byte(1, -1) }
      for _ = 1, 1 + random(3) do
        local value = random(4) == 0 and 255 or random(256)
        bytes[65 + random(#bytes - 64)] = value
      end
      put(path, string.char(table.unpack(bytes)))
      local doc = assert(mapped.open(path))
      if not doc:verify() then wrong = wrong + 1 end
      for name in pairs(sample) do
        local value, e = doc:get(name)
        assert.is_true(value ~= nil or e == nil or e.code == "corrupt")
        doc:keys(name, "operations")
        doc:get(name, "operations", "RunInstances")
      end
      doc:close()
    end
    assert.is_true(wrong > 2500)
  end)

  it("follows no ring that a damaged file may hold", function()
    local path = scratch()
    mapped.write(path, { a = { { { 1 } } } })
    local good = bytes_of(path)
    -- Every word in turn points at every node: some of these are rings.
    for at = 64, #good - 4, 4 do
      for to = 64, #good - 4, 4 do
        local ref = (to // 4) << 3 | 5
        put(path, good:sub(1, at) .. string.pack("<I4", ref) .. good:sub(at + 5))
        local doc = assert(mapped.open(path))
        doc:get("a")
        doc:close()
      end
    end
  end)
end)
