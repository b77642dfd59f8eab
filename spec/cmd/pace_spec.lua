local pace = require "cso.cmd.pace"

-- A clock of which a wait is over at once, and which tells how long it was to last.
local function made(opts)
  local at, slept = 0, {}
  opts.environ = opts.environ or {}
  local p, e = pace.new(opts, function() return at end, function(seconds)
    slept[#slept + 1] = seconds
    at = at + seconds
  end)
  return p, e, slept, function(seconds) at = at + seconds end
end

local function request(url) return { url = url, headers = {} } end

describe("waits", function()
  it("are real on an account of which nothing is said", function()
    local p, _, slept = made {}
    p.sleep(30)
    assert.same({ 30 }, slept)
    assert.equal(30, p.now())
    assert.is_nil(p.before)
  end)

  it("are short where a simulated account takes no time, and go by its clock where it does", function()
    for _, case in ipairs {
      { { simulated = true }, 0.3 }, { { simulated = true, latency = "none" }, 0.3 },
      { { simulated = true, latency = "realistic" }, 30 }, { { simulated = true, speed = 40 }, 0.75 },
      { { simulated = true, latency = "realistic", environ = { CSORUN_PACE = "10" } }, 3 },
      { { simulated = true, speed = 40, environ = { CSORUN_PACE = "10" } }, 0.75 },
      { { environ = { CSORUN_PACE = "10" } }, 3 }, { { environ = { CSORUN_PACE = "" } }, 30 },
    } do
      local p, _, slept = made(case[1])
      p.sleep(30)
      assert.same({ case[2] }, slept)
      assert.near(30, p.now(), 1e-9)
    end
  end)

  it("that go on side by side end in their order, and nobody's time is added to another's", function()
    local task = require "cso.task"
    local ended = {}
    assert(task.run(function()
      local p = assert(pace.new({ simulated = true, environ = {} }, task.now, task.sleep))
      local began = p.now()
      task.map({ 3, 1, 2 }, function(seconds)
        p.sleep(seconds)
        ended[#ended + 1] = seconds
      end, { limit = 3 })
      assert.near(3, p.now() - began, 0.9)
      return true
    end))
    assert.same({ 1, 2, 3 }, ended)
  end)

  it("are told to the simulated account once, by what they were cut short", function()
    local p, _, _, pass = made { environ = { CSORUN_PACE = "10" } }
    local function told()
      local r = request "http://127.0.0.1:4566/"
      assert.is_nil(p.before(r))
      return r.headers[1] and r.headers[1][1] == pace.HEADER and tonumber(r.headers[1][2])
    end
    assert.is_nil(told())
    p.sleep(10)
    assert.equal(9, told())
    assert.is_nil(told())
    pass(100) -- what really took long is known to the account already
    assert.is_nil(told())
    p.sleep(1)
    p.sleep(1)
    assert.near(1.8, told(), 1e-9)
  end)

  it("are never cut short on an account elsewhere", function()
    local p = made { environ = { CSORUN_PACE = "10" } }
    for _, url in ipairs { "https://ec2.eu-west-2.amazonaws.com/", "https://127.0.0.1.nip.io/", "http://127.example.com/",
      "https://10.0.0.1:4566/", "https://localhost@ec2.amazonaws.com/", "https://notlocalhost/", "http://[::2]/" } do
      local e = p.before(request(url))
      assert.equal("config", e and e.class, url)
      assert.matches("CSORUN_PACE=10", e.message, 1, true)
    end
    for _, url in ipairs { "http://127.0.0.1:1/x?y=@z", "http://127.9.8.7", "http://localhost:4566/", "https://[::1]:8443/b",
      "http://bucket.localhost:4566/key", "http://LOCALHOST/" } do
      assert.is_nil(p.before(request(url)), url)
    end
  end)

  it("have no pace but a sensible number", function()
    for _, text in ipairs { "fast", "0", "-3", "0.5", "1e9", "1e999", "10x", "nan" } do
      local p, e = made { environ = { CSORUN_PACE = text } }
      assert.is_nil(p)
      assert.equal("config", e.class)
      assert.equal("CSORUN_PACE", e.where)
    end
  end)
end)
