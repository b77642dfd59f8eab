local common = require "cso.kind.aws.ElasticLoadBalancingV2.common"
local kind = require "cso.kind.declare"

return kind "AWS::ElasticLoadBalancingV2::ListenerRule" {
  service = "elbv2",
  create = { "CreateRule", take = "Rules[0]", tags = "Tags" },
  read = {
    "DescribeRules", by = "RuleArns", list = "Rules[]", key = "RuleArn", batch = 20, tags = "read",
    shape = function(model, raw)
      model.ListenerArn = raw.RuleArn:gsub(":listener%-rule/", ":listener/"):match("^(.+)/[^/]+$")
      return model
    end,
  },
  update = {
    { "ModifyRule", props = { "Actions", "Conditions", "Transforms" } },
    Priority = function(r, want)
      r:call("SetRulePriorities", { RulePriorities = { { RuleArn = r.id, Priority = math.tointeger(tonumber(want)) } } })
    end,
  },
  find = function(r)
    for _, rule in ipairs(r:call("DescribeRules", { ListenerArn = r.desired.ListenerArn }).Rules) do
      if rule.Priority == tostring(r.desired.Priority) then return common.ours(r, { rule }, "RuleArn") end
    end
  end,
  delete = { "DeleteRule" },
  seconds = { create = 1, delete = 1 },
}
