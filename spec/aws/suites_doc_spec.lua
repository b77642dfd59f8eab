-- docs/suites.md is what strangers write their adapters from: its examples have to run.
local function blocks()
  local file = assert(io.open("docs/suites.md", "rb"))
  local text, out = file:read("a"), {}
  file:close()
  local title
  for part in text:gmatch("[^\n]*\n?") do
    title = part:match("^## (.*)\n") or title
    if part == "```lua\n" then
      out[#out + 1] = { title = title, code = "" }
      out.open = true
    elseif part == "```\n" then
      out.open = false
    elseif out.open then
      out[#out].code = out[#out].code .. part
    end
  end
  return out
end

describe("the examples for suites", function()
  local found = blocks()

  it("are there", function() assert.is_true(#found >= 8) end)

  for _, block in ipairs(found) do
    it("run: " .. block.title, function()
      assert(load(block.code, "=docs/suites.md: " .. block.title, "t"))()
    end)
  end
end)
