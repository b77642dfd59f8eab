local common = require "cso.kind.aws.ElasticLoadBalancingV2.common"
local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"

--- The rule itself and the one that has the number, as they stand now.
local function holders(r, number)
  local mine, holder
  for _, rule in ipairs(r:call("DescribeRules", { ListenerArn = r.desired.ListenerArn }).Rules) do
    if rule.RuleArn == r.id then mine = rule end
    if rule.Priority == tostring(number) then holder = rule end
  end
  return mine, holder
end

local ATTEMPTS = 8

--- Gives a rule its number. When another rule of this stack has it, the two change places: that one
--- moves on by itself if it has to. Rules move side by side, so a look may be old already.
local function set_priority(r, want)
  local number = math.tointeger(tonumber(want))
  local wanted = { { RuleArn = r.id, Priority = number } }
  for attempt = 1, ATTEMPTS do
    local _, e = r:try("SetRulePriorities", { RulePriorities = wanted })
    if not e then return end
    if e.code ~= "PriorityInUse" or attempt == ATTEMPTS then error(e, 0) end
    local mine, holder = holders(r, number)
    wanted[2] = nil
    if holder and mine and holder.RuleArn ~= r.id then
      if tags.to_map(tags.read(r, holder.RuleArn), true)["cso:stack"] ~= r.own["cso:stack"] then error(e, 0) end
      wanted[2] = { RuleArn = holder.RuleArn, Priority = math.tointeger(tonumber(mine.Priority)) }
    end
  end
end

return kind "AWS::ElasticLoadBalancingV2::ListenerRule" {
  service = "elbv2", claims = { "ListenerArn", "Priority" },
  create = { "CreateRule", take = "Rules[0]", tags = "Tags",
    -- The rule that has the number may be about to move away.
    retry = { "^PriorityInUse" } },
  read = {
    "DescribeRules", by = "RuleArns", list = "Rules[]", key = "RuleArn", batch = 20, tags = "read",
    shape = function(model, raw)
      model.ListenerArn = raw.RuleArn:gsub(":listener%-rule/", ":listener/"):match("^(.+)/[^/]+$")
      return model
    end,
  },
  update = {
    { "ModifyRule", props = { "Actions", "Conditions", "Transforms" } },
    Priority = set_priority,
  },
  find = function(r)
    for _, rule in ipairs(r:call("DescribeRules", { ListenerArn = r.desired.ListenerArn }).Rules) do
      if rule.Priority == tostring(r.desired.Priority) then return common.ours(r, { rule }, "RuleArn") end
    end
  end,
  delete = { "DeleteRule" },
  seconds = { create = 1, delete = 1 },
}
