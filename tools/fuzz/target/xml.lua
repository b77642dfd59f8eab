-- XML: a tree that is written down and read again is the same tree, and the short way that usual documents
-- are read by gives what expat gives: to that goes whatever has a comment.
local deep = require "cso.std.deep"
local xml = require "cso.std.xml"

-- What is left of p:2 without its prefix is no name any more.
local function name(text) return "n" .. text:gsub(":", "_") end

local function write(node)
  local parts = { "<", name(node.name) }
  for k, v in pairs(node.attrs or {}) do
    parts[#parts + 1] = " " .. name(k) .. '="' .. assert(xml.escape(v)) .. '"'
  end
  parts[#parts + 1] = ">" .. assert(xml.escape(node.text or ""))
  for _, child in ipairs(node) do parts[#parts + 1] = write(child) end
  parts[#parts + 1] = "</" .. name(node.name) .. ">"
  return table.concat(parts)
end

return function(_shared)
  return function(text)
    local declared, fault = xml.decode(text, { doctype = true })
    assert(declared or fault.line >= 1)
    local node, e = xml.decode(text)
    if not text:find("\0", 1, true) then assert(deep.equal(node, (xml.decode(text .. "<!---->"))), text) end -- UTF-16
    if node == nil then
      assert(e.line >= 1 and e.column >= 1)
      return
    end
    local again = assert(xml.decode(write(node)))
    assert((again.text or "") == (node.text or "") and #again == #node, text)
  end
end
