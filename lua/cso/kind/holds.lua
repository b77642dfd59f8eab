--- Who holds what: properties by which a thing keeps those it names from being deleted. As long as the
--- holder names them, their service answers with DependencyViolation, ResourceInUse, DeleteConflict or
--- the like. Most hold through network interfaces, which stand in a subnet and belong to groups.
---
--- Where types have no kind of their own, the deleting operation of what is held lists an error that says so in
--- the service's model (SubnetGroupInUseFault, ClusterContainsServicesException, CachePolicyInUse, …), or it is
--- a network interface that holds.
---
--- What a property names here and is not listed may go at any time: a record's target, an alarm's
--- dimension, a launch template's group.
return {
  ["AWS::AmazonMQ::Broker"] = { "SecurityGroups", "SubnetIds" },
  ["AWS::ApiGateway::VpcLink"] = { "TargetArns" },
  ["AWS::ApiGatewayV2::VpcLink"] = { "SecurityGroupIds", "SubnetIds" },
  ["AWS::AutoScaling::AutoScalingGroup"] = { "LaunchConfigurationName", "VPCZoneIdentifier" },
  ["AWS::Batch::JobQueue"] = { "ComputeEnvironmentOrder" },
  -- Certificates, access identities and controls, cache and header policies, functions.
  ["AWS::CloudFront::Distribution"] = { "DistributionConfig" },
  ["AWS::DAX::Cluster"] = { "ParameterGroupName", "SecurityGroupIds", "SubnetGroupName" },
  ["AWS::DAX::SubnetGroup"] = { "SubnetIds" },
  ["AWS::DMS::ReplicationInstance"] = { "ReplicationSubnetGroupIdentifier", "VpcSecurityGroupIds" },
  ["AWS::DMS::ReplicationSubnetGroup"] = { "SubnetIds" },
  ["AWS::DMS::ReplicationTask"] = { "ReplicationInstanceArn", "SourceEndpointArn", "TargetEndpointArn" },
  ["AWS::DocDB::DBCluster"] = { "DBClusterParameterGroupName", "DBSubnetGroupName", "VpcSecurityGroupIds" },
  ["AWS::DocDB::DBSubnetGroup"] = { "SubnetIds" },
  ["AWS::EC2::Instance"] = { "NetworkInterfaces", "SecurityGroupIds", "SubnetId" },
  ["AWS::EC2::NatGateway"] = { "AllocationId", "SubnetId" },
  ["AWS::EC2::NetworkInterface"] = { "GroupSet", "SubnetId" },
  -- Rules that name another group keep that one.
  ["AWS::EC2::SecurityGroup"] = { "SecurityGroupEgress", "SecurityGroupIngress" },
  ["AWS::EC2::SecurityGroupEgress"] = { "DestinationSecurityGroupId" },
  ["AWS::EC2::SecurityGroupIngress"] = { "SourceSecurityGroupId" },
  ["AWS::EC2::SubnetNetworkAclAssociation"] = { "NetworkAclId" },
  ["AWS::EC2::SubnetRouteTableAssociation"] = { "RouteTableId" },
  ["AWS::EC2::TransitGatewayAttachment"] = { "SubnetIds", "TransitGatewayId" },
  ["AWS::EC2::TransitGatewayVpcAttachment"] = { "SubnetIds", "TransitGatewayId" },
  ["AWS::EC2::VPCDHCPOptionsAssociation"] = { "DhcpOptionsId" },
  ["AWS::EC2::VPCEndpoint"] = { "SecurityGroupIds", "SubnetIds" },
  ["AWS::EC2::VPCEndpointService"] = { "GatewayLoadBalancerArns", "NetworkLoadBalancerArns" },
  ["AWS::EC2::VPNConnection"] = { "CustomerGatewayId", "TransitGatewayId", "VpnGatewayId" },
  ["AWS::ECS::Service"] = { "Cluster", "NetworkConfiguration" },
  ["AWS::EFS::MountTarget"] = { "FileSystemId", "SecurityGroups", "SubnetId" },
  ["AWS::EKS::Cluster"] = { "ResourcesVpcConfig" },
  ["AWS::EKS::FargateProfile"] = { "ClusterName", "Subnets" },
  ["AWS::EKS::Nodegroup"] = { "ClusterName", "Subnets" },
  ["AWS::ElastiCache::CacheCluster"] = { "CacheParameterGroupName", "CacheSubnetGroupName", "VpcSecurityGroupIds" },
  ["AWS::ElastiCache::ReplicationGroup"] = { "CacheParameterGroupName", "CacheSubnetGroupName", "SecurityGroupIds",
    "UserGroupIds" },
  ["AWS::ElastiCache::SubnetGroup"] = { "SubnetIds" },
  ["AWS::ElasticLoadBalancing::LoadBalancer"] = { "SecurityGroups", "Subnets" },
  ["AWS::ElasticLoadBalancingV2::Listener"] = { "Certificates", "DefaultActions" },
  ["AWS::ElasticLoadBalancingV2::ListenerCertificate"] = { "Certificates" },
  ["AWS::ElasticLoadBalancingV2::ListenerRule"] = { "Actions" },
  ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = { "SecurityGroups", "SubnetMappings", "Subnets" },
  ["AWS::FSx::FileSystem"] = { "SecurityGroupIds", "SubnetIds" },
  ["AWS::GlobalAccelerator::EndpointGroup"] = { "ListenerArn" },
  ["AWS::GlobalAccelerator::Listener"] = { "AcceleratorArn" },
  ["AWS::Lambda::Function"] = { "VpcConfig" },
  ["AWS::MSK::Cluster"] = { "BrokerNodeGroupInfo" },
  ["AWS::MemoryDB::Cluster"] = { "ACLName", "ParameterGroupName", "SecurityGroupIds", "SubnetGroupName" },
  ["AWS::MemoryDB::SubnetGroup"] = { "SubnetIds" },
  ["AWS::Neptune::DBCluster"] = { "DBClusterParameterGroupName", "DBSubnetGroupName", "VpcSecurityGroupIds" },
  ["AWS::Neptune::DBInstance"] = { "DBParameterGroupName" },
  ["AWS::Neptune::DBSubnetGroup"] = { "SubnetIds" },
  ["AWS::NetworkFirewall::Firewall"] = { "FirewallPolicyArn", "SubnetMappings" },
  ["AWS::NetworkFirewall::FirewallPolicy"] = { "FirewallPolicy" },
  ["AWS::OpenSearchService::Domain"] = { "VPCOptions" },
  ["AWS::RDS::DBCluster"] = { "DBClusterParameterGroupName", "DBSubnetGroupName", "VpcSecurityGroupIds" },
  ["AWS::RDS::DBInstance"] = { "DBParameterGroupName", "DBSubnetGroupName", "OptionGroupName", "VPCSecurityGroups" },
  ["AWS::RDS::DBProxy"] = { "VpcSecurityGroupIds", "VpcSubnetIds" },
  -- Through the instances that use the group.
  ["AWS::RDS::DBSubnetGroup"] = { "SubnetIds" },
  ["AWS::Redshift::Cluster"] = { "ClusterParameterGroupName", "ClusterSubnetGroupName", "VpcSecurityGroupIds" },
  ["AWS::Redshift::ClusterSubnetGroup"] = { "SubnetIds" },
  ["AWS::Route53Resolver::ResolverEndpoint"] = { "IpAddresses", "SecurityGroupIds" },
  ["AWS::Route53Resolver::ResolverRuleAssociation"] = { "ResolverRuleId" },
  ["AWS::ServiceDiscovery::Service"] = { "NamespaceId" },
  -- IP sets, pattern sets and rule groups.
  ["AWS::WAFv2::WebACL"] = { "Rules" },
  ["AWS::WAFv2::WebACLAssociation"] = { "WebACLArn" },
}
