--- What holds for a whole life: where its state is kept, and whether there are two stacks.
local deep = require "cso.std.deep"

local settings = {}

local BUCKET = "team-state"

--- How csorun is called in a life.
---@param setting { shared: boolean? }
---@return table<string, string> environment
function settings.environment(setting)
  return { CSORUN_CALL_SECONDS = require("spec.scenario.random.faults").PATIENCE,
    CSORUN_STATE = setting.shared and ("s3://%s/stacks/"):format(BUCKET) or nil }
end

-- How many of all lives are so.
local SHARES = { shared = 0.2, stacks = 0.25 }

--- What a life is to be; with CSORUN_SETTING=shared,stacks every one is that.
---@param dice spec.random.Dice
---@return { shared: boolean?, stacks: boolean? }
function settings.draw(dice)
  local setting, always = {}, "," .. (os.getenv "CSORUN_SETTING" or "") .. ","
  for name, share in deep.sorted_pairs(SHARES) do
    local drawn = dice.chance(share)
    setting[name] = drawn or always:find("," .. name .. ",", 1, true) ~= nil or nil
  end
  return setting
end

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
