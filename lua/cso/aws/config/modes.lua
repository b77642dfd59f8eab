--- Defaults modes (`defaults_mode`): which habits fit where the program runs. Of what they set, only
--- the time to connect differs from what this client does anyway.
local err = require "cso.std.err"

-- Seconds in which a connection must stand; false: our own.
local seconds = { legacy = false, standard = 3.1, ["in-region"] = 1.1, ["cross-region"] = 3.1, mobile = 30 }

-- On Lambda and its kin the environment says in which region the program runs.
local function found_out(config, region)
  if not config:variable "AWS_EXECUTION_ENV" then return "standard" end
  local here = config:variable "AWS_REGION" or config:variable "AWS_DEFAULT_REGION"
  if not here then return "standard" end
  return here == region and "in-region" or "cross-region"
end

--- The time to connect that the configured mode sets.
---@param config table? cso.aws.Config
---@param region string? of the client
---@return number? seconds nil: no mode is configured, or none that says so
---@return cso.Err? err class "config": there is no such mode
return function(config, region)
  local said = config and config:get("AWS_DEFAULTS_MODE", "defaults_mode")
  if not said then return nil end
  local mode = said:lower()
  if mode == "auto" then mode = found_out(config, region) end
  if seconds[mode] == nil then
    return nil, err.new { code = "InvalidSetting", class = "config",
      message = ("AWS_DEFAULTS_MODE (defaults_mode) must be standard, in-region, cross-region, mobile, auto or legacy, "
        .. "is %s"):format(said) }
  end
  return seconds[mode] or nil
end
