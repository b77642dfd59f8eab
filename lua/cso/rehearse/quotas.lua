--- The account's own quotas for what the plan makes more of, less what others use of them already:
--- the simulator counts only what it was given.
local shape = require "cso.kind.shape"

-- Type, the quota's service, code and name in the simulator, and the description that counts.
local counted = {
  { "AWS::EC2::VPC", "vpc", "L-F678F1CE", "VPCs per Region", { "ec2", "DescribeVpcs", "Vpcs[]" } },
  { "AWS::EC2::InternetGateway", "vpc", "L-A4707A72", "Internet gateways per Region",
    { "ec2", "DescribeInternetGateways", "InternetGateways[]" } },
  { "AWS::EC2::EIP", "ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", { "ec2", "DescribeAddresses", "Addresses[]" } },
  { "AWS::EC2::SecurityGroup", "vpc", "L-E79EC296", "VPC security groups per Region",
    { "ec2", "DescribeSecurityGroups", "SecurityGroups[]" } },
}

-- Items of all pages.
local function count(client, operation, list)
  local n, token = 0, nil
  repeat
    local out = client:call(operation, { NextToken = token })
    if not out then return nil end
    n = n + #shape.each(out, list)
    token = out.NextToken
  until not token or token == ""
  return n
end

--- Sets the simulator's quotas to what is left of the account's. What can't be read stays as the
--- simulator has it.
---@param run table   `real`: session, `quota`: fun(name, value)
---@param made table  the plan
return function(run, made)
  for _, rule in ipairs(counted) do
    local wanted, ours, target = false, 0, nil
    for _, node in pairs(made.nodes) do
      if node.type == rule[1] then
        if node.action == "create" then wanted, target = true, node.decl.target end
        if type(node.model) == "table" then ours = ours + 1 end
      end
    end
    if wanted then
      local quotas = run.real:client("service-quotas", target)
      local out = quotas and quotas:call("GetServiceQuota", { ServiceCode = rule[2], QuotaCode = rule[3] })
      local limit = out and out.Quota and out.Quota.Value
      local client = limit and run.real:client(rule[5][1], target)
      local there = client and count(client, rule[5][2], rule[5][3])
      if there then run.quota(rule[4], math.floor(limit) - math.max(0, there - ours)) end
    end
  end
end
