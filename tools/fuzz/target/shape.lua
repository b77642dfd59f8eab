-- Typed output: whatever a document in XML or JSON holds, it goes through shapes of every kind, in a circle, or is said
-- to be malformed; and what shapes see is what the plain tree shows.
local json = require "cso.std.json"
local shapes = require "cso.std.shapes"
local xml = require "cso.std.xml"

local function everything()
  local text = shapes.leaf "text"
  local ends = { text, shapes.leaf "integer", shapes.leaf "boolean", shapes.leaf("time", tostring),
    shapes.leaf("other", tostring) }
  local tree = shapes.structure {
    edges = { { "t", "T" }, { "i", "I" }, { "b", "B" }, { "w", "W" }, { "o", "O" }, { "a", "S" }, { "l", "L" },
      { "m", "M" }, { "f", "F", true }, { "g", "G", true }, { "a", "A" } },
    grow = function(i) return ends[i] end, union = true, attributes = { a = "At" },
  }
  local list = shapes.list { grow = function() return tree end }
  local map = shapes.map { key = "k", value = "v", grow = function(i) return i == 1 and text or tree end }
  for _, s in ipairs { tree, list, map, list, map, text } do ends[#ends + 1] = s end
  return tree
end

local function apply(tree, text)
  local value = json.decode(text)
  if value == nil then return end
  local ok, e = pcall(shapes.apply, tree, value)
  assert(ok or e.malformed, e)
  if ok then assert(type(e) == "table" and not json.is_array(e)) end
end

return function(_shared)
  local tree = everything()
  return function(text)
    apply(tree, text)
    local node = xml.decode(text)
    local document, e = xml.parse(text)
    assert((document == nil) == (node == nil))
    if not document then
      assert(e.line >= 1 and e.column >= 1)
      return
    end
    assert(document:name() == node.name)
    assert((document:text() or "") == (node.text or ""))
    local ok, value = pcall(document.read, document, tree)
    assert(ok or value.malformed, value)
    document:close()
  end
end
