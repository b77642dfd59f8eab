-- A shared state in a bucket whose service is busy, late or says too little.
local bucket = require "spec.state.bucket"
local lease = require "cso.state.remote.lease"
local objects = require "cso.state.remote.objects"
local remote = require "cso.state.remote"
local task = require "cso.task"
local uv = require "luv"

describe("a shared state in an odd bucket", function()
  local dir, client, clock

  local function store() return objects.new(client, { bucket = "b", key = "odd.db" }, clock) end

  local function take(who)
    return remote.take { store = store(), work = ("%s/%s/odd.db"):format(dir, who), create = true, now = clock, wall = clock,
      steady = clock, who = who, host = who, pid = 1, command = "apply", note = function() end }
  end

  local function record(address)
    return { address = address, type = "AWS::EC2::VPC", id = "vpc-1", declared = {}, attributes = {}, target = {},
      depends = {}, status = "ready" }
  end

  local function intend(s, address)
    return s:intend { run = "r", address = address, action = "create", service = "ec2", operation = "CreateVpc" }
  end

  local function run(fn)
    local _, e = task.run(fn)
    if e then error(type(e) == "table" and (e.traceback or e.message) or e, 0) end
  end

  before_each(function()
    dir = assert(uv.fs_mkdtemp(os.tmpname() .. "XXXXXX"))
    local time = 2000000
    clock = setmetatable({ pass = function(n) time = time + n end }, { __call = function() return time end })
    client = bucket.new(clock)
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  it("asks again where the service could not decide, and ends where it never can", function()
    run(function()
      local n = 0
      client.says = function(operation)
        n = n + 1
        if operation == "PutObject" and n % 2 == 1 then return { 409, "ConditionalRequestConflict" } end
      end
      local a = assert(take "a")
      intend(a, "x")
      a:put(record "x")
      assert(a:finish())
      a:close()
      client.says = nil
      assert.equal("vpc-1", assert(remote.read { store = store(), now = clock }):get("x").id)

      local b = assert(take "b")
      client.says = function(operation) return operation == "PutObject" and { 409, "ConditionalRequestConflict" } end
      local ok, e = task.try(intend, b, "y")
      assert.is_falsy(ok)
      assert.equal(409, e.status) -- nobody took it over: the service is busy
      ok, e = b.lease:renew()
      assert.is_nil(ok)
      assert.equal(409, e.status)
      client.says = nil
      assert(b:finish())
      b:close()
    end)
  end)

  it("writes again what a service refuses without a reason, and takes that for nobody's doing", function()
    run(function()
      local n, of = 0, 3
      client.says = function(operation)
        if operation ~= "PutObject" then return nil end
        n = n + 1
        return n % of == 0 and { 412, "PreconditionFailed" } or nil
      end
      for round = 1, 3 do
        local a = assert(take "a")
        for i = 1, 3 do
          intend(a, ("x%d-%d"):format(round, i))
          a:put(record(("x%d-%d"):format(round, i)))
        end
        assert(a.lease:renew())
        assert(a:finish())
        a:close()
      end
      assert.equal(9, #assert(remote.read { store = store(), now = clock }):resources())

      -- One that says it always is told as what it says: nobody took the lock.
      of = math.maxinteger
      local b = assert(take "b")
      of = 1
      local ok, e = task.try(intend, b, "y")
      assert.is_falsy(ok)
      assert.equal(412, e.status)
      b:put(record "y")
      ok, e = b:finish()
      assert.is_nil(ok)
      assert.not_matches("another run", e.message)
      of = math.maxinteger
      b:close()
      assert.is_nil(client.objects["odd.db.lock"])
    end)
  end)

  it("leaves no number free for a run that is taken over from, and reads what a list does not show yet", function()
    run(function()
      -- A holder with a fence of its own, so that its journal has to be sealed.
      assert(take "z"):close()
      local a = assert(take "a")
      for i = 1, 3 do intend(a, "x" .. i) end
      clock.pass(lease.TTL * lease.PATIENCE + 1)
      local list = getmetatable(client).__index
      -- The list is late by two objects of the journal; a seal is answered with "busy" once.
      local late, busy = true, true
      local real = list.call
      client.call = function(self, operation, params, ...)
        if operation == "PutObject" and params.Body == "sealed\n" and busy then
          busy = false
          client.says = function() return { 409, "ConditionalRequestConflict" } end
          local out, e = real(self, operation, params, ...)
          client.says = nil
          return out, e
        end
        local out, e, meta = real(self, operation, params, ...)
        if late and operation == "ListObjectsV2" and params.Prefix:match "journal" then
          table.sort(out.Contents, function(one, other) return one.Key < other.Key end)
          for _ = 1, 2 do out.Contents[#out.Contents] = nil end
        end
        return out, e, meta
      end
      local b = assert(take "b")
      local found = {}
      for i, call in ipairs(b:calls_of "r") do found[i] = call.address end
      assert.same({ "x1", "x2", "x3" }, found)
      local ok, e = task.try(intend, a, "x4")
      assert.is_falsy(ok)
      assert.equal("lease_lost", e.code)
      b:close()
    end)
  end)

  it("is refused where a service does not say what it has written", function()
    run(function()
      local put = client.call
      client.call = function(self, operation, params, ...)
        local out, e, meta = put(self, operation, params, ...)
        if operation == "PutObject" and out then out = {} end
        return out, e, meta
      end
      local s, e = take "a"
      assert.is_nil(s)
      assert.equal("no_conditions", e.code)
    end)
  end)
end)
