--- Keys that a program prints (`credential_process`). No shell stands between.
local json = require "cso.std.json"
local keys = require "cso.aws.credentials.keys"
local scalar = require "cso.aws.protocol.scalar"
local words = require "cso.aws.credentials.words"

--- Reads the program's answer.
---@param text string
---@param source string
---@param account string? that the profile names, for a program that does not
---@return table? keys
---@return cso.Err? err
local function read(text, source, account)
  local answer = json.decode(text)
  if type(answer) ~= "table" then return nil, keys.fail(source, "it did not print JSON") end
  if answer.Version ~= 1 then
    return nil, keys.fail(source, ("Version must be 1, is %s"):format(tostring(answer.Version)))
  end
  for _, name in ipairs { "AccessKeyId", "SecretAccessKey" } do
    if type(answer[name]) ~= "string" or answer[name] == "" then
      return nil, keys.fail(source, name .. " is missing in what it printed")
    end
  end
  local function text_of(v) return type(v) == "string" and v or nil end
  return keys.checked {
    access_key = answer.AccessKeyId, secret_key = answer.SecretAccessKey,
    token = text_of(answer.SessionToken), account = text_of(answer.AccountId) or account, source = source,
    expires = text_of(answer.Expiration) and scalar.read_time(answer.Expiration) or nil,
  }
end

-- People write down what their shell would take.
local function hint_of(argv)
  for _, word in ipairs(argv) do
    if word:find("^[|<>;&]") or word:find("^%$[%w_({]") or word:find(";$") then
      return ("no shell runs it, so %s is only a word: write sh -c '…' around it all"):format(word)
    end
  end
end

--- @param ctx table { config, profile?, spawn = fn(argv) -> { status, stdout, stderr } | nil, why }
--- @return table? keys
--- @return string? why
--- @return cso.Err? err
local function load(ctx)
  local name = ctx.profile or ctx.config.profile_name
  local profile = ctx.config:profile(name) or {}
  local line = profile.credential_process
  if type(line) ~= "string" or line == "" then
    return nil, ("profile %s has no credential_process"):format(name)
  end
  local source = "credential_process of profile " .. name
  local argv, why = words(line)
  if not argv then return nil, nil, keys.fail(source, why) end
  local result
  result, why = ctx.spawn(argv)
  if not result then return nil, nil, keys.fail(source, why, hint_of(argv)) end
  if result.status ~= 0 then
    local said = result.stderr:gsub("%s+$", "")
    return nil, nil, keys.fail(source, ("%s ended with status %d%s"):format(argv[1], result.status,
      said ~= "" and ": " .. said or " and said nothing"), hint_of(argv))
  end
  local found, e = read(result.stdout, source, profile.aws_account_id)
  if e then e.hint = e.hint or hint_of(argv) end
  return found, nil, e
end

return { name = "credential_process", load = load, read = read }
