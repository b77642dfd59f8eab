local term = require "cso.ui.term"

describe("cso.ui.term", function()
  it("colours by option, then NO_COLOR, then FORCE_COLOR, then the terminal", function()
    local rows = {
      { "always", { NO_COLOR = "1" }, false, true },
      { "never", { FORCE_COLOR = "1" }, true, false },
      { "auto", { NO_COLOR = "1", FORCE_COLOR = "1" }, true, false },
      { "auto", { NO_COLOR = "" }, true, true },
      { nil, { CLICOLOR_FORCE = "1" }, false, true },
      { nil, { FORCE_COLOR = "0" }, false, false },
      { nil, { TERM = "dumb" }, true, false },
      { nil, { TERM = "xterm" }, true, true },
      { nil, {}, false, false },
    }
    for i, row in ipairs(rows) do
      assert.equal(row[4], term.wants_color(row[1], row[2], row[3]), "row " .. i)
    end
  end)

  it("paints only when it may", function()
    assert.equal("x", term.paint(false).red("x"))
    assert.equal("\27[31mx\27[0m", term.paint(true).red("x"))
  end)

  it("measures, cuts and fills by cells", function()
    assert.equal(4, term.width("日本"))
    assert.equal(3, term.width("\27[31mabc\27[0m"))
    assert.equal("ab…", term.cut("abcdef", 3))
    assert.equal("abc", term.cut("abc", 3))
    assert.equal("日…", term.cut("日本語", 4))
    assert.equal("", term.cut("abc", 0))
    assert.equal("ä  ", term.pad("ä", 3))
  end)

  it("lets no text steer the terminal", function()
    assert.equal("a\\x1b[2Jb\n", term.clean("a\27[2Jb\n"))
  end)

  it("says seconds as people do", function()
    assert.same({ "4ms", "0.4s", "12s", "1m 05s", "2h 03m" },
      { term.seconds(0.0041), term.seconds(0.41), term.seconds(12.2), term.seconds(65), term.seconds(7380) })
  end)

  it("uses ASCII where the locale says so", function()
    assert.is_true(term.is_utf8 {})
    assert.is_true(term.is_utf8 { LANG = "C.UTF-8" })
    assert.is_false(term.is_utf8 { LANG = "C.UTF-8", LC_ALL = "C" })
    assert.equal("->", term.paint(false, false).signs.arrow)
  end)

  it("breaks lines at blanks, and goes on deeper", function()
    local text = "short\n      VpcId: one two three four\n"
    assert.equal("short\n      VpcId: one two\n        three four\n", term.wrap(text, 20))
    assert.equal(text, term.wrap(text, 80))
  end)

  it("leaves what has no blank, and what stands too deep, to the terminal", function()
    local long = ("x"):rep(40)
    assert.equal("a " .. long, term.wrap("a " .. long, 20))
    local deep = (" "):rep(12) .. "a b c d e f g h"
    assert.equal(deep, term.wrap(deep, 20))
  end)

  it("counts cells, not bytes or colours", function()
    local paint = term.paint(true)
    local text = paint.red "äöü" .. " " .. paint.red "äöü äöü"
    assert.equal(text, term.wrap(text, 11))
    assert.equal(2, select(2, (term.wrap(text, 8) .. "\n"):gsub("\n", "")))
  end)
end)
