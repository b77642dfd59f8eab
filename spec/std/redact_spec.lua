local err = require "cso.std.err"
local redact = require "cso.std.redact"
local render = require "cso.ui.error"
local value = require "cso.std.value"

describe("redact", function()
  it("takes the content of secrets out of errors, whole and in parts of others", function()
    local short, long = value.secret "marked-one", value.secret "marked-one-and-more"
    local e = err.new { code = "x", message = "Value 'marked-one-and-more' is bad, marked-one too",
      hint = "not marked-one", problems = { "marked-one" } }
    assert.equal("Value '(sensitive)' is bad, (sensitive) too", e.message)
    assert.equal("not (sensitive)", e.hint)
    assert.same({ "(sensitive)" }, e.problems)
    assert.is_true(value.is_secret(short) and value.is_secret(long))
  end)

  it("knows what lies in a tree, as source and JSON write it, and each line of a key", function()
    value.secret { user = { "marked\"two\\" } }
    value.secret "-----BEGIN-----\nmarkedmarkedmarkedmarked\n"
    assert.equal('a = "(sensitive)"', redact.text [[a = "marked\"two\\"]])
    assert.equal("it was (sensitive)", redact.text "it was markedmarkedmarkedmarked")
  end)

  it("knows what was fetched", function()
    local box = value.secret(nil, { digest = "d", fetch = function() return "marked-fetched" end })
    assert.equal("marked-fetched", redact.text "marked-fetched")
    value.reveal(box)
    assert.equal("(sensitive)", redact.text "marked-fetched")
  end)

  it("knows short ones where they stand alone, and leaves them in other words", function()
    value.secret "a"
    value.secret ""
    assert.equal("a banana", redact.text "a banana")
    assert.equal("(sensitive)", redact.text "a")
    assert.equal("'a' is no banana", redact.text "'a' is no banana")
    value.secret "ab1"
    value.secret "p@q"
    assert.equal("'(sensitive)' is not p@qr", redact.text "'p@q' is not p@qr")
    value.secret(4711)
    assert.equal("pin=(sensitive), (sensitive) or tab1s of Vpc.ab1", redact.text "pin=4711, ab1 or tab1s of Vpc.ab1")
    value.secret { engine = "mysql", port = 3306 }
    assert.equal("mysql at 3306", redact.text "mysql at 3306")
    assert.is_true(value.is_secret(value.hide { "ab1" }[1]))
    assert.same({ "tab1" }, value.hide { "tab1" })
  end)

  it("knows the forms in which they travel", function()
    local text = 'marked/one+t\195\182 & "q"'
    value.secret(text)
    local hash, json = require "cso.std.hash", require "cso.std.json"
    for _, form in ipairs { text, json.encode { a = text }, "x=marked%2Fone%2Bt%C3%B6%20%26%20%22q%22&y",
      "<m>marked/one+t\195\182 &amp; &quot;q&quot;</m>", hash.base64_encode(text), hash.base64_encode("a" .. text .. "b"),
      hash.base64_encode("aa" .. text), "x=" .. hash.hex_encode(text),
      hash.hex_encode(text):upper(), "x=marked%2Fone%2Bt%C3%B6+%26+%22q%22" } do
      local told = redact.text(form)
      assert.match("(sensitive)", told, 1, true)
      assert.is_nil(told:find("marked", 1, true), told)
      assert.is_true(#told < 30, told)
    end
    assert.equal([[{"a":"{\"b\":\"(sensitive)\"}"}]], redact.text(json.encode { a = json.encode { b = text } }))
  end)

  it("knows the beginning of a long one where somebody cut it off", function()
    value.secret "postgres://marked:cut-off-0123456789@db.internal:5432/app"
    for text, want in pairs {
      ["Value 'postgres://marked:cut-off-0123' is bad"] = "Value '(sensitive)' is bad",
      ["got postgres://marked:cut-off-01..."] = "got (sensitive)...",
      ["got postgres://marked:cut-off-01 … more"] = "got (sensitive) … more",
      ["postgres://marked:cut"] = "(sensitive)",
      ["a postgres://marked:c\" postgres://marked:cut-o"] = "a (sensitive)\" (sensitive)",
      ["postgres://marked:cutter@elsewhere"] = "postgres://marked:cutter@elsewhere",
      ["postgres://other"] = "postgres://other",
    } do assert.equal(want, redact.text(text)) end
  end)

  it("shows nothing that a function made of a secret before it failed", function()
    local v = value.defer({ value.secret "marked-four" }, function(list) error("bad " .. list[1]:upper()) end)
    local ok, e = pcall(value.resolve, v, function() end)
    assert.is_false(ok)
    assert.is_nil(e.message:find("MARKED", 1, true))
    assert.match("redact_spec%.lua:%d+", e.where or "")
  end)

  it("hides in lines of source what was not run yet", function()
    local e = err.new { code = "x", message = "m", where = "p.lua:1" }
    for _, line in ipairs {
      'local s = cso.secret "hidden-1" )', "cso.secret('hidden-2') + ", 'MasterUserPassword = "hidden-3", x = "y" (' } do
      local text = render.error(e, { paint = require("cso.ui.term").paint(false), read = function() return line end })
      assert.is_nil(text:find("hidden", 1, true), text)
      assert.match(line:match "^%w+", text)
    end
  end)
end)
