-- What a playbook's own Lua may cost: loops without end and tables without end are told by line, and
-- what was done before is kept.
local task = require "cso.task"
local world = require "spec.scenario.world"

local SMALL = { CSORUN_LUA_SECONDS = "1", CSORUN_LUA_MEMORY = "200M" }
-- Filling memory may take longer than the shorter limit, on a busy machine or under a sanitizer.
local PATIENT = { CSORUN_LUA_SECONDS = "120", CSORUN_LUA_MEMORY = "200M" }

-- name -> { playbook, what is said, the line }
local cases = {
  ["a loop of its own"] = { "local x = 0\nwhile true do\n  x = x + 1\nend\n", "CPU time", "[23]" },
  ["a loop that catches its error"] = {
    "while true do\n  pcall(function() while true do end end)\nend\n", "CPU time", "[123]" },
  ["a loop in a coroutine"] = {
    "local co = coroutine.wrap(function()\n  while true do end\nend)\nco()\n", "CPU time", "2" },
  ["coroutines that loop, one after the other"] = {
    "while true do\n  local co = coroutine.create(function() while true do end end)\n  coroutine.resume(co)\nend\n",
    "CPU time", "[123]" },
  ["a pattern that tries every way to cut a text"] = {
    "local s = (\"a\"):rep(3000)\nfor _ = 1, 1000 do s:find(\".-.-.-.-b\") end\n", "CPU time", "2" },
  ["a finalizer that never ends"] = {
    "do setmetatable({}, { __gc = function()\n  while true do end\nend }) end\ncollectgarbage()\n", "CPU time", "[124]" },
  ["an error handler that never ends"] = {
    "while true do\n  xpcall(function() while true do end end, function() while true do end end)\nend\n",
    "CPU time", "[123]" },
  ["a table without end"] = {
    "local t = {}\nwhile true do t[#t + 1] = (\"y\"):rep(100000) .. #t end\n", "memory", "2" },
  ["a text that is too large"] = { "\nlocal s = (\"x\"):rep(1 << 30)\n", "memory", "2" },
}

describe("limits of Lua", function()
  for name, case in pairs(cases) do
    it("tell of " .. name .. " at its line", function()
      world.run({ files = { ["loop.lua"] = case[1] } }, function(p)
        local code, text = p:csorun("plan loop.lua", { env = case[2] == "memory" and PATIENT or SMALL })
        assert.equal(3, code, text)
        assert.match(case[2], text, 1, true)
        assert.match("at loop.lua:" .. case[3] .. "\n", text)
        assert.match("CSORUN_LUA_", text, 1, true)
        assert.is_nil(text:find("traceback", 1, true))
      end)
    end)
  end

  it("leave alone what is large or long for a reason", function()
    world.run({ files = { ["large.lua"] = "local t = {}\nfor i = 1, 1e5 do t[i] = { i } end\n"
      .. "for i = 1, 3e7 do t[1] = i end\n" } }, function(p)
      local code, text = p:csorun("plan large.lua")
      assert.equal(0, code, text)
    end)
  end)

  it("collect garbage before they say that memory is full", function()
    world.run({ files = { ["waste.lua"] = "for i = 1, 20000 do local s = (\"z\"):rep(100000) .. i end\n" } },
      function(p)
        local code, text = p:csorun("plan waste.lua", { env = { CSORUN_LUA_MEMORY = "64M" } })
        assert.equal(0, code, text)
      end)
  end)

  it("refuse settings that are none", function()
    world.run({ files = { ["empty.lua"] = "" } }, function(p)
      for name, text in pairs { CSORUN_LUA_SECONDS = "long", CSORUN_LUA_MEMORY = "much" } do
        local code, told = p:csorun("plan empty.lua", { env = { [name] = text } })
        assert.equal(3, code, told)
        assert.match(name, told, 1, true)
      end
    end)
  end)
end)

local FAR = [[
local cso = require "cso"
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
]]

describe("a playbook that goes wrong at its end", function()
  it("is no success when an output can't be worked out", function()
    world.run({ files = { ["out.lua"] = FAR .. 'cso.output { id = vpc.VpcId:map(function() error("odd") end) }\n' } },
      function(p)
        local code, text = p:csorun("apply out.lua -y")
        assert.equal(7, code, text)
        assert.match("output id: odd", text, 1, true)
        assert.match("at out.lua:3\n", text)
      end)
  end)

  it("remembers of steps and outputs what is data, and tells of the rest", function()
    world.run({ files = {
      ["step.lua"] = FAR .. 'cso.step "open" { after = vpc, run = function() return { io.stdout } end }\n',
      ["late.lua"] = FAR .. "cso.output { n = vpc.VpcId:map(function() return 0 / 0 end) }\n",
      ["now.lua"] = FAR .. 'cso.output { n = { 1, a = 2 } }\n',
    } }, function(p)
      for name, case in pairs { step = { 7, "it holds a userdata" }, late = { 7, "a number is not finite" },
        now = { 3, "a list has holes, or names as keys" } } do
        local code, text = p:csorun("apply " .. name .. ".lua -y")
        assert.equal(case[1], code, text)
        assert.match(case[2], text, 1, true)
        assert.match("at " .. name .. ".lua:3\n", text)
      end
    end)
  end)

  it("can't end csorun with a success of its own", function()
    world.run({ files = {
      ["step.lua"] = FAR .. 'cso.step "bye" { after = vpc, run = function() os.exit(0) end }\n',
      ["now.lua"] = FAR .. "os.exit(0)\n",
      ["script.lua"] = "os.exit(9)\n",
    } }, function(p)
      local code, text = p:csorun("apply step.lua -y")
      assert.equal(7, code, text)
      assert.match("at step.lua:3\n", text)
      code, text = p:csorun("apply now.lua -y")
      assert.equal(3, code, text)
      assert.match("os.exit would end csorun", text, 1, true)
      assert.equal(9, (p:csorun("script.lua")))
    end)
  end)

  it("is told at once when a table holds itself", function()
    world.run({ files = {
      ["out.lua"] = "local cso, t = require \"cso\", {}\nt.t = t\ncso.output { t = t }\n",
      ["text.lua"] = "local cso, t = require \"cso\", {}\nt.t = t\nlocal s = cso.json.encode(t)\n",
    } }, function(p)
      for _, name in ipairs { "out", "text" } do
        local code, text = p:csorun("plan " .. name .. ".lua")
        assert.equal(3, code, text)
        assert.match("does a table hold itself?", text, 1, true)
        assert.match("at " .. name .. ".lua:3\n", text)
      end
    end)
  end)
end)

local SPIN = [[
local cso = require "cso"
cso.stack { name = "spin" }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
cso.step "spin" { after = { vpc },
  run = function()
    while true do end
  end }
]]

describe("a step that never comes back", function()
  it("fails at its limit, and what was made is remembered", function()
    world.run({ files = { ["spin.lua"] = SPIN } }, function(p)
      local code, text = p:csorun("apply spin.lua -y", { env = SMALL })
      assert.equal(7, code, text)
      assert.match("at spin.lua:6\n", text)
      assert.match("EC2.VPC.main", select(2, p:csorun "state list --stack spin"), 1, true)
    end)
  end)

  it("is interrupted by one Ctrl-C", function()
    world.run({ files = { ["spin.lua"] = SPIN } }, function(p)
      local child = p:start { "apply", "spin.lua", "-y" }
      world.wait_for("a first call", function() return #p.calls > 0 end)
      task.sleep(0.7)
      child.kill "sigint"
      local code, out, err = child.wait()
      assert.equal(130, code, out .. err)
      assert.match("EC2.VPC.main", select(2, p:csorun "state list --stack spin"), 1, true)
    end)
  end)
end)
