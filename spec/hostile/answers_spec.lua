--- Servers that answer what no service would: each call ends with one clear error, in bounded memory.
local behaviours = require "spec.support.behaviours"
local deep = require "cso.std.deep"
local raw = require "spec.support.raw_server"
local task = require "cso.task"
local watched = require "spec.support.watched"

local MOST = 256 -- MiB that the process may have

-- Runs a call against a behaviour; fails when a task of ours fails.
local function meet(behave, operation, env)
  local outcome, server
  local _, e = task.run(function()
    server = raw.listen(behave)
    local changes = { AWS_ENDPOINT_URL = server.url, AWS_MAX_ATTEMPTS = "1" }
    for k, v in pairs(env or {}) do changes[k] = v end
    outcome = watched.run({ "exec", operation }, { env = changes })
    server.close()
  end)
  assert.is_nil(e)
  assert.is_nil(server.failure)
  return outcome, server
end

local function ends_well(outcome, what)
  assert.is_true(outcome.ended, what .. ": it had to be stopped")
  assert.equal(0, outcome.signal, what)
  assert.is_true(outcome.peak < MOST, ("%s: %.0f MiB"):format(what, outcome.peak))
  assert.is_nil(outcome.err:find("internal", 1, true), outcome.err)
  assert.is_nil(outcome.err:find("traceback", 1, true), outcome.err)
end

local function fails_clearly(outcome, what)
  ends_well(outcome, what)
  assert.equal(1, outcome.code, what .. ": " .. outcome.err)
  assert.equal("", outcome.out, what)
  assert.equal(1, select(2, outcome.err:gsub("error: ", "")), outcome.err)
  assert.matches("^error: %w+%.%w+: ", outcome.err)
end

local operations = { broken = "ec2.DescribeVpcs", large = "ec2.DescribeVpcs", xml = "ec2.DescribeVpcs",
  json = "dynamodb.ListTables" }

-- What is odd, but has a meaning.
local harmless = { ["a million attributes"] = true, ["a million members"] = true }

for group, operation in deep.sorted_pairs(operations) do
  describe("an answer that is " .. group, function()
    for name, behave in deep.sorted_pairs(behaviours[group]) do
      it("such as " .. name, function()
        local check = harmless[name] and ends_well or fails_clearly
        check(meet(behave, operation), name)
      end)
    end
  end)
end

describe("an answer that comes too slowly", function()
  it("is given up, and not asked for again", function()
    local outcomes, servers = {}, {}
    local names = { "a body, byte by byte", "a status line, then headers, byte by byte" }
    local _, e = task.run(function()
      task.map(names, function(name)
        local server = raw.listen(assert(behaviours.slow[name], name))
        servers[name] = server
        outcomes[name] = watched.run({ "exec", "ec2.DescribeVpcs" }, { env = { AWS_ENDPOINT_URL = server.url } })
      end)
      for _, server in pairs(servers) do server.close() end
    end)
    assert.is_nil(e)
    for _, name in ipairs(names) do
      fails_clearly(outcomes[name], name)
      assert.matches("too slow", outcomes[name].err:lower())
      assert.equal(1, servers[name].connections)
    end
  end)
end)

describe("an answer in no known language", function()
  it("is asked for three times at most", function()
    for _, name in ipairs { "garbage", "two lengths" } do
      local outcome, server = meet(behaviours.broken[name], "ec2.DescribeVpcs", { AWS_MAX_ATTEMPTS = "9" })
      fails_clearly(outcome, name)
      assert.equal(3, server.connections)
    end
  end)
end)
