-- What happens to a state's file and must not lead to a crash, nor to a state that looks empty.
local fs = require "cso.std.fs"
local lfs = require "lfs"
local sqlite = require "cso.std.sqlite"
local state = require "cso.state"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local upgrade = require "cso.state.upgrade"

local RECORDS = 12

-- The state as the first format had it.
local OLDEN = [[DROP TRIGGER resources_in; DROP TRIGGER resources_out; DROP TRIGGER resources_over; DROP TABLE tally;
  DROP TABLE undo; ALTER TABLE runs DROP COLUMN facts; ALTER TABLE runs DROP COLUMN nth;
  ALTER TABLE resources DROP COLUMN sum; DELETE FROM meta WHERE key = 'check'; PRAGMA user_version = 1]]

describe("a damaged state", function()
  local dir, path, whole

  local function open(opts)
    opts = opts or {}
    return state.open { path = opts.path or path, create = opts.create, write = opts.write, now = function() return 1000 end }
  end

  local function write(bytes, to)
    local f = assert(io.open(to or path, "wb"))
    f:write(bytes)
    f:close()
  end

  local function clean()
    for name in lfs.dir(dir) do
      if name ~= "." and name ~= ".." then os.remove(dir .. "/" .. name) end
    end
  end

  -- Everything a plan reads.
  local function read_all(s)
    local list = s:resources()
    s:expected()
    s:outputs()
    s:evidence "step"
    s:durations()
    s:runs()
    return list
  end

  -- Opens and reads; nil and the error, or the number of records and whether they are as written.
  local function look()
    local s, e = open { create = true }
    if not s then return nil, e end
    local ok, list = pcall(read_all, s)
    s:close()
    if not ok then return nil, list end
    for i, r in ipairs(list) do
      if r.id ~= "vpc-" .. r.address:match "%d+$" then return #list, ("record %d differs"):format(i) end
    end
    return #list
  end

  setup(function()
    dir = os.tmpname()
    os.remove(dir)
    assert(lfs.mkdir(dir))
    path = dir .. "/stack.db"
    local s = assert(open { create = true })
    for i = 1, RECORDS do
      s:put { address = "EC2.VPC.n" .. i, type = "AWS::EC2::VPC", id = "vpc-" .. i, declared = { CidrBlock = "10.0.0.0/16" },
        attributes = { VpcId = "vpc-" .. i }, target = {}, depends = {}, status = "ready" }
    end
    s:set_outputs { vpc = "vpc-1" }
    s:set_evidence("step", "r", { ok = true })
    local run = s:begin_run { command = "apply", who = "ann" }
    s:end_run(run, { counts = { create = RECORDS } })
    s:advance()
    assert(s.db:exec "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")
    s:close()
    whole = fs.read(path)
  end)

  before_each(function()
    clean()
    write(whole)
  end)

  teardown(function()
    clean()
    lfs.rmdir(dir)
  end)

  it("is refused when it was cut off, wherever", function()
    for cut = 0, #whole - 1, 61 do
      write(whole:sub(1, cut))
      local n, e = look()
      assert.is_nil(n, "taken after a cut at " .. cut)
      assert.equal("corrupt_state", e.code)
      assert.matches("stack.db", e.message, 1, true)
      assert.equal(cut, lfs.attributes(path, "size"), "the damaged file was touched")
    end
  end)

  it("is refused or whole after any bit was flipped", function()
    math.randomseed(7)
    local noticed = 0
    for _ = 1, 1000 do
      local at, bit = math.random(#whole), math.random(0, 7)
      write(whole:sub(1, at - 1) .. string.char(whole:byte(at) ~ (1 << bit)) .. whole:sub(at + 1))
      os.remove(path .. "-wal")
      local n, e = look()
      if n then
        assert.equal(RECORDS, n, ("bit %d of byte %d"):format(bit, at))
        assert.is_nil(e, ("bit %d of byte %d"):format(bit, at))
      else
        noticed = noticed + 1
        assert.is_string(type(e) == "table" and e.code, ("bit %d of byte %d: %s"):format(bit, at, tostring(e)))
        assert.is_not.equal("internal", e.class, ("bit %d of byte %d: %s"):format(bit, at, tostring(e)))
      end
    end
    assert.is_true(noticed > 0)
  end)

  it("is refused when it is full of NULs, in whole or from some page on", function()
    for from = 0, #whole - 1, 4096 do
      write(whole:sub(1, from) .. ("\0"):rep(#whole - from))
      local n, e = look()
      assert.is_nil(n, "NULs from " .. from)
      assert.equal("corrupt_state", e.code)
    end
  end)

  it("names the copy and the command that puts it back", function()
    write(whole, path .. ".backup")
    write "nonsense"
    local _, e = open()
    assert.matches("state push " .. path .. ".backup", e.hint, 1, true)
  end)

  it("is not begun anew when it is missing and its backup is there", function()
    write(whole, path .. ".backup")
    os.remove(path)
    local s, e = open { create = true }
    assert.is_nil(s)
    assert.equal("lost_state", e.code)
    assert.matches(RECORDS .. " resources", e.message, 1, true)
    os.remove(path .. ".backup")
    assert(open { create = true }):close()
  end)

  it("is not begun anew when it is missing and the log of a killed run is there", function()
    local s = assert(open())
    s:set_outputs { vpc = "vpc-2" }
    local log = fs.read(path .. "-wal")
    s:close()
    os.remove(path)
    write(log, path .. "-wal")
    local none, e = open { create = true }
    assert.is_nil(none)
    assert.equal("lost_state", e.code)
    assert.matches("remove " .. path .. "-wal", e.hint, 1, true)
    os.remove(path .. "-wal")
    s = assert(open { create = true })
    assert.equal(0, #s:resources())
    s:close()
  end)

  it("is never a directory, a pipe or a link to nothing", function()
    os.remove(path)
    assert(lfs.mkdir(path))
    local _, e = open { create = true }
    assert.matches("it is a directory", e.message)
    lfs.rmdir(path)
    assert(os.execute("mkfifo " .. path))
    _, e = open { create = true }
    assert.matches("it is a pipe", e.message)
    os.remove(path)
    assert(lfs.link(dir .. "/nowhere", path, true))
    _, e = open { create = true }
    assert.equal("corrupt_state", e.code)
    assert.is_nil(lfs.attributes(dir .. "/nowhere"))
  end)

  it("may be a link; lock and backup lie beside the file", function()
    os.rename(path, dir .. "/real.db")
    assert(lfs.link(dir .. "/real.db", path, true))
    local s = assert(open())
    assert.equal(RECORDS, #s:resources())
    assert.matches("/real.db$", s.path)
    s:close()
  end)

  it("warns of one that others may write", function()
    stat.chmod(path, 438) -- 0666
    local s = assert(open())
    assert.equal("state_exposed", s.warning.code)
    s:close()
    stat.chmod(path, 384)
    s = assert(open())
    assert.is_nil(s.warning)
    s:close()
  end)

  it("is upgraded from an older format, and kept as it was", function()
    local s = assert(open())
    assert(s.db:exec(OLDEN))
    s:close()
    s = assert(open())
    assert.equal(RECORDS, #s:resources())
    s:put { address = "EC2.VPC.n99", type = "AWS::EC2::VPC", id = "vpc-99", declared = {}, attributes = {}, target = {},
      depends = {}, status = "ready" }
    s:advance()
    s:close()
    assert.equal(RECORDS + 1, (look()))
    assert.is_truthy(lfs.attributes(path .. ".format1"))
  end)

  it("is upgraded once by who come at the same time", function()
    local s = assert(open())
    assert(s.db:exec(OLDEN))
    s:close()
    local one, other = assert(sqlite.open(path)), assert(sqlite.open(path))
    for _, db in ipairs { one, other } do assert.equal(1, db:one("PRAGMA user_version").user_version) end
    for _, db in ipairs { one, other } do assert(upgrade.run(db, path)) end
    one:close()
    other:close()
    assert.equal(RECORDS, (look()))
    local copy = assert(sqlite.open(path .. ".format1", { readonly = true }))
    assert.equal(1, copy:one("PRAGMA user_version").user_version)
    copy:close()
  end)

  it("can be read where nothing can be written", function()
    if unistd.getuid and unistd.getuid() == 0 then
      -- Permissions don't bind root; a child that is nobody stands in.
      stat.chmod(dir, 365) -- 0555
      stat.chmod(path, 292) -- 0444
      local bin = require("luv").exepath()
      local script = os.tmpname()
      write(([[local state = require "cso.state"
        local s = assert(state.open { path = %q })
        io.write(#s:resources(), " ")
        s:close()
        local none, e = state.open { path = %q, write = true }
        io.write(tostring(none), " ", e.code)]]):format(path, path), script)
      stat.chmod(script, 420) -- 0644
      local pipe = io.popen(("setpriv --reuid=65534 --regid=65534 --clear-groups %s %s 2>&1"):format(bin, script))
      local text = pipe:read "a"
      pipe:close()
      os.remove(script)
      stat.chmod(dir, 448)
      stat.chmod(path, 384)
      if text:match "Permission denied" and not text:match "^%d" then return pending "nobody may not run this program" end
      assert.equal(RECORDS .. " nil state_permission", text)
    else
      stat.chmod(dir, 365)
      stat.chmod(path, 292)
      local s = open()
      local none, e = open { write = true }
      stat.chmod(dir, 448)
      stat.chmod(path, 384)
      assert.equal(RECORDS, #s:resources())
      s:close()
      assert.is_nil(none)
      assert.equal("state_permission", e.code)
    end
  end)
end)
