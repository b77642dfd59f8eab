--- Actions of listeners and rules: checked as AWS does, completed as AWS answers them.
local base = require "sim.service.elbv2.base"

local actions = {}

local final = { forward = true, redirect = true, ["fixed-response"] = true }

local function groups_of(action)
  local list = {}
  if action.TargetGroupArn then list[1] = action.TargetGroupArn end
  for _, t in ipairs(action.ForwardConfig and action.ForwardConfig.TargetGroups or {}) do list[#list + 1] = t.TargetGroupArn end
  return list
end

local function check_cognito(ctx, config)
  local pool = config.UserPoolArn:match("userpool/(.+)$")
  local cognito = ctx:of("cognito-idp")
  if pool and cognito:table("UserPool").count >= 0 and not cognito:table("UserPool"):get(pool) then
    ctx:fail("InvalidConfigurationRequest", ("The user pool '%s' does not exist"):format(config.UserPoolArn))
  end
end

--- Checks a list of actions.
---@param ctx sim.Context
---@param list table[]
---@param protocol string   of the listener
function actions.check(ctx, list, protocol)
  if #list == 0 then ctx:fail("ValidationError", "At least one action must be specified") end
  local ends, orders = 0, {}
  for _, action in ipairs(list) do
    if final[action.Type] then ends = ends + 1 end
    if action.Order then
      if orders[action.Order] then ctx:fail("ValidationError", "Two actions have the same order.") end
      orders[action.Order] = true
    elseif #list > 1 then
      ctx:fail("ValidationError", "You must specify an order for each action when there are several.")
    end
    if action.Type == "forward" then
      local groups = groups_of(action)
      if #groups == 0 then ctx:fail("ValidationError", "A target group ARN must be specified") end
      for _, arn in ipairs(groups) do base.need(ctx, "TargetGroup", arn) end
    elseif action.Type == "redirect" and not action.RedirectConfig then
      ctx:fail("ValidationError", "A redirect configuration must be specified")
    elseif action.Type == "fixed-response" and not action.FixedResponseConfig then
      ctx:fail("ValidationError", "A fixed response configuration must be specified")
    elseif action.Type == "authenticate-cognito" or action.Type == "authenticate-oidc" then
      if protocol ~= "HTTPS" then
        ctx:fail("InvalidLoadBalancerAction", ("Actions of type '%s' are supported only on HTTPS listeners"):format(action.Type))
      end
      if action.AuthenticateCognitoConfig then check_cognito(ctx, action.AuthenticateCognitoConfig) end
    end
  end
  if ends ~= 1 then
    ctx:fail("InvalidLoadBalancerAction", "The actions must include exactly one of: forward, redirect, or fixed-response.")
  end
end

--- Actions with what the service fills in.
function actions.complete(list)
  local out = {}
  for i, action in ipairs(list) do
    local a = {}
    for k, v in pairs(action) do a[k] = v end
    if a.Type == "forward" then
      if a.TargetGroupArn and not a.ForwardConfig then
        a.ForwardConfig = { TargetGroups = { { TargetGroupArn = a.TargetGroupArn, Weight = 1 } },
          TargetGroupStickinessConfig = { Enabled = false } }
      elseif a.ForwardConfig and #(a.ForwardConfig.TargetGroups or {}) == 1 then
        a.TargetGroupArn = a.ForwardConfig.TargetGroups[1].TargetGroupArn
      end
    elseif a.Type == "redirect" then
      local r = {}
      for k, v in pairs({ Protocol = "#{protocol}", Port = "#{port}", Host = "#{host}", Path = "/#{path}",
        Query = "#{query}" }) do r[k] = v end
      for k, v in pairs(a.RedirectConfig) do r[k] = v end
      a.RedirectConfig = r
    elseif a.AuthenticateCognitoConfig then
      local c = { SessionCookieName = "AWSELBAuthSessionCookie", Scope = "openid", SessionTimeout = 604800,
        OnUnauthenticatedRequest = "authenticate" }
      for k, v in pairs(a.AuthenticateCognitoConfig) do c[k] = v end
      a.AuthenticateCognitoConfig = c
    end
    if #list > 1 or a.Order then a.Order = a.Order or i end
    out[i] = a
  end
  table.sort(out, function(x, y) return (x.Order or 0) < (y.Order or 0) end)
  return out
end

return actions
