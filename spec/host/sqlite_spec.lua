local json = require "host.json"
local lfs = require "lfs"
local sqlite = require "cso.std.sqlite"

local function open()
  local db = assert(sqlite.open ":memory:")
  assert(db:exec "CREATE TABLE t (a, b); CREATE UNIQUE INDEX t_a ON t (a)")
  return db
end

local function fails(code, value, err)
  assert.is_nil(value)
  assert.equal("sqlite", err.code)
  assert.equal(code, err.sqlite)
  assert.equal("string", type(err.message))
end

describe("host.sqlite", function()
  it("stores and returns every kind of value", function()
    local db <close> = open()
    local values = { 1, math.maxinteger, math.mininteger, 1.5, "text \u{e9}", "", "a\0b", "\xff\xfe",
      ("x"):rep(100000) }
    for i, v in ipairs(values) do assert.equal(1, (db:run("INSERT INTO t VALUES (?, ?)", i, v))) end
    for i, row in ipairs(db:query "SELECT b FROM t ORDER BY a") do
      assert.equal(values[i], row.b)
      assert.equal(math.type(values[i]), math.type(row.b))
    end
    assert.same({ a = "text", b = "blob" },
      db:one("SELECT typeof(?) AS a, typeof(?) AS b", "x", "\xff"))
    assert.same({ n = "null", m = "null", t = 1, f = 0 },
      db:one("SELECT typeof(?) AS n, typeof(?) AS m, ? AS t, ? AS f", nil, json.null, true, false))
    assert.same({ a = 1 }, db:one "SELECT 1 AS a, NULL AS b")
  end)

  it("gives the values of many rows by column", function()
    local db <close> = open()
    assert.same({ {}, {} }, db:columns "SELECT a, b FROM t")
    for i = 1, 100 do assert(db:run("INSERT INTO t VALUES (?, ?)", i, "text " .. i)) end
    local numbers, texts = table.unpack(db:columns("SELECT a, b FROM t WHERE a > ? ORDER BY a", 60))
    assert.equal(40, #numbers)
    assert.equal(40, #texts)
    for i, n in ipairs(numbers) do
      assert.equal(60 + i, n)
      assert.equal("text " .. n, texts[i])
    end
    fails(1, db:columns "SELECT * FROM nowhere")
    assert.equal(100, db:one("SELECT count(*) AS n FROM t").n)
  end)

  it("tells changes and the last row id", function()
    local db <close> = open()
    local changes, id = db:run "INSERT INTO t VALUES (1, 1), (2, 2)"
    assert.equal(2, changes)
    assert.equal(2, id)
    assert.equal(2, (db:run "DELETE FROM t"))
    assert.is_nil(db:one "SELECT * FROM t")
    assert.same({}, db:query "SELECT * FROM t")
  end)

  it("keeps statements, more of them than places", function()
    local db <close> = open()
    for round = 1, 3 do
      for i = 1, 200 do
        assert.equal(i + round, db:one(("SELECT %d + ? AS n"):format(i), round).n)
      end
    end
    assert.equal(7, db:one("SELECT 7 AS n; -- a note\n ;").n)
    assert.equal(7, db:one("SELECT 7 AS n; -- a note\n ;").n)
    assert.equal(1, (db:run("INSERT INTO t VALUES (1, ?)", "bound")))
    assert.equal(1, (db:run("INSERT INTO t VALUES (2, ?)", nil)))
    assert.is_nil(db:one("SELECT b FROM t WHERE a = 2").b)
  end)

  it("notices a changed schema under a kept statement", function()
    local db <close> = open()
    assert.same({}, db:query "SELECT * FROM t")
    assert(db:exec "ALTER TABLE t ADD COLUMN c DEFAULT 5")
    assert(db:run "INSERT INTO t (a) VALUES (1)")
    assert.equal(5, db:one("SELECT * FROM t").c)
  end)

  it("reports the world's failures with SQLite's own code", function()
    local db <close> = open()
    assert(db:run "INSERT INTO t VALUES (1, 1)")
    fails(2067, db:run "INSERT INTO t VALUES (1, 1)")
    fails(1, db:exec "nonsense")
    fails(1, db:query "SELECT * FROM nowhere")
    fails(21, db:query "SELECT 1; SELECT 2")
    fails(21, db:run "")
    fails(14, sqlite.open "/nonexistent/dir/x.db")
    assert.matches("/nonexistent/dir/x.db", select(2, sqlite.open "/nonexistent/dir/x.db").message)
  end)

  it("closes at the end of its block, whatever ends it", function()
    local kept
    local ok, message = pcall(function()
      local db <close> = open()
      kept = db
      error { reason = "thrown" }
    end)
    assert.is_false(ok)
    assert.equal("thrown", message.reason)
    assert.is_nil(getmetatable(message))
    assert.error_matches(function() kept:exec "" end, "closed sqlite database")
  end)

  it("refuses wrong use", function()
    local db = open()
    assert.error_matches(function() db:run("SELECT ?", 1, 2) end, "1 parameters, 2 were given")
    assert.error_matches(function() db:run("SELECT ?") end, "0 were given")
    assert.error_matches(function() db:run("SELECT ?", {}) end, "expected nil, boolean")
    assert.error_matches(function() sqlite.open(":memory:", { read_only = true }) end, "unknown option")
    db:close()
    db:close()
    assert.error_matches(function() db:query "SELECT 1" end, "closed sqlite database")
  end)
end)

describe("cso.std.sqlite", function()
  local path

  before_each(function() path = os.tmpname() end)
  after_each(function()
    for _, suffix in ipairs { "", "-wal", "-shm", "-journal" } do os.remove(path .. suffix) end
  end)

  it("commits what ends well and rolls back what does not", function()
    local db <close> = open()
    local function insert(a) return function(d) return d:run("INSERT INTO t VALUES (?, 1)", a) end end
    assert.equal(1, (db:transaction(insert(1))))
    local ok, message = pcall(db.transaction, db, function(d)
      d:run "INSERT INTO t VALUES (2, 2)"
      error("broken off", 0)
    end)
    assert.is_false(ok)
    assert.equal("broken off", message)
    local value, err = db:transaction(function(d)
      d:run "INSERT INTO t VALUES (3, 3)"
      return nil, "no"
    end)
    assert.is_nil(value)
    assert.equal("no", err)
    fails(2067, db:transaction(insert(1)))
    assert.equal(1, db:one("SELECT count(*) AS n FROM t").n)
    assert.error_matches(function()
      db:transaction(function(d) d:transaction(function() end) end)
    end, "in a transaction already")
    assert.equal(1, (db:transaction(insert(9))))
  end)

  it("keeps data over a close, and honours readonly and create", function()
    local db = assert(sqlite.open(path))
    assert(db:exec "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (5)")
    assert.is_true(db:check())
    db:close()
    local again <close> = assert(sqlite.open(path, { readonly = true }))
    assert.equal(5, again:one("SELECT a FROM t").a)
    fails(8, again:exec "DELETE FROM t")
    os.remove(path .. "x")
    fails(14, sqlite.open(path .. "x", { create = false }))
    assert.is_nil(lfs.attributes(path .. "x"))
  end)

  it("says busy instead of waiting for ever", function()
    local one <close> = assert(sqlite.open(path))
    local two <close> = assert(sqlite.open(path, { busy_ms = 1 }))
    assert(one:exec "CREATE TABLE t (a); BEGIN IMMEDIATE")
    fails(5, two:transaction(function() end))
    assert(one:exec "COMMIT")
    assert.is_true(two:transaction(function() return true end))
  end)

  it("finds a damaged file and a file that is no database", function()
    local db = assert(sqlite.open(path))
    assert(db:exec "CREATE TABLE t (a, b); CREATE INDEX i ON t (a)")
    for i = 1, 500 do assert(db:run("INSERT INTO t VALUES (?, ?)", i, ("x"):rep(50))) end
    db:close()
    local file = assert(io.open(path, "r+b"))
    file:seek("set", 3 * 4096)
    file:write(("\xff"):rep(4096))
    file:close()
    db = assert(sqlite.open(path))
    local sound, err = db:check()
    db:close()
    assert.is_nil(sound)
    assert.is_true(err.code == "corrupt" or err.code == "sqlite")
    file = assert(io.open(path, "wb"))
    file:write(("not a database "):rep(1000))
    file:close()
    db = assert(sqlite.open(path))
    fails(26, db:query "SELECT * FROM t")
    db:close()
  end)
end)
