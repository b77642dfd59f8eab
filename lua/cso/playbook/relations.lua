--- Which property names which attribute of which type, where the catalogue doesn't know it or knows
--- only a part. Keys: "Type.Property" or "Type.Definition.Property" without "AWS::".
local relations = {}

local more = {
  ["ElasticLoadBalancingV2::TargetGroup.TargetDescription.Id"] = {
    { type = "AWS::EC2::Instance", attribute = "InstanceId" },
    { type = "AWS::Lambda::Function", attribute = "Arn" },
    { type = "AWS::ElasticLoadBalancingV2::LoadBalancer", attribute = "LoadBalancerArn" },
  },
  ["EC2::Instance.IamInstanceProfile"] = {
    { type = "AWS::IAM::InstanceProfile", attribute = "Ref" },
  },
  ["EC2::VolumeAttachment.InstanceId"] = {
    { type = "AWS::EC2::Instance", attribute = "InstanceId" },
  },
  ["EC2::EIP.InstanceId"] = { { type = "AWS::EC2::Instance", attribute = "InstanceId" } },
  ["EC2::Route.GatewayId"] = {
    { type = "AWS::EC2::InternetGateway", attribute = "InternetGatewayId" },
    { type = "AWS::EC2::VPNGateway", attribute = "VPNGatewayId" },
  },
  ["EC2::Route.NatGatewayId"] = { { type = "AWS::EC2::NatGateway", attribute = "NatGatewayId" } },
  ["RDS::DBInstance.VPCSecurityGroups"] = {
    { type = "AWS::EC2::SecurityGroup", attribute = "GroupId" },
  },
  ["RDS::DBInstance.DBSubnetGroupName"] = {
    { type = "AWS::RDS::DBSubnetGroup", attribute = "Ref" },
  },
  ["RDS::DBInstance.DBParameterGroupName"] = {
    { type = "AWS::RDS::DBParameterGroup", attribute = "Ref" },
  },
  ["IAM::InstanceProfile.Roles"] = { { type = "AWS::IAM::Role", attribute = "Ref" } },
  ["KMS::Alias.TargetKeyId"] = { { type = "AWS::KMS::Key", attribute = "KeyId" } },
  ["cso.s3.Object.Bucket"] = { { type = "AWS::S3::Bucket", attribute = "Ref" } },
}

local none = {}

--- All that is known about what a property may name.
---@param owner string       "AWS::EC2::Instance" or "AWS::EC2::LaunchTemplate.LaunchTemplateData"
---@param property string
---@param P table?           the property in the catalogue
---@return { type: string, attribute: string }[]
function relations.find(owner, property, P)
  local extra = more[owner:gsub("^AWS::", "") .. "." .. property]
  local known = P and P.refs or none
  if not extra then return known end
  local all = { table.unpack(extra) }
  table.move(known, 1, #known, #all + 1, all)
  return all
end

return relations
