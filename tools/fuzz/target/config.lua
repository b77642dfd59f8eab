-- The shared configuration files: a fault names its line; whatever is in them, loading gives a
-- configuration or an error of class config.
local config = require "cso.aws.config"
local parse = require "cso.aws.config.parse"
local words = require "cso.aws.credentials.words"

return function(shared)
  return function(text)
    local sections, fault = parse.sections(text)
    if sections then
      parse.config(sections)
      parse.credentials(sections)
    else
      assert(fault.line >= 1 and fault.message)
    end
    local both = shared.parts(text, 2)
    local loaded = shared.outcome(config.load { env = { HOME = "/home/a", AWS_PROFILE = both[1]:match("^%w+$") },
      read = function(path) return path:match("config$") and text or both[2] end })
    if not loaded then return end
    loaded:region()
    loaded:endpoint_url("S3")
    loaded:get("AWS_MAX_ATTEMPTS", "max_attempts")
    loaded:nested("s3", "addressing_style")
    local profile = loaded:profile(loaded.profile_name)
    local line = profile and profile.credential_process
    if type(line) == "string" then words(line) end
  end
end
