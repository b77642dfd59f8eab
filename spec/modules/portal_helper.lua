-- Loads the portal's playbooks without an account: what evaluating them asks is answered here.
local playbook = require "cso.playbook"
local value = require "cso.std.value"

local helper = {
  environments = { "dev", "dev-ha", "staging", "prod", "prod-ha" },
  is_ref = value.is_ref,
}

local ACCOUNT = "123456789012"
local session = {
  client = function()
    return { call = function() return { Parameter = { Value = "ami-0123456789abcdef0" } } end }
  end,
  region = function() return "eu-west-2" end,
  identity = function() return { Account = ACCOUNT } end,
}

--- The program of an environment; raises what evaluating it raised.
---@param name string
---@param opts table?  more options for playbook.load
---@return table
function helper.load(name, opts)
  local all = { session = session, identity = function() return { id = ACCOUNT } end }
  for key, v in pairs(opts or {}) do all[key] = v end
  local program, e = playbook.load(("playbooks/%s.lua"):format(name), all)
  if not program then
    error(("%s: %s: %s\n  %s"):format(name, e.where or "", e.message,
      table.concat(e.problems or {}, "\n  ")), 0)
  end
  return program
end

--- A value with every ref taken for a text as long as a real one.
---@param v any
---@return any
function helper.resolve(v)
  return value.resolve(v, function() return "sample-0123456789abcdef0" end)
end

return helper
