--- The tables of a state file and their version. A newer file is refused, an older one upgraded.
local schema = {}

schema.VERSION = 3

--- "cso1": tells our files from other SQLite databases.
schema.APPLICATION_ID = 0x63736f31

--- How many records there are and what their sums add up to. SQLite has no checksum of its own: a
--- flipped bit in a page's header could make records disappear, and what is not in the state would
--- be made a second time. Kept by the database itself, in the transaction of each change.
schema.TALLY = [[
CREATE TABLE tally (one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL, total INTEGER NOT NULL);
INSERT INTO tally SELECT 1, count(*), coalesce(sum(sum), 0) FROM resources;
CREATE TRIGGER resources_in AFTER INSERT ON resources
  BEGIN UPDATE tally SET n = n + 1, total = total + new.sum; END;
CREATE TRIGGER resources_out AFTER DELETE ON resources
  BEGIN UPDATE tally SET n = n - 1, total = total - old.sum; END;
CREATE TRIGGER resources_over AFTER UPDATE ON resources
  BEGIN UPDATE tally SET total = total - old.sum + new.sum; END;
]]

--- What each thing was before a run: the inverse of what the run does to it.
schema.UNDO = [[
CREATE TABLE undo (
  run TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL, before TEXT, detail TEXT NOT NULL,
  touched INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (run, address)) WITHOUT ROWID;
]]

schema.CREATE = [[
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE resources (address TEXT PRIMARY KEY, record TEXT NOT NULL, sum INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE outputs (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
  id TEXT PRIMARY KEY, command TEXT NOT NULL, who TEXT NOT NULL,
  started REAL NOT NULL, finished REAL, result TEXT, facts TEXT, nth INTEGER) WITHOUT ROWID;
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, address TEXT NOT NULL,
  action TEXT NOT NULL, service TEXT NOT NULL, operation TEXT NOT NULL,
  token TEXT, params_hash TEXT, intent TEXT, at REAL NOT NULL,
  outcome TEXT, finished REAL, detail TEXT);
CREATE TABLE pending (
  address TEXT PRIMARY KEY, run TEXT NOT NULL, token TEXT NOT NULL, intent TEXT NOT NULL,
  at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE durations (type TEXT NOT NULL, action TEXT NOT NULL, seconds REAL NOT NULL,
  PRIMARY KEY (type, action)) WITHOUT ROWID;
CREATE TABLE evidence (address TEXT PRIMARY KEY, run TEXT NOT NULL, at REAL NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE holder (one INTEGER PRIMARY KEY CHECK (one = 1), info TEXT NOT NULL);
]] .. schema.UNDO .. schema.TALLY

--- The tables whose rows are the state: what `state push` replaces.
schema.TABLES = { "resources", "outputs", "runs", "journal", "pending", "durations", "evidence", "undo" }

return schema
