-- A shared state whose snapshot somebody deleted is not taken for a new one.
local bucket = require "spec.state.bucket"
local lfs = require "lfs"
local objects = require "cso.state.remote.objects"
local remote = require "cso.state.remote"
local run = require "spec.support.in_task"

describe("a shared state that is gone from its bucket", function()
  local dir, client

  local function clock() return 1000000 end
  local function store() return objects.new(client, { bucket = "b", key = "team.db" }, clock) end
  local function work(machine) return ("%s/%s/team.db"):format(dir, machine) end

  local function take(machine, mend)
    return remote.take { store = store(), work = work(machine), create = true, mend = mend, now = clock, wall = clock,
      steady = clock, who = machine, host = machine, pid = 1, command = "apply", note = function() end }
  end

  local function saved(with)
    local s = assert(take "a")
    if with then
      s:put { address = "x", type = "AWS::EC2::VPC", id = "vpc-1", declared = {}, attributes = {}, target = {}, depends = {},
        status = "ready" }
    end
    s:advance()
    assert(s:finish())
    s:close()
    assert(store():delete "")
  end

  before_each(function()
    dir = os.tmpname()
    os.remove(dir)
    assert(lfs.mkdir(dir))
    client = bucket.new(clock)
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  it("is refused where the copy of the last run is, which is named", function()
    run(function()
      saved(true)
      for _ = 1, 2 do
        local s, e = take "a"
        assert.is_nil(s)
        assert.equal("lost_state", e.code)
        assert.match("holds 1 resources of the last run here", e.message)
        assert.match("state push " .. work "a", e.hint, 1, true)
        s, e = remote.read { store = store(), work = work "a", now = clock }
        assert.is_nil(s)
        assert.equal("lost_state", e.code)
      end
    end)
  end)

  it("is refused elsewhere by its earlier versions, until they go, too", function()
    run(function()
      saved(true)
      local s, e = take "b"
      assert.is_nil(s)
      assert.equal("lost_state", e.code)
      assert.match("state versions", e.hint)
      for _, one in ipairs(assert(store():list ".history/")) do assert(store():delete(one.tail)) end
      assert(take "b"):close()
    end)
  end)

  it("is put back by who means to", function()
    run(function()
      saved(true)
      assert(take("a", true)):close()
    end)
  end)

  it("leaves its lock to others when it is refused", function()
    run(function()
      saved(true)
      for _ = 1, 2 do
        local _, e = take "b"
        assert.equal("lost_state", e.code)
      end
      local _, e = take "c"
      assert.equal("lost_state", e.code)
    end)
  end)
end)
