--- What is written to a state, and what commands write that call nothing: each write may be the last one.
local sqlite = require "cso.std.sqlite"

local BOOK = [[
local cso = require "cso"
local env = cso.env { n = cso.t.integer { default = 1 } }
cso.stack { name = "disk" }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
for i = 1, env.n do cso.aws.EC2.Subnet("s" .. i) { VpcId = vpc, CidrBlock = cso.cidr.subnet("10.0.0.0/16", 8, i) } end
cso.output { vpc = vpc.VpcId }
]]
local RENAMED = BOOK:gsub('VPC "main"', 'VPC "moved"')
local PLAN = { "plan", "disk.lua", "--detailed-exitcode" }

-- The state as the first format had it.
local OLDEN = [[DROP TRIGGER resources_in; DROP TRIGGER resources_out; DROP TRIGGER resources_over; DROP TABLE tally;
  DROP TABLE undo; ALTER TABLE runs DROP COLUMN facts; ALTER TABLE runs DROP COLUMN nth;
  ALTER TABLE resources DROP COLUMN sum; DELETE FROM meta WHERE key = 'check'; PRAGMA user_version = 1]]

local function make_old(p)
  local db = assert(sqlite.open(p.dir .. "/.cso/disk.db"))
  assert(db:exec(OLDEN))
  db:close()
end

local SEALED = { CSORUN_ENCRYPT = "passphrase:WORDS", WORDS = "correct horse battery staple" }

return { {
  name = "disk", files = { ["disk.lua"] = BOOK }, stack = "disk",
  stages = {
    { name = "apply", writes = true, words = { "apply", "disk.lua", "-y", "-q" }, settled = PLAN },
    { name = "upgrade", writes = true, prepare = make_old, words = { "apply", "disk.lua", "-y", "-q", "--set", "n=2" },
      settled = { "plan", "disk.lua", "--detailed-exitcode", "--set", "n=2" } },
    { name = "mv", files = { ["disk.lua"] = RENAMED }, writes = true, done = 3,
      words = { "state", "mv", "EC2.VPC.main", "EC2.VPC.moved", "--stack", "disk" },
      settled = { "plan", "disk.lua", "--detailed-exitcode", "--set", "n=2" } },
    { name = "destroy", writes = true, words = { "destroy", "disk.lua", "-y", "-q" },
      settled = { "plan", "disk.lua", "--destroy", "--detailed-exitcode" } },
  },
}, {
  name = "seal", files = { ["disk.lua"] = BOOK }, stack = "disk",
  stages = {
    { name = "base", calm = true, words = { "apply", "disk.lua", "-y", "-q" } },
    { name = "seal", writes = true, env = SEALED, words = { "apply", "disk.lua", "-y", "-q", "--set", "n=2" },
      settled = { "plan", "disk.lua", "--detailed-exitcode", "--set", "n=2" } },
    { name = "destroy", env = SEALED, writes = true, words = { "destroy", "disk.lua", "-y", "-q" },
      settled = { "plan", "disk.lua", "--destroy", "--detailed-exitcode" } },
  },
} }
