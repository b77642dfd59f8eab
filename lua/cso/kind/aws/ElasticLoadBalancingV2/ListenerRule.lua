local common = require "cso.kind.aws.ElasticLoadBalancingV2.common"
local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"

--- Gives a rule its number. When another rule of this stack has it, the two change places: that one
--- moves on by itself if it has to.
local function set_priority(r, want)
  local number = math.tointeger(tonumber(want))
  local _, e = r:try("SetRulePriorities", { RulePriorities = { { RuleArn = r.id, Priority = number } } })
  if not e then return end
  if e.code ~= "PriorityInUse" then error(e, 0) end
  local mine, holder
  for _, rule in ipairs(r:call("DescribeRules", { ListenerArn = r.desired.ListenerArn }).Rules) do
    if rule.RuleArn == r.id then mine = rule end
    if rule.Priority == tostring(number) then holder = rule end
  end
  if not mine or not holder then error(e, 0) end
  if holder.RuleArn == r.id then return end
  if tags.to_map(tags.read(r, holder.RuleArn), true)["cso:stack"] ~= r.own["cso:stack"] then error(e, 0) end
  r:call("SetRulePriorities", { RulePriorities = { { RuleArn = r.id, Priority = number },
    { RuleArn = holder.RuleArn, Priority = math.tointeger(tonumber(mine.Priority)) } } })
end

return kind "AWS::ElasticLoadBalancingV2::ListenerRule" {
  service = "elbv2",
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
