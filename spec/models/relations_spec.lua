-- What a resource passed as a property gives: the first reference of each property here.
local catalogue = require "cso.std.catalogue"
local relate = require "cso.models.relate"

local EXPECTED = {
  ["EC2::Subnet"] = { VpcId = "EC2::VPC.VpcId" },
  ["EC2::VPCGatewayAttachment"] = { VpcId = "EC2::VPC.VpcId", InternetGatewayId = "EC2::InternetGateway.InternetGatewayId" },
  ["EC2::NatGateway"] = { SubnetId = "EC2::Subnet.SubnetId", AllocationId = "EC2::EIP.AllocationId" },
  ["EC2::RouteTable"] = { VpcId = "EC2::VPC.VpcId" },
  ["EC2::Route"] = { RouteTableId = "EC2::RouteTable.RouteTableId", GatewayId = "EC2::InternetGateway.InternetGatewayId",
    NatGatewayId = "EC2::NatGateway.NatGatewayId" },
  ["EC2::SubnetRouteTableAssociation"] = { SubnetId = "EC2::Subnet.SubnetId", RouteTableId = "EC2::RouteTable.RouteTableId" },
  ["EC2::SecurityGroup"] = { VpcId = "EC2::VPC.VpcId",
    ["SecurityGroupIngress[].SourceSecurityGroupId"] = "EC2::SecurityGroup.GroupId" },
  ["EC2::SecurityGroupIngress"] = { GroupId = "EC2::SecurityGroup.GroupId",
    SourceSecurityGroupId = "EC2::SecurityGroup.GroupId" },
  ["EC2::SecurityGroupEgress"] = { GroupId = "EC2::SecurityGroup.GroupId",
    DestinationSecurityGroupId = "EC2::SecurityGroup.GroupId" },
  ["EC2::NetworkAcl"] = { VpcId = "EC2::VPC.VpcId" },
  ["EC2::NetworkAclEntry"] = { NetworkAclId = "EC2::NetworkAcl.Id" },
  ["EC2::SubnetNetworkAclAssociation"] = { NetworkAclId = "EC2::NetworkAcl.Id", SubnetId = "EC2::Subnet.SubnetId" },
  ["EC2::VPCEndpoint"] = { VpcId = "EC2::VPC.VpcId", ["SubnetIds[]"] = "EC2::Subnet.SubnetId",
    ["RouteTableIds[]"] = "EC2::RouteTable.RouteTableId", ["SecurityGroupIds[]"] = "EC2::SecurityGroup.GroupId" },
  ["EC2::FlowLog"] = { DeliverLogsPermissionArn = "IAM::Role.Arn", LogGroupName = "Logs::LogGroup.LogGroupName" },
  ["EC2::Instance"] = { SubnetId = "EC2::Subnet.SubnetId", ["SecurityGroupIds[]"] = "EC2::SecurityGroup.GroupId",
    IamInstanceProfile = "IAM::InstanceProfile.InstanceProfileName", KeyName = "EC2::KeyPair.KeyName",
    ["BlockDeviceMappings[].Ebs.KmsKeyId"] = "KMS::Key.Arn",
    ["NetworkInterfaces[].SubnetId"] = "EC2::Subnet.SubnetId" },
  ["EC2::LaunchTemplate"] = { ["LaunchTemplateData.SecurityGroupIds[]"] = "EC2::SecurityGroup.GroupId",
    ["LaunchTemplateData.IamInstanceProfile.Arn"] = "IAM::InstanceProfile.Arn" },
  ["EC2::Volume"] = { KmsKeyId = "KMS::Key.Arn" },
  ["EC2::VolumeAttachment"] = { InstanceId = "EC2::Instance.InstanceId", VolumeId = "EC2::Volume.VolumeId" },
  ["ElasticLoadBalancingV2::LoadBalancer"] = { ["Subnets[]"] = "EC2::Subnet.SubnetId",
    ["SecurityGroups[]"] = "EC2::SecurityGroup.GroupId", ["SubnetMappings[].AllocationId"] = "EC2::EIP.AllocationId" },
  ["ElasticLoadBalancingV2::TargetGroup"] = { VpcId = "EC2::VPC.VpcId", ["Targets[].Id"] = "EC2::Instance.InstanceId" },
  ["ElasticLoadBalancingV2::Listener"] = { LoadBalancerArn = "ElasticLoadBalancingV2::LoadBalancer.LoadBalancerArn",
    ["DefaultActions[].TargetGroupArn"] = "ElasticLoadBalancingV2::TargetGroup.TargetGroupArn",
    ["DefaultActions[].ForwardConfig.TargetGroups[].TargetGroupArn"] = "ElasticLoadBalancingV2::TargetGroup.TargetGroupArn",
    ["DefaultActions[].AuthenticateCognitoConfig.UserPoolArn"] = "Cognito::UserPool.Arn",
    ["DefaultActions[].AuthenticateCognitoConfig.UserPoolClientId"] = "Cognito::UserPoolClient.ClientId",
    ["DefaultActions[].AuthenticateCognitoConfig.UserPoolDomain"] = "Cognito::UserPoolDomain.Domain",
    ["Certificates[].CertificateArn"] = "CertificateManager::Certificate.CertificateArn" },
  ["ElasticLoadBalancingV2::ListenerRule"] = { ListenerArn = "ElasticLoadBalancingV2::Listener.ListenerArn",
    ["Actions[].TargetGroupArn"] = "ElasticLoadBalancingV2::TargetGroup.TargetGroupArn" },
  ["ElasticLoadBalancingV2::ListenerCertificate"] = { ListenerArn = "ElasticLoadBalancingV2::Listener.ListenerArn",
    ["Certificates[].CertificateArn"] = "CertificateManager::Certificate.CertificateArn" },
  ["IAM::InstanceProfile"] = { ["Roles[]"] = "IAM::Role.RoleName" },
  ["IAM::RolePolicy"] = { RoleName = "IAM::Role.RoleName" },
  ["IAM::Role"] = { ["ManagedPolicyArns[]"] = "IAM::ManagedPolicy.PolicyArn" },
  ["KMS::Alias"] = { TargetKeyId = "KMS::Key.KeyId" },
  ["CertificateManager::Certificate"] = { ["DomainValidationOptions[].HostedZoneId"] = "Route53::HostedZone.Id" },
  ["SecretsManager::Secret"] = { KmsKeyId = "KMS::Key.Arn" },
  ["EFS::FileSystem"] = { KmsKeyId = "KMS::Key.Arn" },
  ["EFS::MountTarget"] = { FileSystemId = "EFS::FileSystem.FileSystemId", SubnetId = "EC2::Subnet.SubnetId",
    ["SecurityGroups[]"] = "EC2::SecurityGroup.GroupId" },
  ["EFS::AccessPoint"] = { FileSystemId = "EFS::FileSystem.FileSystemId" },
  ["S3::BucketPolicy"] = { Bucket = "S3::Bucket.BucketName" },
  ["RDS::DBInstance"] = { DBSubnetGroupName = "RDS::DBSubnetGroup.DBSubnetGroupName", KmsKeyId = "KMS::Key.Arn",
    ["VPCSecurityGroups[]"] = "EC2::SecurityGroup.GroupId", MonitoringRoleArn = "IAM::Role.Arn",
    DBParameterGroupName = "RDS::DBParameterGroup.DBParameterGroupName", PerformanceInsightsKMSKeyId = "KMS::Key.Arn" },
  ["RDS::DBSubnetGroup"] = { ["SubnetIds[]"] = "EC2::Subnet.SubnetId" },
  ["RDS::DBProxy"] = { RoleArn = "IAM::Role.Arn", ["Auth[].SecretArn"] = "SecretsManager::Secret.Id" },
  ["Route53::HostedZone"] = { ["VPCs[].VPCId"] = "EC2::VPC.VpcId" },
  ["Route53::RecordSet"] = { HostedZoneId = "Route53::HostedZone.Id",
    HealthCheckId = "Route53::HealthCheck.HealthCheckId" },
  ["Cognito::UserPoolClient"] = { UserPoolId = "Cognito::UserPool.UserPoolId" },
  ["Cognito::UserPoolDomain"] = { UserPoolId = "Cognito::UserPool.UserPoolId",
    ["CustomDomainConfig.CertificateArn"] = "CertificateManager::Certificate.CertificateArn" },
  ["Logs::LogGroup"] = { KmsKeyId = "KMS::Key.Arn" },
  ["SNS::Subscription"] = { TopicArn = "SNS::Topic.TopicArn" },
  ["SNS::Topic"] = { KmsMasterKeyId = "KMS::Key.Arn" },
  ["CloudWatch::Alarm"] = { ["AlarmActions[]"] = "SNS::Topic.TopicArn", ["OKActions[]"] = "SNS::Topic.TopicArn" },
  ["Backup::BackupVault"] = { EncryptionKeyArn = "KMS::Key.Arn" },
  ["Backup::BackupPlan"] = { ["BackupPlan.BackupPlanRule[].TargetBackupVault"] = "Backup::BackupVault.BackupVaultName" },
  ["Backup::BackupSelection"] = { BackupPlanId = "Backup::BackupPlan.BackupPlanId",
    ["BackupSelection.IamRoleArn"] = "IAM::Role.Arn" },
  ["AutoScaling::AutoScalingGroup"] = { ["VPCZoneIdentifier[]"] = "EC2::Subnet.SubnetId",
    ["TargetGroupARNs[]"] = "ElasticLoadBalancingV2::TargetGroup.TargetGroupArn" },
  ["WAFv2::WebACLAssociation"] = { ResourceArn = "ElasticLoadBalancingV2::LoadBalancer.LoadBalancerArn",
    WebACLArn = "WAFv2::WebACL.Arn" },
}

describe("references between types", function()
  for type_name, paths in pairs(EXPECTED) do
    it(type_name, function()
      local T = assert(catalogue.type("AWS::" .. type_name))
      for path, target in pairs(paths) do
        local property = relate.find(T, path)
        assert(property, path .. " is not there")
        local first = property.refs and property.refs[1]
        assert.equal("AWS::" .. target, first and first.type .. "." .. first.attribute, path)
      end
    end)
  end

  it("name only attributes that exist", function()
    local wrong = {}
    local function look(name, properties)
      for key, p in pairs(properties) do
        for _, ref in ipairs(p.refs or {}) do
          local T = catalogue.type(ref.type)
          if not T or not (T.properties[ref.attribute] or T.attributes[ref.attribute]) then
            wrong[#wrong + 1] = ("%s.%s -> %s.%s"):format(name, key, ref.type, ref.attribute)
          end
        end
      end
    end
    for _, name in ipairs(catalogue.types()) do
      local T = catalogue.type(name)
      look(name, T.properties)
      for _, D in pairs(T.definitions) do look(name, D.properties) end
    end
    assert.same({}, wrong)
  end)
end)
