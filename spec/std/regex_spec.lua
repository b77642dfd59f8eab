local regex = require("cso.std.regex")

describe("regex", function()
  it("matches as the models' expressions mean", function()
    for _, case in ipairs {
      { "^[a-z][a-z0-9-]{1,20}$", "demo", true }, { "^[a-z][a-z0-9-]{1,20}$", "d", false },
      { "^(a|b)+c?$", "ababc", true }, { "^(a|b)+c?$", "abxbc", false },
      { [[^\d{3}-\w+$]], "123-ab_c", true }, { [[[\p{L}\p{Z}\p{N}_.:/=+\-@]+$]], "héllo wörld", true },
      { "^(?!aws:)[a-z:]+$", "aws:x", false }, { "^(?!aws:)[a-z:]+$", "bws:x", true },
      { "^.{0,3}$", "éàü", true }, { "^[^a]*$", "bad", false }, { [[^[\s\S]*$]], "a\nb", true },
      { [[^[\u0020-\uD7FF]*$]], "é x", true }, { "^a{2}$", "aa", true }, { "^a{2}$", "aaa", false },
      { "^a.*?b$", "axxb", true }, { "b", "abc", true }, { "^(?:x|yz){2,}$", "xyzx", true }, { [[\.]], "a", false },
      { "^[]a]+$", "]a", true }, { "^[a-]+$", "-a", true }, { "", "", true },
    } do
      assert.are.equal(case[3], regex.matches(case[1], case[2]), case[1] .. " on " .. case[2])
    end
  end)

  it("survives long texts", function()
    assert.is_true(regex.matches("^.*$", ("x"):rep(200000)))
  end)

  it("gives up what takes for ever, in the user's words", function()
    for _, case in ipairs { { "(a+)+$", ("a"):rep(40) .. "b" }, { "(a|aa)+$", ("a"):rep(60) .. "b" },
      { "(.*)*x", ("y"):rep(400) } } do
      local ok, e = pcall(regex.matches, case[1], case[2])
      assert.is_false(ok)
      assert.equal("usage", e.class)
      assert.matches("takes too long", e.message)
    end
  end)

  it("explains what it can't compile", function()
    for _, bad in ipairs { "(", "[a", "*a", "a)", "(?<=a)b", "\\" } do
      local find, message = regex.compile(bad)
      assert.is_nil(find, bad)
      assert.is_string(message)
    end
  end)
end)
