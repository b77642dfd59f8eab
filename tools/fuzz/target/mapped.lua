-- Mapped files of values, damaged on purpose: a value, nothing, or an error.
local mapped = require "cso.std.mapped"

local function walk(doc, name)
  local value = doc:get(name)
  if type(value) == "table" then
    for key in next, value do
      if type(key) == "string" then doc:get(name, key) end
    end
  end
end

return function(shared)
  return function(text)
    local path = shared.file(text)
    local doc, e = mapped.open(path)
    os.remove(path)
    if not doc then
      assert(e.message)
      return
    end
    assert(doc:size() > 0)
    doc:verify()
    for _, name in ipairs(doc:keys() or {}) do
      doc:keys(name)
      walk(doc, name)
    end
    doc:close()
  end
end
