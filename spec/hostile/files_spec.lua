--- Files made to cost their reader much, given to the binary where people give theirs: one error that
--- names the file, in bounded memory.
local task = require "cso.task"
local watched = require "spec.support.watched"

local MOST = 256 -- MiB
local directory

local function write(name, text)
  local file = assert(io.open(directory .. "/" .. name, "wb"))
  file:write(text)
  file:close()
end

setup(function()
  directory = os.tmpname()
  os.remove(directory)
  assert(require("lfs").mkdir(directory))
  write("p.lua", 'local cso = require "cso"\nlocal env = cso.env()\ncso.output { a = env.a }\n')
end)

teardown(function() os.execute(("rm -rf '%s'"):format(directory)) end)

local function run(args, env)
  local outcome
  local _, e = task.run(function() outcome = watched.run(args, { cwd = directory, env = env, limit = 60 }) end)
  assert.is_nil(e)
  return outcome
end

local function refused(outcome, what)
  assert.is_true(outcome.ended, what)
  assert.equal(3, outcome.code, what .. ": " .. outcome.err:sub(1, 300))
  assert.is_nil(outcome.err:find("internal", 1, true))
  assert.is_true(#outcome.err < 4000, what .. ": the message is as long as the file")
  assert.is_true(outcome.peak < MOST, ("%s: %.0f MiB"):format(what, outcome.peak))
end

local function bomb()
  local lines = { "a: &a [x,x,x,x,x,x,x,x,x,x]" }
  for i = 1, 9 do
    lines[#lines + 1] = ("%s: &%s [%s]"):format(string.char(97 + i), string.char(97 + i),
      (("*" .. string.char(96 + i) .. ","):rep(10)))
  end
  return table.concat(lines, "\n") .. "\n"
end

describe("a file of values", function()
  local texts = {
    ["aliases that multiply"] = bomb,
    ["a million levels"] = function() return ("["):rep(1000000) end,
    ["a giant scalar"] = function() return 'a: "' .. ("x"):rep(100 * 1024 * 1024) .. '"\n' end,
    ["a million keys"] = function()
      local lines = {}
      for i = 1, 1000000 do lines[i] = ("key%d: 1"):format(i) end
      return table.concat(lines, "\n")
    end,
    ["keys that come twice"] = function() return "a: 1\na: 2\n" end,
    ["bytes that are no text"] = function() return "a: \255\254\n" end,
    ["zero bytes"] = function() return "a: b\0c\n" end,
  }
  for name, text in pairs(texts) do
    it("may not hold " .. name, function()
      write("env.yaml", text())
      refused(run { "--sim", "plan", "p.lua", "--env", "./env.yaml" }, name)
    end)
  end

  it("may have a byte order mark", function()
    write("env.yaml", "\239\187\191a: 1\n")
    local outcome = run { "--sim", "plan", "p.lua", "--env", "./env.yaml" }
    assert.equal(0, outcome.code, outcome.err)
  end)
end)

describe("a file without an end", function()
  it("is refused as values, as a playbook, as AWS's configuration", function()
    refused(run { "--sim", "plan", "p.lua", "--env", "/dev/zero" }, "values")
    refused(run { "--sim", "plan", "/dev/zero" }, "playbook")
    refused(run({ "exec", "sts.GetCallerIdentity" }, { AWS_CONFIG_FILE = "/dev/zero" }), "configuration")
    refused(run({ "exec", "sts.GetCallerIdentity" }, { AWS_SHARED_CREDENTIALS_FILE = "/dev/zero" }), "credentials")
  end)
end)
