local globals = require "cso.cmd.globals"
local parse = require "cso.cmd.parse"

local commands = {
  plan = { name = "plan", help = "Plan", rest = true, args = { { name = "FILE" } },
    options = { { long = "target", short = "t", value = "ADDRESS", many = true, help = "" },
      { long = "refresh", help = "" }, { long = "parallel", value = "N", kind = "integer", help = "" },
      { long = "format", value = "F", choices = { "dot", "mermaid" }, help = "" } } },
  apply = { name = "apply", help = "Apply", rest = true, args = { { name = "FILE" } } },
  repl = { name = "repl", help = "Repl" },
  version = { name = "version", help = "Version" },
  state = { name = "state", help = "State", commands = {
    { name = "list", help = "List" }, { name = "rm", help = "Remove",
      args = { { name = "ADDRESS", many = true } } } } },
}
local spec = { globals = globals, find = function(name) return commands[name] end,
  elsewhere = function() return require "cso.cmd.elsewhere" end,
  names = { "apply", "plan", "repl", "state", "version" }, default = "apply", bare = "repl",
  is_playbook = function(word) return word:match("%.lua$") ~= nil end }

local function run(...) return parse.run({ ... }, spec) end
local function failure(...)
  local line, e = run(...)
  assert.is_nil(line)
  assert.equal("usage", e.class)
  return e
end

describe("cso.cmd.parse", function()
  it("finds the command, its options and its arguments in any order", function()
    local line = assert(run("--sim", "plan", "-t", "a", "p.lua", "--target=b", "--region", "eu-west-2"))
    assert.equal("plan", line.command.name)
    assert.same({ "p.lua" }, line.args)
    assert.same({ sim = true, target = { "a", "b" }, region = "eu-west-2" }, line.opts)
  end)

  it("takes no empty value for the default", function()
    for _, words in ipairs { { "plan", "--state", "" }, { "plan", "--profile=" }, { "plan", "-t", "" } } do
      assert.matches("is empty: it needs a value", failure(table.unpack(words)).message)
    end
  end)

  it("runs a bare playbook as apply and an empty line as the REPL", function()
    local line = assert(run("p.lua", "--sim", "--", "30", "--x"))
    assert.equal("apply", line.command.name)
    assert.same({ "p.lua" }, line.args)
    assert.same({ "30", "--x" }, line.rest)
    assert.equal("repl", assert(run()).command.name)
    assert.equal("version", assert(run("--version")).command.name)
  end)

  it("takes switches with values and their negation", function()
    assert.is_false(assert(run("plan", "p.lua", "--refresh=false")).opts.refresh)
    assert.is_false(assert(run("plan", "p.lua", "--no-refresh")).opts.refresh)
    assert.equal("bad_value", failure("plan", "p.lua", "--refresh=maybe").code)
  end)

  it("converts numbers and knows choices", function()
    assert.equal(4, assert(run("plan", "p.lua", "--parallel", "4")).opts.parallel)
    assert.equal("bad_value", failure("plan", "p.lua", "--parallel", "4.5").code)
    assert.match("dot, mermaid", failure("plan", "p.lua", "--format", "svg").message)
  end)

  it("reads joined and bundled short options", function()
    assert.same({ "x" }, assert(run("plan", "p.lua", "-tx")).opts.target)
    assert.same({ quiet = true, target = { "x" } }, assert(run("plan", "p.lua", "-qt", "x")).opts)
    assert.equal("unknown_option", failure("plan", "p.lua", "-qz").code)
  end)

  it("suggests the nearest name", function()
    assert.equal("did you mean plan?", failure("paln").hint)
    assert.equal("did you mean --target?", failure("plan", "p.lua", "--targte", "x").hint)
    assert.equal("did you mean list?", failure("state", "lsit").hint)
  end)

  it("says what is missing and what is too much", function()
    assert.equal("missing_argument", failure("plan").code)
    assert.equal("missing_value", failure("plan", "p.lua", "--target").code)
    assert.equal("too_many_arguments", failure("plan", "p.lua", "q.lua").code)
    assert.match("list, rm", failure("state").message)
  end)

  it("answers what other tools call differently", function()
    assert.match("%-%-auto%-approve", failure("plan", "p.lua", "--yes").hint)
    assert.match("did you mean %-%-target?", failure("plan", "p.lua", "-target=a").hint)
    assert.match("csorun apply PLAYBOOK", failure("up").hint)
    assert.match("unlock ID", failure("force-unlock").hint)
  end)

  it("takes no option for the value of another", function()
    local forgotten = failure("plan", "p.lua", "--target", "-q")
    assert.equal("missing_value", forgotten.code)
    assert.match("%-q is an option", forgotten.message)
    assert.equal("missing_value", failure("plan", "p.lua", "-t", "--quiet").code)
    assert.same({ "-q" }, assert(run("plan", "p.lua", "--target=-q")).opts.target)
    assert.same({ "-" }, assert(run("plan", "p.lua", "-t", "-")).opts.target)
    assert.same({ "-1" }, assert(run("plan", "p.lua", "-t", "-1")).opts.target)
  end)

  it("goes down to the words below a command", function()
    local line = assert(run("state", "rm", "a", "--", "-b"))
    assert.equal("rm", line.command.name)
    assert.same({ "a", "-b" }, line.args)
  end)

  it("asks for help wherever --help stands, however wrong the rest is", function()
    local line = assert(run("plan", "--help"))
    assert.is_true(line.help)
    assert.equal("plan", line.path[1].name)
  end)

  it("takes help in front for --help behind", function()
    local line = assert(run("help", "state", "rm"))
    assert.is_true(line.help)
    assert.equal("rm", line.path[2].name)
    assert.same({}, assert(run "help").path)
    assert.equal("unknown_command", select(2, run("help", "pln")).code)
  end)
end)
