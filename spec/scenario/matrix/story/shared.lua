--- The state lies in a bucket: what is written there are calls like others, and whoever goes on may have
--- nothing else.
local edited = require "spec.scenario.edited"

local BUCKET = "team-state"
local BESIDE = { (BUCKET:gsub("%-", "%%-")) }
local STATE = { CSORUN_STATE = ("s3://%s/stacks/"):format(BUCKET) }

local function plan(...) return { "plan", "net.lua", "--detailed-exitcode", ... } end

-- A run of another machine died, and holds the lock.
local function leave_lock(p, run)
  local _, text = run(p, { "apply", "net.lua", "-y" }, 5)
  return { lock = assert(text:match "csorun unlock (%S+)", text) }
end

local function die(p, run)
  p.calls, p.kill = {}, { at = 9, moment = "after" }
  run(p, { "apply", "net.lua", "-y" }, 137)
  p.kill = nil
  os.execute(("rm -rf '%s/.cso'"):format(p.dir))
end

return { {
  name = "shared", files = { ["net.lua"] = edited.old }, stack = "net", env = STATE,
  state = STATE.CSORUN_STATE .. "net.db", beside = BESIDE,
  unlock = { "unlock", "{lock}", "--playbook", "net.lua" },
  stages = {
    { name = "bucket", calm = true, words = { "exec", "s3.CreateBucket", "Bucket=" .. BUCKET,
      "CreateBucketConfiguration.LocationConstraint=eu-west-2" } },
    { name = "apply", words = { "apply", "net.lua", "-y", "-q" }, settled = plan() },
    { name = "change", files = { ["net.lua"] = edited.new }, words = { "apply", "net.lua", "-y", "-q" }, settled = plan() },
    { name = "destroy", words = { "destroy", "net.lua", "-y", "-q" }, settled = plan "--destroy" },
  },
}, {
  name = "unlock", files = { ["net.lua"] = edited.old }, stack = "net", env = STATE,
  state = STATE.CSORUN_STATE .. "net.db", beside = BESIDE,
  stages = {
    { name = "bucket", calm = true, words = { "exec", "s3.CreateBucket", "Bucket=" .. BUCKET,
      "CreateBucketConfiguration.LocationConstraint=eu-west-2" } },
    { name = "unlock", prepare = die, facts = leave_lock, words = { "unlock", "{lock}", "--playbook", "net.lua" } },
    { name = "apply", words = { "apply", "net.lua", "-y", "-q" }, settled = plan() },
  },
} }
