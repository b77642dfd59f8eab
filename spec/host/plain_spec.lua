local json = require "host.json"
local plain = require "host.plain"

local alike, stays = plain.alike, plain.stays

local function nested(depth)
  local t = {}
  for _ = 1, depth do t = { t } end
  return t
end

describe("plain data", function()
  it("is alike when it is the same through and through", function()
    assert.is_true(alike(nil, nil))
    assert.is_true(alike("a", "a"))
    assert.is_true(alike(1, 1.0))
    assert.is_true(alike({}, json.array {}))
    assert.is_true(alike({ a = { 1, { b = "c" } }, d = false }, { d = false, a = json.array { 1, { b = "c" } } }))
    assert.is_true(alike({ json.null }, { json.null }))
    assert.is_true(alike(nested(100), nested(100)))
  end)

  it("is not alike with anything more, less or else in it", function()
    for _, pair in ipairs { { 1, "1" }, { {}, "x" }, { false, nil }, { { 1 }, { 1, 2 } }, { { 1, 2 }, { 1 } },
      { { a = 1 }, { b = 1 } }, { { a = { b = 1 } }, { a = { b = 2 } } }, { { a = false }, {} }, { { 0 / 0 }, { 0 / 0 } } } do
      assert.is_false(alike(pair[1], pair[2]))
      assert.is_false(alike(pair[2], pair[1]))
    end
  end)

  it("is nothing with a metatable of its own", function()
    local special = setmetatable({ 1 }, { __eq = function() return true end, __index = function() return 1 end })
    assert.is_false(alike(special, setmetatable({ 1 }, getmetatable(special))))
    assert.is_false(alike({ special }, { { 1 } }))
    assert.is_false(alike({ { 1 } }, { special }))
    assert.is_true(alike(special, special))
  end)

  it("ends with what holds itself", function()
    local a, b = {}, {}
    a.a, b.a = a, b
    assert.is_false(alike(a, b))
    assert.is_false(alike(nested(5000), nested(5000)))
  end)

  it("stays when its members are those that it had, and are there", function()
    local t = { "x" }
    assert.is_true(stays({}, {}, { more = 1 }))
    assert.is_true(stays({ a = 1, b = { t } }, { a = 2, b = t }, { a = 1, b = { { "x" } }, c = 3 }))
    assert.is_false(stays({ a = 1 }, { a = 1, b = 1 }, { a = 1, b = 1 }))
    assert.is_false(stays({ a = 1, b = 1 }, { a = 1 }, { a = 1, b = 1 }))
    assert.is_false(stays({ a = 1 }, { b = 1 }, { a = 1 }))
    assert.is_false(stays({ a = 1 }, { a = 1 }, { a = 2 }))
    assert.is_false(stays({ a = 1 }, { a = 1 }, {}))
    assert.has_error(function() stays({}, {}) end)
  end)
end)
