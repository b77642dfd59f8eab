local fs = require "cso.std.fs"
local lfs = require "lfs"
local state = require "cso.state"
local value = require "cso.std.value"

local dir, path

local function fresh()
  dir = os.tmpname()
  os.remove(dir)
  assert(lfs.mkdir(dir))
  path = dir .. "/stack.db"
end

local function sweep()
  for name in lfs.dir(dir) do
    if name ~= "." and name ~= ".." then os.remove(dir .. "/" .. name) end
  end
  lfs.rmdir(dir)
end

local function open(create)
  return state.open { path = path, create = create, now = function() return 1000 end }
end

local function record(fields)
  local r = { address = "EC2.VPC.main", type = "AWS::EC2::VPC", id = "vpc-1", declared = { CidrBlock = "10.0.0.0/16" },
    attributes = { VpcId = "vpc-1" }, target = { region = "eu-west-2" }, depends = {}, status = "ready" }
  for k, v in pairs(fields or {}) do r[k] = v end
  return r
end

local function write(text)
  local f = assert(io.open(path, "wb"))
  f:write(text)
  f:close()
end

describe("state", function()
  before_each(fresh)
  after_each(sweep)

  it("says that there is none, and makes none by looking", function()
    local s, e = open(false)
    assert.is_nil(s)
    assert.equal("no_state", e.code)
    assert.is_nil(lfs.attributes(path))
  end)

  it("keeps resources, outputs and what is expected", function()
    local s = assert(open(true))
    s:put(record())
    s:set_outputs { vpc = "vpc-1", n = 3 }
    s:expect { address = "EC2.Subnet.a", run = "r1", token = "t1", intent = { type = "AWS::EC2::Subnet" } }
    s:close()
    s = assert(open(false))
    assert.same(record(), s:get("EC2.VPC.main"))
    assert.same({ vpc = "vpc-1", n = 3 }, s:outputs())
    assert.equal("t1", s:expected()["EC2.Subnet.a"].token)
    s:account_for("EC2.Subnet.a")
    assert.same({}, s:expected())
    assert.is_true(s:remove("EC2.VPC.main"))
    assert.is_false(s:remove("EC2.VPC.main"))
    s:close()
  end)

  it("counts the age of what was made from when its call came back", function()
    local time = 1000
    local s = state.memory(function() return time end)
    local seq = s:intend { run = "r", address = "a", action = "create", service = "ec2", operation = "CreateVpc" }
    s:intend { run = "r", address = "b", action = "create", service = "ec2", operation = "CreateVpc" }
    time = 1060
    s:settle(seq, "done", "vpc-1")
    time = 1062
    assert.same({ a = 2 }, s:young(4))
    assert.same({ a = 2, b = 62 }, s:young(120))
    s:close()
  end)

  it("dates an open creation by the last that its run was heard of", function()
    local time = 1000
    local s = state.memory(function() return time end)
    local function expect(run) s:expect { address = "a", run = run, token = "t", intent = { type = "T" } } end
    expect "r1"
    time = 2000
    expect "r2"
    assert.equal(2000, s:expected().a.at)
    time = 2030
    s:settle(s:intend { run = "r2", address = "b", action = "create", service = "ec2", operation = "CreateVpc" }, "done")
    s:intend { run = "r3", address = "c", action = "update", service = "ec2", operation = "ModifyVpcAttribute" }
    time = 2100
    assert.equal(2030, s:expected().a.at)
    s:close()
  end)

  it("belongs to its owner alone", function()
    assert(open(true)):close()
    assert.equal("rw-------", lfs.attributes(path, "permissions"))
  end)

  it("holds no secret, only what tells two apart", function()
    local s = assert(open(true))
    local marked = "correct-horse-battery"
    s:put(record { attributes = { value = value.secret(marked, { origin = { address = "p", path = "value" } }) } })
    s:set_outputs { password = value.secret(marked) }
    s:close()
    for name in lfs.dir(dir) do
      local text = name:match("^stack") and fs.read(dir .. "/" .. name) or ""
      assert.is_nil(text:find(marked, 1, true), name)
    end
    s = assert(open(false))
    local kept = s:get("EC2.VPC.main").attributes.value
    assert.is_true(value.is_secret(kept))
    assert.is_false(value.secret_info(kept).known)
    assert.same({ address = "p", path = "value" }, value.secret_info(kept).origin)
    assert.is_true(value.same_secret(kept, value.secret(marked)))
    assert.is_false(value.same_secret(kept, value.secret("another")))
    s:close()
  end)

  it("refuses what is empty, foreign, newer or broken, and says which file", function()
    write("")
    local s, e = open(true)
    assert.is_nil(s)
    assert.equal("corrupt_state", e.code)
    write(("no database at all "):rep(100))
    s, e = open(true)
    assert.is_nil(s)
    assert.matches("stack.db", e.message, 1, true)
    os.remove(path)
    s = assert(open(true))
    assert(s.db:exec("PRAGMA user_version = 99"))
    s:close()
    s, e = open(true)
    assert.is_nil(s)
    assert.equal("newer_state", e.code)
    os.remove(path)
    local foreign = assert(require("cso.std.sqlite").open(path))
    assert(foreign:exec("CREATE TABLE x (y)"))
    foreign:close()
    s, e = open(true)
    assert.is_nil(s)
    assert.equal("corrupt_state", e.code)
  end)

  it("never takes a cut-off file for an empty state", function()
    local s = assert(open(true))
    for i = 1, 40 do s:put(record { address = "EC2.VPC.n" .. i }) end
    assert(s.db:exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE"))
    s:close()
    local whole = fs.read(path)
    for cut = 0, #whole - 1, 331 do
      write(whole:sub(1, cut))
      local opened, e = open(true)
      if opened then
        local ok, list = pcall(opened.resources, opened)
        assert.is_true(not ok or #list > 0, "an empty state after a cut at " .. cut)
        opened:close()
      else
        assert.is_truthy(e.message)
      end
    end
  end)

  it("lets one write and tells the other who", function()
    local a = assert(open(true))
    local lock = assert(a:lock { command = "apply", who = "somebody@here", pid = 1 })
    local b = assert(open(false))
    local second, e = b:lock { command = "apply", who = "another", pid = 2 }
    if second then
      -- Locks of one process may be shared by the operating system; two processes are judged in
      -- the scenario specs.
      second.close()
    else
      assert.equal("locked", e.class)
      assert.matches("somebody@here", e.message, 1, true)
    end
    lock.close()
    assert(b:lock { command = "apply", who = "another", pid = 2 }).close()
    a:close()
    b:close()
  end)

  it("holds no lock that it could not write down", function()
    local s = assert(open(true))
    local db = s.db
    s.db = setmetatable({ run = function() return nil, { code = "full", message = "database or disk is full" } end,
      one = function(_, ...) return db:one(...) end }, { __index = db })
    local ok, e = pcall(s.lock, s, { command = "apply", who = "somebody@here", pid = 1 })
    assert.is_false(ok)
    assert.matches("disk is full", e.message, 1, true)
    s.db = db
    assert(s:lock { command = "apply", who = "somebody@here", pid = 1 }).close()
    s:close()
  end)

  it("keeps a copy of itself as it was before the last run, and names it when it is needed", function()
    local s = assert(open(true))
    s:put(record())
    s:advance()
    assert(s:backup())
    s:put(record { id = "vpc-2" })
    assert(s:backup())
    s:put(record { id = "vpc-3" })
    s:close()
    assert.equal("rw-------", lfs.attributes(path .. ".backup", "permissions"))
    write("damaged")
    local _, e = open(true)
    assert.is_truthy(e.hint:find(path .. ".backup", 1, true))
    os.remove(path)
    assert(os.rename(path .. ".backup", path))
    s = assert(open(false))
    assert.equal("vpc-2", s:get("EC2.VPC.main").id)
    s:close()
  end)

  it("undoes all of a change that fails half-way", function()
    local s = assert(open(true))
    assert.has_error(function()
      s:together(function()
        s:put(record())
        error("no", 0)
      end)
    end)
    assert.is_nil(s:get("EC2.VPC.main"))
    s:close()
  end)
end)
