-- A state that teams share: who may write, what is in the bucket when, and what is left when
-- somebody dies, sleeps or loses the network.
local bucket = require "spec.state.bucket"
local lease = require "cso.state.remote.lease"
local lfs = require "lfs"
local objects = require "cso.state.remote.objects"
local remote = require "cso.state.remote"
local segments = require "cso.state.remote.segments"
local snapshot = require "cso.state.remote.snapshot"
local state = require "cso.state"
local task = require "cso.task"
local run = require "spec.support.in_task"

describe("a shared state", function()
  local dir, client, clock, notes

  -- One machine of the team: a folder of its own. Opens it there.
  local function take(machine, more)
    local opts = { store = objects.new(client, { bucket = "b", key = "team.db" }, clock),
      work = ("%s/%s/remote/team.db"):format(dir, machine), create = true, now = clock, wall = clock, steady = clock,
      who = machine, host = machine, pid = 1, command = "apply", note = function(text) notes[#notes + 1] = text end }
    for k, v in pairs(more or {}) do opts[k] = v end
    return remote.take(opts)
  end

  local function look()
    return remote.read { store = objects.new(client, { bucket = "b", key = "team.db" }, clock), now = clock }
  end

  local function record(address, id)
    return { address = address, type = "AWS::EC2::VPC", id = id or "vpc-1", declared = {}, attributes = {}, target = {},
      depends = {}, status = "ready" }
  end

  local function intend(s, address)
    return s:intend { run = "r", address = address, action = "create", service = "ec2", operation = "CreateVpc" }
  end

  local function intents()
    local s = assert(look())
    local list = {}
    for i, call in ipairs(s:calls_of "r") do list[i] = call.address end
    s:close()
    return list
  end

  -- What a kill leaves: the working copy's lock is free, everything else as it was.
  local function die(s)
    s.own.close(s)
    s.box:close()
  end

  before_each(function()
    dir = os.tmpname()
    os.remove(dir)
    assert(lfs.mkdir(dir))
    local time = 1000000
    clock = setmetatable({ pass = function(n) time = time + n end }, { __call = function() return time end })
    client = bucket.new(clock)
    notes = {}
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  it("is what the last run saved, on every machine", function()
    run(function()
      local a = assert(take "a")
      a:put(record "x")
      a:advance()
      assert(a:finish())
      a:close()
      local b = assert(take "b")
      assert.equal("vpc-1", b:get("x").id)
      assert.equal(a.lineage, b.lineage)
      b:close()
      local s = assert(look())
      assert.equal(1, #s:resources())
      s:close()
      assert.is_nil(client.objects["team.db.lock"])
    end)
  end)

  it("has one writer, and says who", function()
    run(function()
      local a = assert(take "a")
      local b, e = take "b"
      assert.is_nil(b)
      assert.equal("locked", e.class)
      assert.matches("apply by a", e.message, 1, true)
      assert.matches("csorun unlock " .. a.lease.id, e.hint, 1, true)
      a:close()
      assert(take "b"):close()
    end)
  end)

  it("has every intent in the bucket before it returns; those of one moment share a write", function()
    run(function()
      local a = assert(take "a")
      client.pause = function() task.sleep(0.002) end
      local before = client.puts
      task.map({ 1, 2, 3, 4, 5, 6, 7, 8 }, function(i)
        intend(a, "x" .. i)
        local found = false
        for _, address in ipairs(intents()) do found = found or address == "x" .. i end
        assert.is_true(found)
      end)
      assert.is_true(client.puts - before <= 2, "puts: " .. client.puts - before)
      a:close()
    end)
  end)

  it("is gone on with on another machine when its holder is silent for long enough", function()
    run(function()
      local a = assert(take "a")
      intend(a, "x")
      die(a)
      clock.pass(lease.TTL * lease.PATIENCE - 1)
      local b, e = take "b"
      assert.is_nil(b)
      assert.matches("may be taken over", e.hint, 1, true)
      clock.pass(2)
      b = assert(take "b")
      assert.matches("is taken over: it was silent", notes[1], 1, true)
      assert.equal("x", b:calls_of("r")[1].address)
      assert.is_true(b.lease.fence > a.lease.fence)
      assert(b:finish())
      b:close()
      assert.same({ "x" }, intents())
    end)
  end)

  it("is taken from nobody where the service does not tell the time", function()
    run(function()
      intend(assert(take "a"), "x")
      client.timeless = true
      clock.pass(lease.TTL * lease.PATIENCE * 10)
      local b, e = take "b"
      assert.is_nil(b)
      assert.equal("locked", e.code)
      assert.matches("csorun unlock", e.hint, 1, true)
      client.timeless = nil
    end)
  end)

  it("is gone on with at once on the machine whose run died, from what that one knew last", function()
    run(function()
      local a = assert(take "a")
      intend(a, "x")
      a:put(record("x", "vpc-7")) -- written here, not yet sent
      die(a)
      local b = assert(take "a")
      assert.equal("vpc-7", b:get("x").id)
      assert.matches("its process on this machine is gone", notes[1], 1, true)
      assert(b:finish())
      b:close()
      local s = assert(look())
      assert.equal("vpc-7", s:get("x").id)
      s:close()
    end)
  end)

  it("refuses everything from a holder that slept while another took over", function()
    run(function()
      local a = assert(take "a")
      intend(a, "x")
      clock.pass(lease.TTL * lease.PATIENCE + 1)
      local b = assert(take "b")
      -- Even one that does not look at its clock runs into the seal.
      a.lease.is_fresh = function() return true end
      local ok, e = task.try(intend, a, "late")
      assert.is_false(ok)
      assert.equal("lease_lost", e.code)
      local saved
      saved, e = a:save()
      assert.is_nil(saved)
      assert.equal("lease_lost", e.code)
      b:put(record "theirs")
      b:advance()
      assert(b:finish())
      b:close()
      local done
      done, e = a:finish()
      assert.is_nil(done)
      assert.equal("locked", e.class)
      local kept = e.message:match "is in (%S+)"
      assert.is_truthy(kept and lfs.attributes(kept), e.message)
      a:close()
      assert.same({ "x" }, intents())
      local s = assert(look())
      assert.is_truthy(s:get "theirs")
      s:close()
    end)
  end)

  it("notices on waking up that it was taken over, and writes nothing", function()
    run(function()
      local a = assert(take "a")
      clock.pass(lease.TTL * lease.PATIENCE + 1)
      assert(take "b"):close()
      local puts = client.puts
      local ok, e = task.try(intend, a, "late")
      assert.is_false(ok)
      assert.equal("lease_lost", e.code)
      assert.match("was taken over by b while this run was silent, and that run has ended: it wrote serial", e.message, 1, true)
      assert.equal(puts, client.puts)
      a:close()
    end)
  end)

  it("says that somebody removed its lock where nobody took it over", function()
    run(function()
      local a = assert(take "a")
      assert(remote.unlock(a.objects, a.lease.id))
      clock.pass(lease.TTL + 1)
      local ok, e = task.try(intend, a, "late")
      assert.is_false(ok)
      assert.match("the lock of s3://b/team.db was removed by somebody", e.message, 1, true)
      a:close()
    end)
  end)

  it("keeps its lease through a silence that nobody used", function()
    run(function()
      local a = assert(take "a")
      clock.pass(lease.TTL * 10)
      assert.is_false(a.lease:is_fresh())
      intend(a, "x")
      assert.is_true(a.lease:is_fresh())
      a:close()
    end)
  end)

  it("renews its lease while it works", function()
    run(function()
      local a = assert(take "a")
      local tender = task.spawn(function()
        a:tend(function()
          clock.pass(lease.EVERY)
          task.sleep(0.001)
        end)
      end)
      task.sleep(0.05)
      assert.is_true(a.lease.beats > 3)
      local _, e = take "b"
      assert.equal("locked", e.code)
      tender:cancel "enough"
      a:close()
    end)
  end)

  it("takes its own writes for its own when their answers are lost", function()
    run(function()
      for _, what in ipairs { "%.lock$", "%.journal", "team%.db$" } do
        client.lose = what
        local a = assert(take "a")
        if what ~= "%.lock$" then client.lose = what end
        intend(a, what)
        a:put(record(what))
        assert(a.lease:renew())
        a:advance()
        assert(a:finish())
        a:close()
        assert.is_nil(client.lose)
      end
      local s = assert(look())
      assert.equal(3, #s:resources())
      s:close()
    end)
  end)

  it("stays in a file when the bucket can't be reached, and the next run here brings it there", function()
    run(function()
      local a = assert(take "a")
      a:put(record "x")
      a:advance()
      client.down = true
      local ok, e = a:finish()
      assert.is_nil(ok)
      local kept = e.message:match "is in (%S+)"
      assert.matches("csorun state push " .. kept, e.hint, 1, true)
      local s = assert(state.open { path = kept })
      assert.equal(1, #s:resources())
      s:close()
      a:close()
      client.down = false
      local b = assert(take "a")
      assert.equal("vpc-1", b:get("x").id)
      assert(b:finish())
      b:close()
    end)
  end)

  it("is refused where a bucket ignores conditions", function()
    run(function()
      for _, ignores in ipairs { { none = true }, { match = true }, { none = true, match = true } } do
        client.ignores = ignores
        local a, e = take "a"
        assert.is_nil(a)
        assert.equal("no_conditions", e.code)
        assert.matches(ignores.none and "If%-None%-Match" or "If%-Match", e.message)
        assert.is_nil(client.objects["team.db"])
        assert.is_nil(next(client.objects), "something was left")
      end
    end)
  end)

  it("is unlocked by its id only, and then its run is over", function()
    run(function()
      local a = assert(take "a")
      intend(a, "x")
      local store = a.objects
      local held, e = remote.unlock(store, "nonsense")
      assert.is_nil(held)
      assert.equal("wrong_lock", e.code)
      assert.equal("a", assert(remote.unlock(store, a.lease.id)).who)
      assert.is_false((remote.unlock(store, a.lease.id)))
      local ok
      ok, e = task.try(intend, a, "late")
      assert.is_false(ok)
      assert.equal("lease_lost", e.code)
      local b = assert(take "b")
      assert.equal("x", b:calls_of("r")[1].address)
      assert.equal(1, #b:calls_of "r")
      b:close()
      die(a)
    end)
  end)

  it("is over for a silent run, too, when the one that took its lock over died at once and is unlocked", function()
    run(function()
      local a = assert(take "a")
      intend(a, "x")
      clock.pass(lease.TTL * lease.PATIENCE + 1)
      local store = objects.new(client, { bucket = "b", key = "team.db" }, clock)
      local b = assert(lease.take(store, { who = "b", command = "apply", wall = clock, steady = clock }))
      assert(remote.unlock(store, b.id))
      assert(take "c"):close()
      -- The silent one had looked at its clock before it fell asleep: only the seal keeps it from writing.
      local ok, e = segments.write(store, a.lease.fence, a.segment + 1, "more")
      assert.is_nil(ok)
      assert.equal("lease_lost", e.code)
      die(a)
    end)
  end)

  it("refuses a snapshot or a journal that is damaged, and one that has a hole", function()
    run(function()
      local a = assert(take "a")
      for i = 1, 3 do intend(a, "x" .. i) end
      die(a)
      local function object(i) return ("team.db.journal/00000001/%08d"):format(i) end
      local second = client.objects[object(2)]
      client.objects[object(2)] = nil
      local s, e = look()
      assert.is_nil(s)
      assert.equal("corrupt_changes", e.code)
      client.objects[object(2)] = setmetatable({ Body = second.Body:sub(1, -70) }, { __index = second })
      s, e = look()
      assert.is_nil(s)
      assert.equal("corrupt_changes", e.code)
      client.objects[object(2)] = second
      assert.same({ "x1", "x2", "x3" }, intents())
      local whole = client.objects["team.db"]
      client.objects["team.db"] = setmetatable({ Body = whole.Body:gsub("lineage", "linkage") }, { __index = whole })
      s, e = look()
      assert.is_nil(s)
      assert.equal("corrupt_state", e.code)
    end)
  end)

  it("makes nothing of a journal but changes of a state", function()
    run(function()
      local a = assert(take "a")
      a.db.list[1] = { "ATTACH DATABASE '/tmp/csorun-must-not-be' AS x", 0 }
      task.try(intend, a, "x")
      die(a)
      local s, e = look()
      assert.is_nil(s)
      assert.equal("corrupt_changes", e.code)
    end)
  end)

  it("keeps so many earlier snapshots and no more", function()
    run(function()
      for i = 1, snapshot.KEEP + 3 do
        local a = assert(take "a")
        a:put(record("x" .. i))
        a:advance()
        assert(a:finish())
        a:close()
      end
      local store = objects.new(client, { bucket = "b", key = "team.db" }, clock)
      local list = assert(snapshot.versions(store))
      assert.equal(snapshot.KEEP, #list)
      assert.equal(snapshot.KEEP + 3, list[1].serial)
      assert.equal("SQLite format 3", assert(snapshot.of_version(store, list[5])):sub(1, 15))
    end)
  end)
end)
