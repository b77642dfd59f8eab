--- What holds for a whole life: where its state is kept.
local settings = {}

local BUCKET = "team-state"

--- How csorun is called in a life.
---@param setting { shared: boolean? }
---@return table<string, string> environment
function settings.environment(setting)
  return { CSORUN_CALL_SECONDS = require("spec.scenario.random.faults").PATIENCE,
    CSORUN_STATE = setting.shared and ("s3://%s/stacks/"):format(BUCKET) or nil }
end

---@param dice spec.random.Dice
---@return { shared: boolean? }
function settings.draw(dice) return { shared = dice.chance(0.2) or nil } end

--- Makes what a life stands on.
---@param life spec.random.Life
function settings.prepare(life)
  if not life.setting.shared then return end
  life:good({ "exec", "s3.CreateBucket", "Bucket=" .. BUCKET,
    "CreateBucketConfiguration.LocationConstraint=eu-west-2" }, "the bucket of states")
end

--- Whether a row of a place of the account is no part of what the playbook is about.
---@param place string
---@param row table
---@return boolean
function settings.is_beside(place, row)
  return place == "s3/Bucket" and row.Name == BUCKET or place == "s3/Object:" .. BUCKET
end

return settings
