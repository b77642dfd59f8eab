local diff = require "cso.std.diff"

describe("cso.std.diff", function()
  it("turns one list into the other, whatever they are", function()
    local seed = 7
    local function random(n)
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed // 65536 % n
    end
    for _ = 1, 500 do
      local a, b = {}, {}
      for i = 1, random(9) do a[i] = string.char(97 + random(3)) end
      for i = 1, random(9) do b[i] = string.char(97 + random(3)) end
      local old, new = {}, {}
      for _, edit in ipairs(diff.lines(a, b)) do
        if edit.op ~= "+" then old[#old + 1] = edit.text end
        if edit.op ~= "-" then new[#new + 1] = edit.text end
      end
      assert.same(a, old)
      assert.same(b, new)
    end
  end)

  it("writes hunks with context", function()
    local lines = diff.unified("a\nb\nc\nd\ne\nf\n", "a\nb\nX\nd\ne\nf\n", 1)
    assert.same({ "@@ -2,3 +2,3 @@", " b", "-c", "+X", " d" }, lines)
  end)

  it("has nothing to say about equal texts", function()
    assert.same({}, diff.unified("a\nb", "a\nb"))
  end)

  it("separates distant changes into hunks", function()
    local a, b = {}, {}
    for i = 1, 30 do a[i], b[i] = tostring(i), tostring(i) end
    b[2], b[28] = "two", "twenty-eight"
    local heads = 0
    for _, line in ipairs(diff.unified(table.concat(a, "\n"), table.concat(b, "\n"))) do
      if line:sub(1, 2) == "@@" then heads = heads + 1 end
    end
    assert.equal(2, heads)
  end)
end)
