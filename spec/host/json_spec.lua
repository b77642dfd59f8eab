local json = require "host.json"

local function fails(text, options)
  local value, err = json.decode(text, options)
  assert.is_nil(value, "accepted: " .. text:sub(1, 60))
  assert.equal("json", err.code)
  return err
end

describe("host.json decode", function()
  it("keeps integers integers, to the ends of 64 bits, and floats floats", function()
    local v = assert(json.decode("[0, -7, 9223372036854775807, -9223372036854775808, 1.0, 1e2]"))
    for i = 1, 4 do assert.equal("integer", math.type(v[i])) end
    assert.equal(math.maxinteger, v[3])
    assert.equal(math.mininteger, v[4])
    assert.equal("float", math.type(v[5]))
    assert.equal("float", math.type(v[6]))
    assert.equal("float", math.type(json.decode("9223372036854775808")))
    assert.equal("float", math.type(json.decode("-9223372036854775809")))
  end)

  it("reads floats to the last bit", function()
    for _, text in ipairs {
      "0.1", "3.141592653589793", "1e22", "1e23", "2.2250738585072014e-308", "5e-324",
      "1.7976931348623157e308", "123456789012345678901234567890", "0.30000000000000004",
      "9007199254740993.0", "-0.0000001", ("1"):rep(300), "1." .. ("3"):rep(2000),
    } do
      assert.equal(tonumber(text) + 0.0, json.decode(text), text)
    end
  end)

  it("tells null, an empty array and an empty object apart", function()
    local v = assert(json.decode '{"n": null, "a": [], "o": {}, "l": [null, 1]}')
    assert.equal(json.null, v.n)
    assert.is_true(json.is_array(v.a))
    assert.is_false(json.is_array(v.o))
    assert.equal(json.null, v.l[1])
    assert.equal('{"a":[],"l":[null,1],"n":null,"o":{}}', json.encode(v))
    assert.equal(json.null, json.decode "null")
  end)

  it("undoes every escape", function()
    local v = json.decode [["\"\\\/\b\f\n\r\tA\u00e9\u20ac\ud83d\ude00\u0000z"]]
    assert.equal("\"\\/\b\f\n\r\tA\u{e9}\u{20ac}\u{1f600}\0z", v)
  end)

  it("handles tables larger than a batch, the last of equal keys winning", function()
    local parts, want = {}, {}
    for i = 1, 1000 do
      parts[i] = ('"k%d":%d'):format(i % 700, i)
      want["k" .. i % 700] = i
    end
    assert.same(want, json.decode("{" .. table.concat(parts, ",") .. "}"))
    for _, n in ipairs { 31, 32, 33, 64, 65, 5000 } do
      local list = {}
      for i = 1, n do list[i] = i end
      local got = json.decode("[" .. table.concat(list, ",") .. "]")
      assert.equal(n, #got)
      for i = 1, n do assert.equal(i, got[i]) end
    end
  end)

  it("says where the fault is", function()
    local err = fails('{\n  "a": 1,\n  "b" 2\n}', { name = "x.json" })
    assert.equal(3, err.line)
    assert.equal(7, err.column)
    assert.equal("x.json", err.name)
    assert.equal("x.json: line 3, column 7: expected ':' after a key", err.message)
  end)

  it("refuses what is not JSON", function()
    for _, text in ipairs {
      "", " ", "[1,]", '{"a":1,}', "{a:1}", "['a']", "[1 2]", "01", "-", "+1", "1.", ".5", "1e",
      "1e+", "0x10", "NaN", "Infinity", "tru", "nul", "truex", '"', '"\\', '"\\u12', '"\\u12G4"',
      '"\\x41"', '"a\nb"', "[1] 2", "[", "{", '{"a"', '{"a":', "]", "}", ",", ":", "//", "\0",
      "1\0", '"a\0b"', "1e400", "-1e400", '{"a":1 "b":2}', "{1:2}", '"\\ud800"', '"\\ud800\\u0041"',
      '"\\udc00"',
    } do fails(text) end
  end)

  it("refuses malformed UTF-8 in values and keys", function()
    for _, bytes in ipairs {
      "\xff", "\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80",
      "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\xe2\x82",
    } do
      fails('"' .. bytes .. '"')
      fails('{"' .. bytes .. '":1}')
      fails('"' .. bytes)
    end
    assert.equal("\u{10ffff}\u{800}", json.decode '"\u{10ffff}\u{800}"')
  end)

  it("refuses a duplicate key when asked to", function()
    assert.equal(2, json.decode('{"a":1,"a":2}').a)
    assert.matches("same key twice", fails('{"a":1,"a":2}', { unique = true }).message)
    local many = {}
    for i = 1, 100 do many[i] = ('"k%d":null'):format(i) end
    many[101] = '"k1":1'
    fails("{" .. table.concat(many, ",") .. "}", { unique = true })
  end)

  it("stops at a depth bomb of a million levels", function()
    assert.matches("too deeply", fails(("["):rep(1000000)).message)
    assert.matches("too deeply", fails(('{"a":'):rep(1000000)).message)
    assert.truthy(json.decode(("["):rep(512) .. ("]"):rep(512)))
    fails("[[1]]", { max_depth = 1 })
    assert.truthy(json.decode(("["):rep(2000) .. ("]"):rep(2000), { max_depth = 2000 }))
  end)

  it("fails cleanly when cut at any byte", function()
    local whole = '{"a":[1,-2.5e3,"x\\u00e9\\ud83d\\ude00y",true,false,null,{}],"\u{20ac}":{"b":[]}}'
    assert.truthy(json.decode(whole))
    for n = 0, #whole - 1 do fails(whole:sub(1, n)) end
  end)

  it("survives any changed byte", function()
    local whole = '{"a":[1,-2.5e3,"x\\u00e9y",true,null],"b":{"c":""}}'
    for i = 1, #whole do
      for _, byte in ipairs { 0, 1, 34, 44, 91, 92, 93, 123, 125, 128, 195, 255 } do
        local value, err = json.decode(whole:sub(1, i - 1) .. string.char(byte) .. whole:sub(i + 1))
        assert.is_true(value ~= nil or err.line == 1)
      end
    end
  end)

  it("is strict about its own arguments", function()
    assert.error_matches(function() json.decode("1", { depth = 3 }) end, "unknown option 'depth'")
    assert.error_matches(function() json.decode("1", { max_depth = "x" }) end, "max_depth")
    assert.error_matches(function() json.decode(12) end, "string expected")
    assert.error_matches(function() json.decode() end, "string expected")
  end)
end)

describe("host.json encode", function()
  it("sorts keys bytewise, however many there are", function()
    assert.equal('{"":0,"A":1,"a":2,"aa":3,"b":4}',
      json.encode { b = 4, aa = 3, a = 2, A = 1, [""] = 0 })
    local t = {}
    for i = 1, 500 do t[("k%03d"):format((i * 37) % 500)] = i end
    local last = ""
    for key in json.encode(t):gmatch('"(k%d+)"') do
      assert.is_true(last < key)
      last = key
    end
  end)

  it("indents on request", function()
    assert.equal('{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}',
      json.encode({ a = { 1, {} }, b = json.array() }, { indent = 2 }))
  end)

  it("escapes only what JSON makes it escape", function()
    assert.equal([["\"\\/\b\f\n\r\t\u0000\u001f\u007fé"]], json.encode("\"\\/\b\f\n\r\t\0\31\127é"))
  end)

  it("writes numbers that read back the same", function()
    for _, n in ipairs { 0.1, 1 / 3, 1e300, 5e-324, 2 ^ 53, -0.0, 100.0, 1e15, 1e16, 1e17, 1.5e-7,
      math.pi, 1.7976931348623157e308 } do
      local back = json.decode(json.encode(n))
      assert.equal(n, back)
      assert.equal("float", math.type(back))
    end
    assert.equal("-9223372036854775808", json.encode(math.mininteger))
    assert.equal("0.1", json.encode(0.1))
    assert.equal("1.0", json.encode(1.0))
  end)

  it("names the place of what it refuses", function()
    local function refused(value, message, path)
      local text, err = json.encode(value)
      assert.is_nil(text)
      assert.equal(message, err.message)
      assert.equal(path, err.path)
    end
    refused({ a = { { b = print } } }, "a[1].b: JSON cannot hold a function", "a[1].b")
    refused(0 / 0, "JSON has no infinity and no NaN", "")
    refused({ 1 / 0 }, "[1]: JSON has no infinity and no NaN", "[1]")
    refused({ a = "\xff" }, "a: a string is not valid UTF-8", "a")
    refused({ x = io.stdout }, "x: JSON cannot hold a userdata", "x")
    refused({ 1, x = 2 }, "a list has holes (json.null fills them) or names as keys", "")
    refused({ a = { [5] = 1 } },
      "a: a table has keys that are neither names nor the positions of a list", "a")
    refused({ [3] = 1, a = 2 },
      "a table has keys that are neither names nor the positions of a list", "")
    assert.is_nil((json.encode { 1, nil, 3, nil, 5 }))
    assert.is_nil((json.encode { [1.5] = 1 }))
    assert.is_nil((json.encode { [true] = 1 }))
    assert.is_nil((json.encode(json.array { a = 1 })))
  end)

  it("refuses cycles and depth bombs", function()
    local loop = {}
    loop[1] = { a = loop }
    assert.is_nil((json.encode(loop)))
    local deep = {}
    for _ = 1, 100000 do deep = { deep } end
    assert.is_nil((json.encode(deep)))
  end)

  it("asks __tojson, and lets its error through", function()
    local secret = setmetatable({}, { __tojson = function() error("a secret stays here", 0) end })
    assert.has_error(function() json.encode { a = { secret } } end, "a secret stays here")
    local date = setmetatable({}, { __tojson = function() return "2026-01-01" end })
    assert.equal('{"d":"2026-01-01"}', json.encode { d = date })
    local me = setmetatable({}, { __tojson = function(v) return v end })
    assert.is_nil((json.encode(me)))
    local eater = { a = 1, z = 2 }
    eater.b = setmetatable({}, { __tojson = function()
      eater.z, eater.a = nil, nil
      collectgarbage()
      return 1
    end })
    assert.equal('{"a":1,"b":1,"z":2}', json.encode(eater)) -- as it was when it was looked at
  end)

  it("round-trips what it wrote", function()
    local text = '{"a":[[],{},[{}],[[[]]]],"b":null,"c":[1,1.0,"1",true,false,null]}'
    assert.equal(text, json.encode(json.decode(text)))
  end)
end)

describe("host.json skim", function()
  it("leaves one member of the outermost object as it is written", function()
    local v, text = json.skim('{"a": 1, "later": {"later": [1, "}]\\""], "b": {}} , "z": {"later": 2}}', "later")
    assert.same({ a = 1, z = { later = 2 } }, v)
    assert.same({ later = { 1, '}]"' }, b = {} }, json.decode(text))
    for _, one in ipairs { '"text"', "-1.5e3", "null", "[]", "{}", "true" } do
      v, text = json.skim('{"later":' .. one .. "}", "later")
      assert.same({}, v)
      assert.equal(one, text)
    end
  end)

  it("gives the whole where there is no such member", function()
    for _, text in ipairs { "{}", '{"a":{"later":1}}', '[{"later":1}]', "1", '"later"' } do
      local v, later = json.skim(text, "later")
      assert.same(json.decode(text), v)
      assert.is_nil(later)
    end
  end)

  it("tells whether a key begins with a dollar in what it gives", function()
    local function marked(text) return (select(3, json.skim(text, "later"))) end
    assert.is_true(marked '{"a":[{"$secret":"x"}],"later":{}}')
    assert.is_false(marked '{"a":["$secret"],"later":{"$secret":"x"}}')
    assert.is_false(marked "{}")
  end)

  it("finds the end of what it leaves by brackets and quotes", function()
    for _, one in ipairs { [=[["]", "\\", "\"]", "}{"]]=], [=[{"a\\\"]}":[[], [{"b":"]"}]]}]=], '["\\\\"]', '[""]' } do
      local v, text = json.skim('{"later":' .. one .. ',"z":1}', "later")
      assert.same({ z = 1 }, v)
      assert.equal(one, text)
    end
    for _, one in ipairs { '["]', '["\\"]', '{"a":[1]', "[", '["a' } do
      local v, e = json.skim('{"later":' .. one, "later")
      assert.is_nil(v)
      assert.equal("json", e.code)
    end
  end)

  it("passes over objects of any size", function()
    local members = {}
    for i = 1, 100 do members[i] = ('"k%03d":%d'):format(i, i) end
    table.insert(members, 50, '"later":[1]')
    local v, text = json.skim("{" .. table.concat(members, ",") .. "}", "later")
    assert.equal("[1]", text)
    assert.equal(100, v.k100)
    assert.is_nil(v.later)
  end)

  it("tells what is no JSON", function()
    for _, text in ipairs { '{"later":}', '{"later":,}', '{"later"}', '{"later":[1}', '{"later":[1', '{"later":1', '{"later":1,}',
      '{"later":x}', '{"a":1', "", '{"later":"', '{"later":1}2' } do
      local v, e = json.skim(text, "later")
      if v ~= nil then assert.is_nil(json.decode(e), text) else assert.equal("json", e.code) end
    end
    assert.has_error(function() json.skim(1, "later") end)
    assert.has_error(function() json.skim("{}") end)
  end)
end)
