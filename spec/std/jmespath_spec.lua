local jmespath = require "cso.std.jmespath"
local json = require "cso.std.json"

local data = assert(json.decode [==[
{ "locations": [ {"name": "Seattle", "state": "WA", "n": 3}, {"name": "New York", "state": "NY", "n": 1},
  {"name": "Olympia", "state": "WA", "n": 2} ],
  "ops": {"b": {"x": 2}, "a": {"x": 1}}, "deep": [[1, 2], [3, [4]]], "empty": [], "nil": null, "s": "héllo" }
]==])

local function search(text)
  local v, e = jmespath.search(text, data)
  if e then return "error: " .. e.kind end
  if v == nil then return "null" end
  return json.encode(v)
end

describe("jmespath", function()
  local cases = {
    ["locations[0].name"] = '"Seattle"',
    ["locations[-1].name"] = '"Olympia"',
    ["locations[7]"] = "null",
    ["locations[*].name"] = '["Seattle","New York","Olympia"]',
    ["locations[?state == 'WA'].name | sort(@)"] = '["Olympia","Seattle"]',
    ["locations[?n > `1` && state != 'NY'].n"] = "[3,2]",
    ["locations[?!contains(name, 'e')].name"] = '["Olympia"]',
    ["missing | type(@)"] = '"null"',
    ["locations[].{N: name, S: state} | [0]"] = '{"N":"Seattle","S":"WA"}',
    ["locations[*].[name, missing] | [0]"] = '["Seattle",null]',
    ["ops.*.x"] = "[1,2]",
    ["deep[]"] = "[1,2,3,[4]]",
    ["deep[][]"] = "[1,2,3,4]",
    ["deep[0][::-1]"] = "[2,1]",
    ["deep[*][0]"] = "[1,3]",
    ["locations[1:].n"] = "[1,2]",
    ["nil || s"] = '"héllo"',
    ["empty && s"] = "[]",
    ["length(s)"] = "5",
    ["reverse(s)"] = '"olléh"',
    ["sort_by(locations, &n)[*].n"] = "[1,2,3]",
    ["max_by(locations, &n).name"] = '"Seattle"',
    ["map(&n, locations)"] = "[3,1,2]",
    ["keys(ops)"] = '["a","b"]',
    ["to_string(`[1]`)"] = '"[1]"',
    ["to_number('12.5')"] = "12.5",
    ["not_null(nil, missing, s)"] = '"héllo"',
    ["merge(ops, `{\"c\": 1}`).c"] = "1",
    ["sum(locations[*].n)"] = "6",
    ["avg(`[]`)"] = "null",
    ["join('-', locations[*].state)"] = '"WA-NY-WA"',
    ["type(@)"] = '"object"',
    ["`foo`"] = '"foo"',
    ["'it\\'s'"] = '"it\'s"',
    ['"ops".a'] = '{"x":1}',
    ["locations[?name == `Seattle`] | length(@)"] = "1",
  }
  for text, expected in pairs(cases) do
    it(text, function() assert.equal(expected, search(text)) end)
  end

  local faults = {
    ["foo.["] = "syntax", ["foo[abc"] = "syntax", ["foo bar"] = "syntax", ["@("] = "syntax",
    ["unknown(@)"] = "unknown-function", ["abs(`1`, `2`)"] = "invalid-arity",
    ["abs('a')"] = "invalid-type", ["locations[::0]"] = "invalid-value",
    ["sort(locations)"] = "invalid-type",
  }
  for text, kind in pairs(faults) do
    it("refuses " .. text, function() assert.equal("error: " .. kind, search(text)) end)
  end

  it("takes indices and numbers beyond all lists for what they are", function()
    local lists = { a = json.array { 1, 2, 3 }, s = json.array { "0x10", "1e999", "1e2" } }
    assert.is_nil(jmespath.search("a[" .. ("6"):rep(400) .. "]", lists))
    assert.is_nil(jmespath.search("a[-" .. ("6"):rep(30) .. "]", lists))
    assert.same({ 1, 2, 3 }, jmespath.search("a[:" .. ("9"):rep(50) .. "]", lists))
    assert.same({ json.null, json.null, 100 }, jmespath.search("map(&to_number(@), s)", lists))
  end)
end)
