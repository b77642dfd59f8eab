local error_text = require "cso.ui.error"
local term = require "cso.ui.term"

local opts = { paint = term.paint(false), read = function(file)
  return file == "p.lua" and "one\ntwo\n\tthree\nfour\n" or nil
end }

describe("cso.ui.error", function()
  it("says what, where, why and what to do", function()
    local text = error_text.error({ message = "no such type", code = "unknown_type", where = "p.lua:3",
      hint = "did you mean EC2.VPC?", cause = { message = "the reason", code = "R" } }, opts)
    assert.equal(table.concat({
      "error: no such type [unknown_type]", "  at p.lua:3", "  2 │ two", "  3 │   three", "  4 │ four",
      "  because: the reason [R]", "  hint: did you mean EC2.VPC?", "" }, "\n"), text)
  end)

  it("tells the call that failed", function()
    local text = error_text.error({ message = "denied", code = "AccessDenied", service = "ec2",
      operation = "RunInstances", status = 403, request_id = "abc" }, opts)
    assert.match("call: ec2.RunInstances, HTTP 403, request abc", text)
  end)

  it("lists every problem", function()
    local text = error_text.error({ message = "bad environment", problems = { "a: required",
      { message = "b: expected integer" } } }, opts)
    assert.match("a: required", text)
    assert.match("b: expected integer", text)
  end)

  it("lives without the file, and lets nothing steer the terminal", function()
    local text = error_text.error({ message = "x\27[2J", where = "gone.lua:3" }, opts)
    assert.match("at gone.lua:3", text)
    assert.is_nil(text:find("\27", 1, true))
  end)

  it("shows the start of a giant line, and no secret that is quoted there", function()
    local text = error_text.error({ message = "no", where = "p.lua:1" }, { paint = term.paint(false), read = function()
      return 'password = "' .. ("hunter"):rep(200000) .. '"'
    end })
    assert.matches("password = \"…\"", text, 1, true)
    assert.is_nil(text:find("hunter", 1, true))
  end)

  it("shows of a line what only sounds like a secret", function()
    local function shown(line)
      return error_text.error({ message = "m", where = "a.lua:1" }, { paint = opts.paint, read = function() return line end })
    end
    assert.matches('HttpTokens = "required"', shown 'M { HttpTokens = "required" }', 1, true)
    for _, name in ipairs { "AuthToken", "api_token", "MasterUserPassword", "SecretString", "passphrase" } do
      assert.matches('= "…"', shown(("M { %s = \"hunter2\" }"):format(name)), 1, true)
    end
  end)
end)
