--- What a client says of itself with every call. Pure.
local agent = {}

local LONGEST = 50 -- characters of an application's name that services take

--- Who calls: the program, and the name that its user has given it (sdk_ua_app_id).
---@param program string
---@param config table? cso.aws.Config
---@return string
function agent.name(program, config)
  local id = config and config:get("AWS_SDK_UA_APP_ID", "sdk_ua_app_id")
  if not id then return program end
  return ("%s app/%s"):format(program, (id:sub(1, LONGEST):gsub("[^%w!$%%&'*+%-.^_`|~,]", "-")))
end

--- What Lambda wants handed on, so that functions that call each other in a circle are noticed.
---@param config table? cso.aws.Config
---@return string? header X-Amzn-Trace-Id
function agent.trace(config)
  local env = config and config.env or {}
  local id = env.AWS_LAMBDA_FUNCTION_NAME and env._X_AMZN_TRACE_ID
  if not id or id == "" then return nil end
  return (id:gsub("[^%w%-_.~=;:+&%[%]{}\"',]", function(c) return ("%%%02X"):format(c:byte()) end))
end

return agent
