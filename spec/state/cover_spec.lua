-- State files that are sealed: nothing readable in them, nothing in them that can be altered unseen, and
-- one whole state at any moment of becoming one.
local cover = require "cso.state.cover"
local deep = require "cso.std.deep"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local process = require "cso.task.process"
local push = require "cso.state.push"
local reseal = require "cso.state.reseal"
local sealed = require "cso.state.sealed"
local spill = require "cso.state.spill"
local sqlite = require "cso.std.sqlite"
local state = require "cso.state"
local task = require "cso.task"
local uv = require "luv"

local BIN = uv.exepath():match "^(.*)/[^/]*$" .. "/csorun"
local PAGE = 4096

local function keys(word)
  local key = hash.sha256(word)
  return { fresh = function() return { way = "spec" }, key end,
    find = function(header) return header.way == "spec" and key or nil end }
end

local A, B, NONE = sealed.new(keys "a"), sealed.new(keys "b"), sealed.new()

describe("a sealed state file", function()
  local dir, path

  before_each(function()
    dir = assert(uv.fs_mkdtemp(os.tmpname() .. "XXXXXX"))
    path = dir .. "/s.db"
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  local function read(file)
    local handle = io.open(file, "rb")
    local bytes = handle and handle:read "a"
    if handle then handle:close() end
    return bytes
  end

  local function write(file, bytes)
    local handle = assert(io.open(file, "wb"))
    handle:write(bytes)
    handle:close()
  end

  local function clean()
    for _, name in ipairs(fs.list(dir)) do
      local bytes = read(dir .. "/" .. name) or ""
      for _, word in ipairs { "findme", "CREATE TABLE", "SQLite format", "EC2.VPC" } do
        assert.is_nil(bytes:find(word, 1, true), name .. " holds " .. word)
      end
    end
  end

  local function fill(sealer, n)
    local store = assert(state.open { path = path, create = true, sealer = sealer })
    store:together(function()
      for i = 1, n or 40 do
        store:put { address = ("EC2.VPC.findme%03d"):format(i), type = "AWS::EC2::VPC", id = "vpc-findme",
          declared = { Word = ("findme"):rep(i) }, attributes = {}, target = {}, depends = {}, status = "ready" }
      end
    end)
    store:set_outputs { findme = "findme" }
    local run = store:begin_run { command = "apply", who = "findme" }
    store:intend { run = run, address = "EC2.VPC.findme", action = "create", service = "ec2", operation = "CreateVpc",
      intent = { findme = true } }
    store:advance()
    return store
  end

  local function count(sealer)
    local store <close> = setmetatable({ assert(state.open { path = path, sealer = sealer }) },
      { __close = function(t) t[1]:close() end })
    return #store[1]:resources()
  end

  it("holds nothing readable, nor does anything beside it, and comes back", function()
    local store = fill(A)
    clean() -- with its write-ahead log
    assert(store:backup())
    store:close()
    clean()
    assert.equal(40, count(A))
    assert.equal(384, fs.stat(path).mode & 511) -- 0600
  end)

  it("keeps its log readable for whoever comes after a crash", function()
    local store = fill(A)
    local bytes, log = read(path), read(path .. "-wal")
    assert.is_true(#log > 0)
    store:close()
    write(path, bytes)
    write(path .. "-wal", log)
    assert.equal(40, count(A))
    -- Torn at any place it is a shorter log, as in clear, never an error.
    for cut = 0, #log, 1021 do
      os.remove(path .. "-shm")
      write(path, bytes)
      write(path .. "-wal", log:sub(1, cut))
      local db, which = cover.open(path, A)
      assert.equal("keys", which)
      local row = db:one "PRAGMA integrity_check"
      assert.equal("ok", row.integrity_check)
      db:close()
    end
  end)

  it("says which key is missing or wrong, and is never an empty one", function()
    fill(A):close()
    local before = read(path)
    for code, sealer in pairs { sealed = NONE, wrong_key = B } do
      for _, create in ipairs { true, false } do
        local store, e = state.open { path = path, create = create, write = create, sealer = sealer }
        assert.is_nil(store)
        assert.equal(code, e.code)
      end
    end
    assert.is_true(before == read(path))
  end)

  it("notices a flipped bit in each page, pages that changed places, and those of another file", function()
    fill(A, 60):close()
    local bytes = read(path)
    local function refused(altered, what)
      write(path, altered)
      local store, e = state.open { path = path, sealer = A }
      if store then
        -- A page that nobody has to read to open it: whoever reads it is told.
        local ok, why = pcall(function()
          store:resources()
          store:outputs()
          store.must(store.db:check())
        end)
        store:close()
        assert.is_false(ok, what)
        e = why
      end
      assert.is_true(e.code == "corrupt_state" or e.code == "altered_seal" or e.code == "wrong_key", what .. ": " .. e.code)
      assert.equal("config", e.class)
    end
    local pages = #bytes // PAGE
    assert.is_true(pages > 8)
    for n = 0, pages - 1 do
      for _, at in ipairs { n * PAGE + 1, n * PAGE + 2000, (n + 1) * PAGE - 20 } do
        local altered = bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ 4) .. bytes:sub(at + 1)
        refused(altered, "page " .. n .. ", byte " .. at)
      end
    end
    local function page(of, n) return of:sub(n * PAGE + 1, (n + 1) * PAGE) end
    refused(bytes:sub(1, 3 * PAGE) .. page(bytes, 4) .. page(bytes, 3) .. bytes:sub(5 * PAGE + 1), "swapped")
    for cut = 1, #bytes - 1, 1500 do refused(bytes:sub(1, cut), "cut at " .. cut) end
    -- The same content under the same key, in a file of its own.
    os.remove(path)
    fill(A, 60):close()
    refused(page(read(path), 0) .. bytes:sub(PAGE + 1), "another's pages")
  end)

  it("takes the place of one in clear, with its copies, and back, and another key's", function()
    local store = fill(NONE)
    assert(store:backup())
    store:close()
    local steps = { { A, "sealed" }, { sealed.new(keys "b", keys "a"), "renewed" }, { sealed.new(nil, keys "b"), "opened" },
      { B, "sealed" } }
    for _, step in ipairs(steps) do
      store = assert(state.open { path = path, write = true, sealer = step[1] })
      assert.equal(step[2], (reseal.run(store)))
      assert.is_nil((reseal.run(store)))
      store:advance()
      store:close()
      assert.equal(40, count(step[1]))
      if step[1].keys then clean() end
      assert.equal(step[1].keys ~= nil, cover.is_sealed(path .. ".backup"))
    end
  end)

  it("names what lies beside it in clear and is not converted", function()
    fill(NONE):close()
    write(dir .. "/s.spill-20260101T000000Z.changes", "{}")
    write(path .. ".damaged-20260101T000000Z", "x")
    write(dir .. "/other.db.backup", "x")
    local list = reseal.left(path)
    table.sort(list)
    assert.same({ path .. ".damaged-20260101T000000Z", dir .. "/s.spill-20260101T000000Z.changes" }, list)
  end)

  it("is not made while somebody reads the one in clear", function()
    fill(NONE):close()
    local reader = assert(sqlite.open(path))
    assert(reader:exec "BEGIN")
    assert(reader:one "SELECT count(*) AS n FROM resources")
    local store = assert(state.open { path = path, write = true, sealer = A })
    store.db:exec "PRAGMA busy_timeout = 1"
    local what, e = reseal.run(store)
    assert.is_nil(what)
    assert.equal("locked", e.class)
    reader:close()
    assert.equal("sealed", (reseal.run(store)))
    store:close()
    assert.equal(40, count(A))
  end)

  it("seals what could not be written, for push to open again", function()
    local store = fill(A)
    local changed = { { "UPDATE resources SET record = ? WHERE address = ?", 2, "findme", "EC2.VPC.findme001" } }
    local e = spill.changes(store, changed, { message = "disk full" })
    store:close()
    local file = e.message:match "is in (%S+)"
    clean()
    local given = assert(push.read(file, os.time, A))
    assert.equal("findme", given.list[1][2])
    given.close()
    assert.equal("wrong_key", select(2, push.read(file, os.time, B)).code)
    assert.equal("sealed", select(2, push.read(file, os.time, NONE)).code)
  end)

  it("passes through a snapshot's bytes without a file", function()
    local store = fill(A)
    local bytes = assert(cover.clear_bytes(store.db))
    store:close()
    assert.match("^SQLite format 3", bytes)
    local n = cover.in_memory(bytes, function(db) return db:one("SELECT count(*) AS n FROM resources").n end)
    assert.equal(40, n)
    clean()
  end)

  describe("when the process is killed at any write of the change", function()
    local library

    setup(function()
      library = os.tmpname()
      if not os.execute(("cc -shared -fPIC -O1 -x c -o '%s' spec/support/diskfault.c -ldl 2>/dev/null"):format(library)) then
        library = nil
      end
    end)

    teardown(function() if library then os.remove(library) end end)

    local function csorun(words, environment)
      local env = { CSORUN_LUA = os.getenv "CSORUN_LUA", CSORUN_CATALOGUE = os.getenv "CSORUN_CATALOGUE", HOME = dir,
        PATH = os.getenv "PATH", P = "a passphrase", Q = "another", ASAN_OPTIONS = "verify_asan_link_order=0" }
      for k, v in pairs(environment) do env[k] = v end
      local done, e = task.run(process.run, BIN, { args = words, env = env })
      assert(done, e and e.message)
      return done.code, done.out .. done.err
    end

    for name, way in pairs {
      ["from clear"] = { {}, { CSORUN_ENCRYPT = "passphrase:P" } },
      ["to another key"] = { { CSORUN_ENCRYPT = "passphrase:P" },
        { CSORUN_ENCRYPT = "passphrase:Q", CSORUN_ENCRYPT_OLD = "passphrase:P" } },
    } do
      it(name .. ", there is one whole state, and the next run ends it", function()
        if not library then return pending "there is no C compiler" end
        fill(NONE, 5):close()
        os.execute(("cp '%s' '%s.backup'"):format(path, path))
        local where = { "--state", path, "--stack", "s" }
        local function run(words, environment)
          return csorun(table.move(where, 1, #where, #words + 1, words), environment)
        end
        -- The first step of "to another key" seals it.
        assert.equal(0, (run({ "state", "rm", "EC2.VPC.findme005" }, way[1])))
        os.execute(("cp -r '%s' '%s.kept'"):format(dir, dir))
        local function faults(at)
          return deep.merge(way[2], { LD_PRELOAD = library, DISKFAULT_PATH = dir .. "/", DISKFAULT_AT = tostring(at),
            DISKFAULT_ERRNO = "-1", DISKFAULT_COUNT = dir .. ".count" })
        end
        local code, text = run({ "state", "rm", "EC2.VPC.findme004" }, faults(0))
        assert.equal(0, code, text)
        local writes = math.tointeger(tonumber(read(dir .. ".count"))) or 0
        assert.is_true(writes > 30, text)
        for at = 1, writes, os.getenv "CSORUN_FAULTS" == "all" and 1 or math.max(1, writes // 10) do
          os.execute(("rm -rf '%s' && cp -r '%s.kept' '%s'"):format(dir, dir, dir))
          code = run({ "state", "rm", "EC2.VPC.findme004" }, faults(at))
          assert.is_true(code ~= 0 or at == writes, "write " .. at)
          code, text = run({ "state", "list" }, way[2])
          assert.equal(0, code, "write " .. at .. "\n" .. text)
          assert.match("findme003", text)
          assert.is_nil(text:find("findme005", 1, true))
          run({ "state", "rm", "EC2.VPC.findme004" }, way[2]) -- may be gone already
          code, text = run({ "state", "rm", "EC2.VPC.findme001" }, way[2])
          assert.equal(0, code, "write " .. at .. "\n" .. text)
          clean()
        end
        os.execute(("rm -rf '%s.kept' '%s.count'"):format(dir, dir))
      end)
    end
  end)
end)
