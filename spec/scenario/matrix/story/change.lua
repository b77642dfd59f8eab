--- A stack is changed in every way, and the change is rolled back.
local edited = require "spec.scenario.edited"
local json = require "cso.std.json"

local PLAN = { "plan", "net.lua", "--detailed-exitcode" }
local OLD, NEW = { ["net.lua"] = edited.old }, { ["net.lua"] = edited.new }

local function last_run(p, run)
  local _, text = run(p, { "history", "--stack", "net", "--json" }, 0)
  return { run = assert(json.decode(text:match "[^\n]+")).id }
end

return { {
  name = "change", files = OLD, stack = "net",
  stages = {
    { name = "base", words = { "apply", "net.lua", "-y", "-q" }, calm = true },
    { name = "change", files = NEW, words = { "apply", "net.lua", "-y", "-q" }, settled = PLAN,
      instead = { words = { "rollback", "last", "-y", "--accept-loss", "-q" }, like = "base", then_files = OLD,
        settled = PLAN } },
    { name = "rollback", facts = last_run, words = { "rollback", "{run}", "-y", "--accept-loss", "-q" },
      then_files = OLD, settled = PLAN },
    { name = "destroy", words = { "destroy", "net.lua", "-y", "-q" },
      settled = { "plan", "net.lua", "--destroy", "--detailed-exitcode" } },
  },
} }
