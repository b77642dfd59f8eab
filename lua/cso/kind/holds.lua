--- Who holds what: properties by which a thing keeps those it names from being deleted. As long as the
--- holder names them, their service answers with DependencyViolation, ResourceInUse, DeleteConflict or
--- the like. Most hold through network interfaces, which stand in a subnet and belong to groups.
---
--- What a property names here and is not listed may go at any time: a record's target, an alarm's
--- dimension, a launch template's group.
return {
  ["AWS::AutoScaling::AutoScalingGroup"] = { "VPCZoneIdentifier" },
  ["AWS::EC2::Instance"] = { "NetworkInterfaces", "SecurityGroupIds", "SubnetId" },
  ["AWS::EC2::NatGateway"] = { "AllocationId", "SubnetId" },
  ["AWS::EC2::NetworkInterface"] = { "GroupSet", "SubnetId" },
  -- Rules that name another group keep that one.
  ["AWS::EC2::SecurityGroup"] = { "SecurityGroupEgress", "SecurityGroupIngress" },
  ["AWS::EC2::SecurityGroupEgress"] = { "DestinationSecurityGroupId" },
  ["AWS::EC2::SecurityGroupIngress"] = { "SourceSecurityGroupId" },
  ["AWS::EC2::SubnetNetworkAclAssociation"] = { "NetworkAclId" },
  ["AWS::EC2::SubnetRouteTableAssociation"] = { "RouteTableId" },
  ["AWS::EC2::VPCEndpoint"] = { "SecurityGroupIds", "SubnetIds" },
  ["AWS::EFS::MountTarget"] = { "FileSystemId", "SecurityGroups", "SubnetId" },
  ["AWS::ElastiCache::CacheCluster"] = { "CacheParameterGroupName", "CacheSubnetGroupName", "VpcSecurityGroupIds" },
  ["AWS::ElastiCache::ReplicationGroup"] = { "CacheParameterGroupName", "CacheSubnetGroupName", "SecurityGroupIds" },
  ["AWS::ElastiCache::SubnetGroup"] = { "SubnetIds" },
  ["AWS::ElasticLoadBalancingV2::Listener"] = { "Certificates", "DefaultActions" },
  ["AWS::ElasticLoadBalancingV2::ListenerCertificate"] = { "Certificates" },
  ["AWS::ElasticLoadBalancingV2::ListenerRule"] = { "Actions" },
  ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = { "SecurityGroups", "SubnetMappings", "Subnets" },
  ["AWS::Lambda::Function"] = { "VpcConfig" },
  ["AWS::RDS::DBCluster"] = { "DBClusterParameterGroupName", "DBSubnetGroupName", "VpcSecurityGroupIds" },
  ["AWS::RDS::DBInstance"] = { "DBParameterGroupName", "DBSubnetGroupName", "OptionGroupName", "VPCSecurityGroups" },
  ["AWS::RDS::DBProxy"] = { "VpcSecurityGroupIds", "VpcSubnetIds" },
  -- Through the instances that use the group.
  ["AWS::RDS::DBSubnetGroup"] = { "SubnetIds" },
  ["AWS::WAFv2::WebACL"] = { "Rules" },
}
