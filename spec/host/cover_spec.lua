-- Sealed database files as SQLite sees them: logs and journals of crashes, statements that are taken back,
-- what it must not do to them.
local sqlite = require "cso.std.sqlite"
local uv = require "luv"

local KEY, OTHER = ("k"):rep(32), ("z"):rep(32)
local BLOCK = "a block" .. ("\0"):rep(4096 - 7)

describe("a sealed database", function()
  local dir, path, cover

  before_each(function()
    dir = assert(uv.fs_mkdtemp(os.tmpname() .. "XXXXXX"))
    path, cover = dir .. "/d.db", sqlite.cover(KEY, BLOCK)
  end)

  after_each(function()
    cover:close()
    os.execute(("rm -rf '%s'"):format(dir))
  end)

  local function read(file)
    local handle = assert(io.open(file, "rb"))
    local bytes = handle:read "a"
    handle:close()
    return bytes
  end

  local function copy(from, to) os.execute(("cp '%s' '%s'"):format(from, to)) end

  local function open(file, by) return sqlite.open(file or path, { cover = by or cover }) end

  local function fill(db, n)
    assert(db:exec "BEGIN; CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE, c TEXT)")
    for i = 1, n do assert(db:run("INSERT INTO t VALUES (?, ?, ?)", i, "findme" .. i, ("findme"):rep(100))) end
    assert(db:exec "COMMIT")
  end

  local function n_of(db) return db:one("SELECT count(*) AS n FROM t WHERE c LIKE 'findme%'").n end

  local function clean(file) assert.is_nil(read(file):find("findme", 1, true), file) end

  it("has its block first, and is opened with its own cover only", function()
    do
      local db <close> = open()
      fill(db, 100)
    end
    assert.equal(BLOCK, read(path):sub(1, 4096))
    clean(path)
    for _, wrong in ipairs { sqlite.cover(OTHER, BLOCK), sqlite.cover(KEY, "another" .. ("\0"):rep(4089)) } do
      local db, e = open(path, wrong)
      if db then
        local row
        row, e = db:one "SELECT count(*) AS n FROM t"
        db:close()
        assert.is_nil(row)
      end
      assert.equal("sqlite", e.code)
    end
    local db <close> = open()
    assert.equal(100, n_of(db))
  end)

  it("comes back from a rollback journal and from a log that a crash left", function()
    local db <close> = open()
    fill(db, 400)
    assert(db:exec "BEGIN; UPDATE t SET c = 'other'")
    assert(db:exec "PRAGMA cache_spill = 1; PRAGMA cache_size = 5")
    copy(path, dir .. "/hot.db")
    copy(path .. "-journal", dir .. "/hot.db-journal")
    clean(path .. "-journal")
    assert(db:exec "ROLLBACK")
    do
      local hot <close> = open(dir .. "/hot.db")
      assert.equal(400, n_of(hot))
      assert.is_true(hot:check())
    end
    assert(db:exec "PRAGMA journal_mode = WAL")
    assert(db:exec "DELETE FROM t WHERE a > 300")
    copy(path, dir .. "/log.db")
    copy(path .. "-wal", dir .. "/log.db-wal")
    clean(path .. "-wal")
    local log <close> = open(dir .. "/log.db")
    assert.equal(300, n_of(log))
    assert.is_true(log:check())
  end)

  it("takes a long statement back without a file beside it", function()
    local db <close> = open()
    fill(db, 2000)
    assert(db:exec "PRAGMA cache_size = 10; BEGIN; INSERT INTO t VALUES (9000, 'last', 'x')")
    -- All rows are changed before the last one can't be.
    local ok = db:run "UPDATE t SET c = 'other', b = CASE a WHEN 9000 THEN 'new1' ELSE 'new' || a END"
    assert.is_nil(ok)
    assert(db:exec "COMMIT")
    assert.equal(2000, n_of(db))
    assert.is_true(db:check())
  end)

  it("keeps the size of its pages", function()
    local db <close> = open()
    fill(db, 50)
    db:exec "PRAGMA page_size = 8192; VACUUM"
    assert.equal(50, n_of(db))
    assert.is_true(db:check())
    assert(db:exec "PRAGMA page_size = 4096; PRAGMA auto_vacuum = FULL; VACUUM")
    assert(db:exec "DELETE FROM t WHERE a > 10; PRAGMA incremental_vacuum; VACUUM")
    assert.equal(10, n_of(db))
    clean(path)
  end)

  it("refuses keys and blocks of another size, and a file that is none", function()
    assert.has_error(function() sqlite.cover("short", BLOCK) end)
    assert.has_error(function() sqlite.cover(KEY, "short") end)
    local file = assert(io.open(path, "wb"))
    file:write(("x"):rep(100))
    file:close()
    assert.is_nil((open()))
  end)

  it("outlives its cover's handle, and gives its bytes in clear to memory only", function()
    local mine = sqlite.cover(KEY, BLOCK)
    local db <close> = open(path, mine)
    mine:close()
    fill(db, 20)
    local bytes = assert(db:bytes())
    assert.match("^SQLite format 3", bytes)
    local memory <close> = assert(sqlite.open ":memory:")
    assert(memory:become(bytes))
    assert.equal(20, n_of(memory))
    clean(path)
  end)
end)
