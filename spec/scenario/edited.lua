--- The small stack of network.lua, and the same after every sort of edit: properties changed and taken away,
--- things replaced, renamed, made and left out, tags, a secret that is made anew.
local world = require "spec.scenario.world"

local edited = {}

edited.old = world.text "spec/scenario/network.lua"

--- The text of the stack with edits.
---@param edits { [1]: string, [2]: string }[]   what stands there, and what is put in its place
---@return string
function edited.with(edits)
  local text = edited.old
  for _, edit in ipairs(edits) do
    local first, last = text:find(edit[1], 1, true)
    assert(first, edit[1])
    text = text:sub(1, first - 1) .. edit[2] .. text:sub(last + 1)
  end
  return text
end

edited.new = edited.with {
  { "EnableDnsHostnames = true", "EnableDnsHostnames = false" },
  { 'CidrIp = "0.0.0.0/0", Description = "https"', 'CidrIp = "10.0.0.0/8", Description = "inside"' },
  { 'cso.stack { name = "net", tags = { Team = "spec" } }', 'cso.stack { name = "net", tags = { Team = "other", More = "x" } }' },
  { 'PolicyName = "read"', 'PolicyName = "fetch"' },
  { "length = 20", "length = 30" },
  { 'InstanceType = "t3.small"', 'InstanceType = "t3.large"' },
  { 'EC2.Route "b" { RouteTableId = routes, DestinationCidrBlock = "0.0.0.0/0", NatGatewayId = nat }',
    'aws.Logs.LogGroup "new" { LogGroupName = "/net/new", RetentionInDays = 7 }' },
  { 'EC2.SubnetRouteTableAssociation "b" { SubnetId = b, RouteTableId = routes }', "" },
  { 'KMS.Alias "main" { AliasName = "alias/net", TargetKeyId = key }',
    'KMS.Alias "other" { AliasName = "alias/o", TargetKeyId = key }' },
  { "url = alb.DNSName", 'url = "x" .. alb.DNSName' },
}

return edited
