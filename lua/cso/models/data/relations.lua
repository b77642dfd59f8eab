--- Which property names which attribute of which type, where AWS's own database does not say so
--- or says it in a form that is worth less. Kept by hand; spec/models/relations_spec.lua checks
--- every path and every attribute against the types.
local relations = {}

--- Attributes to be preferred wherever a type is referred to: [type.attribute] = attribute.
relations.prefer = {
  -- Both are the group's id; GroupId is what EC2 itself calls it.
  ["AWS::EC2::SecurityGroup.Id"] = "GroupId",
}

--- The attribute to be tried first when a reference allows several of one type.
relations.first = {
  -- Services answer with the key's ARN whatever they were given; the same text keeps plans empty.
  ["AWS::KMS::Key"] = "Arn",
}

--- By name alone, for properties (string, or list of strings) of any type that say nothing.
relations.names = {
  ["AWS::EC2::VPC.VpcId"] = { "VpcId", "VPCId", "VpcID", "VpcIdentifier" },
  ["AWS::EC2::Subnet.SubnetId"] = { "SubnetId", "SubnetIds", "Subnets", "VpcSubnetIds" },
  ["AWS::EC2::SecurityGroup.GroupId"] = { "SecurityGroupId", "SecurityGroupIds", "VpcSecurityGroupIds" },
  ["AWS::EC2::NetworkAcl.Id"] = { "NetworkAclId" },
  ["AWS::EC2::NetworkInterface.Id"] = { "NetworkInterfaceId" },
  ["AWS::EC2::TransitGateway.Id"] = { "TransitGatewayId" },
  ["AWS::EC2::Volume.VolumeId"] = { "SourceVolumeId" },
  ["AWS::EC2::LaunchTemplate.LaunchTemplateName"] = { "LaunchTemplateName" },
  ["AWS::KMS::Key.Arn"] = { "KmsKeyId", "KmsKeyArn", "KMSKeyArn", "KMSKeyId", "KmsKey", "KmsKeyIdentifier",
    "VolumeKmsKeyId", "KmsMasterKeyId" },
  ["AWS::IAM::Role.Arn"] = { "RoleArn", "RoleARN", "IamRoleArn", "IAMRoleArn", "ExecutionRoleArn", "TaskRoleArn",
    "ServiceRoleArn", "ServiceAccessRoleArn", "DataAccessRoleArn", "LogRoleArn", "SecretsManagerAccessRoleArn",
    "MonitoringRoleArn", "SuccessFeedbackRoleArn", "FailureFeedbackRoleArn" },
  ["AWS::S3::Bucket.BucketName"] = { "S3Bucket", "S3BucketName", "BucketName" },
  ["AWS::S3::Bucket.Arn"] = { "BucketArn", "S3BucketArn", "BucketARN" },
  ["AWS::SNS::Topic.TopicArn"] = { "TopicArn", "SnsTopicArn", "SNSTopicArn" },
  ["AWS::SQS::Queue.Arn"] = { "QueueArn" },
  ["AWS::Logs::LogGroup.LogGroupName"] = { "LogGroupName" },
  ["AWS::Logs::LogGroup.Arn"] = { "LogGroupArn", "CloudWatchLogsLogGroupArn" },
  ["AWS::CertificateManager::Certificate.CertificateArn"] = { "CertificateArn", "ACMCertificateArn", "AcmCertificateArn" },
  ["AWS::Cognito::UserPool.UserPoolId"] = { "UserPoolId" },
  ["AWS::Cognito::UserPool.Arn"] = { "UserPoolArn" },
  ["AWS::Route53::HostedZone.Id"] = { "HostedZoneId" },
  ["AWS::Lambda::Function.Arn"] = { "LambdaArn", "FunctionArn", "LambdaFunctionArn" },
  ["AWS::SecretsManager::Secret.Id"] = { "SecretArn", "SecretsManagerSecretArn" },
  ["AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerArn"] = { "LoadBalancerArn" },
  ["AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupArn"] = { "TargetGroupArn", "TargetGroupARNs", "TargetGroupArns" },
  ["AWS::ElasticLoadBalancingV2::Listener.ListenerArn"] = { "ListenerArn" },
  ["AWS::RDS::DBSubnetGroup.DBSubnetGroupName"] = { "DBSubnetGroupName" },
  ["AWS::EFS::FileSystem.FileSystemId"] = { "FileSystemId" },
  ["AWS::EFS::AccessPoint.AccessPointId"] = { "AccessPointId" },
}

--- One type at a time. `[]` goes into a list, `.` into an object; the first target is preferred.
relations.paths = {
  ["AWS::EC2::NatGateway"] = {
    ["AvailabilityZoneAddresses[].AllocationIds[]"] = { "AWS::EC2::EIP.AllocationId" },
    ["SecondaryAllocationIds[]"] = { "AWS::EC2::EIP.AllocationId" },
  },
  ["AWS::EC2::Route"] = {
    VpcEndpointId = { "AWS::EC2::VPCEndpoint.Id" },
    DestinationPrefixListId = { "AWS::EC2::PrefixList.PrefixListId" },
  },
  ["AWS::EC2::SecurityGroup"] = {
    ["SecurityGroupIngress[].SourceSecurityGroupId"] = { "AWS::EC2::SecurityGroup.GroupId" },
    ["SecurityGroupIngress[].SourcePrefixListId"] = { "AWS::EC2::PrefixList.PrefixListId" },
    ["SecurityGroupEgress[].DestinationSecurityGroupId"] = { "AWS::EC2::SecurityGroup.GroupId" },
    ["SecurityGroupEgress[].DestinationPrefixListId"] = { "AWS::EC2::PrefixList.PrefixListId" },
  },
  ["AWS::EC2::SecurityGroupEgress"] = { DestinationPrefixListId = { "AWS::EC2::PrefixList.PrefixListId" } },
  ["AWS::EC2::FlowLog"] = {
    ResourceId = { "AWS::EC2::NetworkInterface.Id" },
    LogDestination = { "AWS::KinesisFirehose::DeliveryStream.Arn" },
    DeliverCrossAccountRole = { "AWS::IAM::Role.Arn" },
  },
  ["AWS::EC2::Instance"] = {
    KeyName = { "AWS::EC2::KeyPair.KeyName" },
    ["LaunchTemplate.LaunchTemplateName"] = { "AWS::EC2::LaunchTemplate.LaunchTemplateName" },
  },
  ["AWS::EC2::LaunchTemplate"] = {
    ["LaunchTemplateData.KeyName"] = { "AWS::EC2::KeyPair.KeyName" },
    ["LaunchTemplateData.IamInstanceProfile.Arn"] = { "AWS::IAM::InstanceProfile.Arn" },
  },
  ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = {
    ["SubnetMappings[].AllocationId"] = { "AWS::EC2::EIP.AllocationId" },
  },
  ["AWS::ElasticLoadBalancingV2::Listener"] = {
    ["DefaultActions[].AuthenticateCognitoConfig.UserPoolDomain"] = { "AWS::Cognito::UserPoolDomain.Domain" },
    ["DefaultActions[].AuthenticateCognitoConfig.UserPoolClientId"] = { "AWS::Cognito::UserPoolClient.ClientId" },
    ["MutualAuthentication.TrustStoreArn"] = { "AWS::ElasticLoadBalancingV2::TrustStore.TrustStoreArn" },
  },
  ["AWS::ElasticLoadBalancingV2::ListenerRule"] = {
    ["Actions[].AuthenticateCognitoConfig.UserPoolDomain"] = { "AWS::Cognito::UserPoolDomain.Domain" },
  },
  ["AWS::ElasticLoadBalancingV2::TargetGroup"] = {
    ["Targets[].Id"] = { "AWS::EC2::Instance.InstanceId" },
  },
  ["AWS::IAM::RolePolicy"] = { RoleName = { "AWS::IAM::Role.RoleName" } },
  ["AWS::IAM::GroupPolicy"] = { GroupName = { "AWS::IAM::Group.GroupName" } },
  ["AWS::IAM::UserPolicy"] = { UserName = { "AWS::IAM::User.UserName" } },
  ["AWS::KMS::Alias"] = { TargetKeyId = { "AWS::KMS::Key.KeyId" } }, -- a read shows the id, not the ARN
  ["AWS::CertificateManager::Certificate"] = {
    ["DomainValidationOptions[].HostedZoneId"] = { "AWS::Route53::HostedZone.Id" },
    CertificateAuthorityArn = { "AWS::ACMPCA::CertificateAuthority.Arn" },
  },
  ["AWS::RDS::DBInstance"] = {
    OptionGroupName = { "AWS::RDS::OptionGroup.OptionGroupName" },
    DomainIAMRoleName = { "AWS::IAM::Role.RoleName" },
  },
  ["AWS::RDS::DBProxyEndpoint"] = { DBProxyName = { "AWS::RDS::DBProxy.DBProxyName" } },
  ["AWS::RDS::DBProxyTargetGroup"] = { ["DBInstanceIdentifiers[]"] = { "AWS::RDS::DBInstance.DBInstanceIdentifier" } },
  ["AWS::Route53::RecordSet"] = {
    HealthCheckId = { "AWS::Route53::HealthCheck.HealthCheckId" },
    ["AliasTarget.HostedZoneId"] = { "AWS::ElasticLoadBalancingV2::LoadBalancer.CanonicalHostedZoneID" },
    ["AliasTarget.DNSName"] = { "AWS::ElasticLoadBalancingV2::LoadBalancer.DNSName" },
  },
  ["AWS::Cognito::UserPool"] = {
    ["EmailConfiguration.SourceArn"] = { "AWS::SES::EmailIdentity.EmailIdentity" },
  },
  ["AWS::SNS::TopicPolicy"] = { ["Topics[]"] = { "AWS::SNS::Topic.TopicArn" } },
  ["AWS::CloudWatch::CompositeAlarm"] = { ["InsufficientDataActions[]"] = { "AWS::SNS::Topic.TopicArn" } },
  ["AWS::Backup::BackupSelection"] = {
    ["BackupSelection.Resources[]"] = { "AWS::EFS::FileSystem.Arn", "AWS::RDS::DBInstance.DBInstanceArn" },
  },
  ["AWS::WAFv2::WebACLAssociation"] = { WebACLArn = { "AWS::WAFv2::WebACL.Arn" } },
  ["AWS::AutoScaling::AutoScalingGroup"] = {
    ["LaunchTemplate.LaunchTemplateName"] = { "AWS::EC2::LaunchTemplate.LaunchTemplateName" },
  },
}

return relations
