local chunk = require "cso.cmd.repl.chunk"
local complete = require "cso.cmd.repl.complete"
local draw = require "cso.cmd.repl.draw"
local editor = require "cso.cmd.repl.editor"
local history = require "cso.cmd.repl.history"
local keys = require "cso.cmd.repl.keys"
local term = require "cso.ui.term"

local function typed(ed, bytes)
  local last
  for _, key in ipairs(keys.new():feed(bytes)) do last = ed:key(key) or last end
  return last
end

describe("cso.cmd.repl.keys", function()
  it("knows arrows, controls, words and characters", function()
    assert.same({ { text = "aé" }, "left", "ctrl-a", "alt-b", "end", "delete", "enter", "backspace" },
      keys.new():feed("aé\27[D\1\27b\27[F\27[3~\r\127"))
  end)

  it("waits for the rest of a sequence or of a character", function()
    local decoder = keys.new()
    assert.same({}, decoder:feed("\27"))
    assert.same({}, decoder:feed("["))
    assert.same({ "up" }, decoder:feed("A"))
    assert.same({}, decoder:feed("\xc3"))
    assert.same({ { text = "é" } }, decoder:feed("\xa9"))
  end)

  it("takes a paste as one text, without control characters", function()
    local decoder = keys.new()
    assert.same({}, decoder:feed("\27[200~a\r\nb"))
    assert.same({ { text = "a\nb[2Jc" }, "enter" }, decoder:feed("\27[2Jc\27[201~\r"))
  end)

  it("drops what means nothing", function()
    assert.same({ { text = "x" } }, keys.new():feed("\27[99;99Rx"))
  end)
end)

describe("cso.cmd.repl.editor", function()
  it("edits in the middle, by characters", function()
    local ed = editor.new {}
    typed(ed, "aéc\27[D\27[D\127b")
    assert.equal("béc", ed.text)
    assert.equal(1, ed.cursor)
    typed(ed, "\27[3~\5!")
    assert.equal("bc!", ed.text)
  end)

  it("kills and yanks", function()
    local ed = editor.new {}
    typed(ed, "one two three\23")
    assert.equal("one two ", ed.text)
    typed(ed, "\1\25 ")
    assert.equal("three one two ", ed.text)
    typed(ed, "\11")
    assert.equal("three ", ed.text)
    typed(ed, "\21")
    assert.equal("", ed.text)
  end)

  it("moves by words", function()
    local ed = editor.new {}
    typed(ed, "cso.api.ec2\27b")
    assert.equal(#"cso.api.", ed.cursor)
    typed(ed, "\27b\27f")
    assert.equal(#"cso.api", ed.cursor)
  end)

  it("walks through the history and comes back to the draft", function()
    local ed = editor.new { history = { "first", "second" } }
    typed(ed, "dra\27[A")
    assert.equal("second", ed.text)
    typed(ed, "\27[A\27[A")
    assert.equal("first", ed.text)
    typed(ed, "\27[B\27[B")
    assert.equal("dra", ed.text)
  end)

  it("moves between the lines of a text before it leaves for the history", function()
    local ed = editor.new { history = { "old" } }
    ed:set("long line\nab")
    typed(ed, "\27[A")
    assert.equal(2, ed.cursor)
    typed(ed, "\27[B")
    assert.equal(#"long line\nab", ed.cursor)
    typed(ed, "\27[A\27[A")
    assert.equal("old", ed.text)
  end)

  it("searches backwards as one types", function()
    local ed = editor.new { history = {
      "ec2:DescribeVpcs {}", "s3:ListBuckets {}", "ec2:RunInstances {}" } }
    typed(ed, "\18ec2")
    assert.equal("ec2:RunInstances {}", ed.text)
    typed(ed, "\18")
    assert.equal("ec2:DescribeVpcs {}", ed.text)
    assert.equal("submit", typed(ed, "\r"))
    assert.equal("ec2:DescribeVpcs {}", ed.text)
    typed(ed, "\3")
    typed(ed, "mine\18zzz")
    assert.is_true(ed.search.failed)
    typed(ed, "\7")
    assert.equal("mine", ed.text)
  end)

  it("asks for more lines until the text is complete", function()
    local ed = editor.new { is_complete = chunk.is_complete }
    assert.is_nil(typed(ed, "for i = 1, 2 do\r"))
    assert.equal("for i = 1, 2 do\n", ed.text)
    assert.equal("submit", typed(ed, "end\r"))
  end)

  it("ends on Ctrl-D only when nothing is typed", function()
    local ed = editor.new {}
    assert.is_nil(typed(ed, "ab\1\4"))
    assert.equal("b", ed.text)
    assert.equal("cancel", typed(ed, "\3"))
    assert.equal("eof", typed(ed, "\4"))
  end)
end)

describe("cso.cmd.repl.chunk", function()
  it("gives the values of an expression and runs a statement", function()
    local env = {}
    assert.equal(3, chunk.load("1 + 2", env)())
    chunk.load("x = 5", env)()
    assert.equal(5, env.x)
  end)

  it("tells unfinished from wrong", function()
    local _, _, incomplete = chunk.load("if x then", {})
    assert.is_true(incomplete)
    local _, message, wrong = chunk.load("x = = 2", {})
    assert.is_false(wrong)
    assert.is_nil(message:find("typed", 1, true))
    assert.is_true(chunk.is_complete("if x then\n"))
    assert.is_true(chunk.is_complete(":help"))
  end)

  it("keeps locals for the next line", function()
    assert.equal("x = 1", chunk.keep_locals("local x = 1"))
    assert.equal("a, b = f()", chunk.keep_locals("local a, b = f()"))
    assert.equal("function f() end", chunk.keep_locals("local function f() end"))
    assert.equal("return 1", chunk.keep_locals("return 1"))
  end)
end)

describe("cso.cmd.repl.history", function()
  local function disk(text)
    local self = { text = text }
    self.fs = { read = function() return self.text end,
      append = function(_, more) self.text = (self.text or "") .. more end }
    return self
  end

  it("survives, several lines included", function()
    local d = disk()
    local h = history.open("/x", d.fs)
    h:add("a\nb")
    h:add("c \\n d")
    h:add("c \\n d")
    assert.same({ "a\nb", "c \\n d" }, history.open("/x", d.fs).entries)
  end)

  it("keeps nothing that begins with a blank", function()
    local d = disk()
    history.open("/x", d.fs):add(" secret = 1")
    assert.is_nil(d.text)
  end)

  it("keeps the newest entries only", function()
    local lines = {}
    for i = 1, 3000 do lines[i] = "e" .. i end
    local entries = history.open("/x", disk(table.concat(lines, "\n")).fs).entries
    assert.equal(2000, #entries)
    assert.equal("e3000", entries[2000])
  end)

  it("lies where XDG says", function()
    assert.equal("/s/csorun/history", select(2, history.place { XDG_STATE_HOME = "/s", HOME = "/h" }))
    assert.equal("/h/.local/state/csorun/history", select(2, history.place { HOME = "/h" }))
    assert.is_nil(history.place {})
  end)
end)

describe("cso.cmd.repl.complete", function()
  local shapes = {
    In = { type = "structure",
      members = { Filters = { shape = "Filters" }, MaxResults = { shape = "Int" } } },
    Filters = { type = "list", member = { shape = "Filter" } },
    Filter = { type = "structure", members = { Name = { shape = "Str" }, State = { shape = "State" } } },
    State = { type = "string", enum = { "available", "pending" } }, Str = { type = "string" },
    Int = { type = "integer" },
  }
  local client = {}
  local world = { env = { cso = { api = {}, print = {}, parallel = 1 }, ec2 = client },
    services = function() return { "ec2", "ecs", "s3" } end,
    operations = function() return { "DescribeVpcs", "DescribeSubnets", "RunInstances" } end,
    input = function() return shapes.In, function(name) return shapes[name] end end,
    types = function() return { "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::S3::Bucket" } end,
    service_of = function(v) return v == client and "ec2" or nil end, commands = { "doc", "help", "quit" } }

  local function words(text)
    local list, start = complete.candidates(text, world)
    local out = {}
    for i, item in ipairs(list) do out[i] = item[1] end
    return table.concat(out, " "), text:sub(start + 1)
  end

  it("offers what can stand there", function()
    for text, wanted in pairs {
      ["cso.api.e"] = "ec2 ecs",
      ["cso.p"] = "parallel print",
      ["x = cso.api.ec2 {}:Desc"] = "DescribeSubnets DescribeVpcs",
      ["ec2:R"] = "RunInstances",
      ["ec2:DescribeVpcs { "] = "Filters MaxResults",
      ["ec2:DescribeVpcs { MaxResults = 5, F"] = "Filters",
      ["cso.api.ec2 { region = \"x\" }:DescribeVpcs { Filters = { { N"] = "Name",
      ["ec2:DescribeVpcs { Filters = { { Name = \"a\" }, { S"] = "State",
      ["ec2:DescribeVpcs({ Filters = { { State = \"p"] = "pending",
      ["cso.aws.E"] = "EC2",
      ["cso.aws.EC2.S"] = "Subnet",
      [":d"] = "doc",
      [":doc ec2.R"] = "RunInstances",
      [":doc AWS::S3"] = "AWS::S3::Bucket",
      ["whi"] = "while",
      ["ec2:DescribeVpcs { Filters = {} }.V"] = "",
    } do
      assert.equal(wanted, words(text), text)
    end
  end)

  it("knows which part of the text a candidate replaces", function()
    assert.equal("Desc", select(2, words("ec2:Desc")))
    assert.equal("F", select(2, words("ec2:DescribeVpcs { F")))
  end)

  it("finds what all candidates begin with", function()
    assert.equal("Describe", complete.common(complete.candidates("ec2:D", world)))
  end)
end)

describe("cso.cmd.repl.draw", function()
  local paint = term.paint(false)

  it("puts the cursor where it is, over several rows", function()
    local drawing = draw.new()
    local ed = editor.new {}
    ed:set("abc\ndef")
    ed.cursor = 1
    assert.equal("\r\27[J> abc\r\n. def\27[1A\r\27[3C",
      drawing:frame(ed, { prompt = "> ", more = ". ", cols = 80, paint = paint }))
    ed.cursor = 7
    assert.equal("\r\27[J> abc\r\n. def\r\27[5C",
      drawing:frame(ed, { prompt = "> ", more = ". ", cols = 80, paint = paint }))
    assert.equal(1, drawing.row)
  end)

  it("counts the rows of wrapped lines", function()
    local drawing = draw.new()
    local ed = editor.new {}
    ed:set(("x"):rep(25))
    drawing:frame(ed, { prompt = "> ", more = ". ", cols = 10, paint = paint })
    assert.equal(2, drawing.row)
    ed:set(("x"):rep(8))
    drawing:frame(ed, { prompt = "> ", more = ". ", cols = 10, paint = paint })
    assert.equal(1, drawing.row)
  end)
end)
