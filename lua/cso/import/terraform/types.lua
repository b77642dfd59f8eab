--- Terraform's types of the AWS provider and what they are to CloudFormation, as data.
---
---   "aws_vpc" -> { "EC2::VPC", "{id}" }             the id by a template over the attributes; {a/b}: the
---                                                   first that is not empty; {arn:last}: behind the last "/"
---   "aws_lb" -> { "…LoadBalancer", "{arn}" }
---   { part = "…" }                                  said by another resource: nothing of its own
---   { no = "…" }                                    why it can't be imported
local types = {}

local lines = [[
aws_acm_certificate                        CertificateManager::Certificate          {arn}
aws_alb                                    ElasticLoadBalancingV2::LoadBalancer     {arn}
aws_alb_listener                           ElasticLoadBalancingV2::Listener         {arn}
aws_alb_listener_rule                      ElasticLoadBalancingV2::ListenerRule     {arn}
aws_alb_target_group                       ElasticLoadBalancingV2::TargetGroup      {arn}
aws_api_gateway_rest_api                   ApiGateway::RestApi                      {id}
aws_apigatewayv2_api                       ApiGatewayV2::Api                        {id}
aws_apigatewayv2_authorizer                ApiGatewayV2::Authorizer                 {id}|{api_id}
aws_apigatewayv2_integration               ApiGatewayV2::Integration                {api_id}|{id}
aws_apigatewayv2_route                     ApiGatewayV2::Route                      {api_id}|{id}
aws_apigatewayv2_vpc_link                  ApiGatewayV2::VpcLink                    {id}
aws_appautoscaling_target                  ApplicationAutoScaling::ScalableTarget   {resource_id}|{scalable_dimension}|{service_namespace}
aws_athena_workgroup                       Athena::WorkGroup                        {name}
aws_autoscaling_group                      AutoScaling::AutoScalingGroup            {name}
aws_backup_plan                            Backup::BackupPlan                       {id}
aws_backup_selection                       Backup::BackupSelection                  {id}_{plan_id}
aws_backup_vault                           Backup::BackupVault                      {name}
aws_batch_compute_environment              Batch::ComputeEnvironment                {arn}
aws_batch_job_queue                        Batch::JobQueue                          {arn}
aws_cloudformation_stack                   !no                                      CloudFormation manages what is in it
aws_cloudfront_cache_policy                CloudFront::CachePolicy                  {id}
aws_cloudfront_distribution                CloudFront::Distribution                 {id}
aws_cloudfront_function                    CloudFront::Function                     {arn}
aws_cloudfront_origin_access_control       CloudFront::OriginAccessControl          {id}
aws_cloudtrail                             CloudTrail::Trail                        {name}
aws_cloudwatch_composite_alarm             CloudWatch::CompositeAlarm               {alarm_name}
aws_cloudwatch_dashboard                   CloudWatch::Dashboard                    {dashboard_name}
aws_cloudwatch_event_bus                   Events::EventBus                         {name}
aws_cloudwatch_event_rule                  Events::Rule                             {arn}
aws_cloudwatch_log_group                   Logs::LogGroup                           {name}
aws_cloudwatch_log_metric_filter           Logs::MetricFilter                       {log_group_name}|{name}
aws_cloudwatch_metric_alarm                CloudWatch::Alarm                        {alarm_name}
aws_codebuild_project                      CodeBuild::Project                       {name}
aws_codepipeline                           CodePipeline::Pipeline                   {name}
aws_cognito_user_pool                      Cognito::UserPool                        {id}
aws_cognito_user_pool_client               Cognito::UserPoolClient                  {user_pool_id}|{id}
aws_cognito_user_pool_domain               Cognito::UserPoolDomain                  {domain}
aws_db_instance                            RDS::DBInstance                          {identifier}
aws_db_option_group                        RDS::OptionGroup                         {name}
aws_db_parameter_group                     RDS::DBParameterGroup                    {name}
aws_db_proxy                               RDS::DBProxy                             {name}
aws_db_subnet_group                        RDS::DBSubnetGroup                       {name}
aws_default_network_acl                    !no                                      AWS makes it with the VPC
aws_default_route_table                    !no                                      AWS makes it with the VPC
aws_default_security_group                 !no                                      AWS makes it with the VPC
aws_default_subnet                         EC2::Subnet                              {id}
aws_default_vpc                            EC2::VPC                                 {id}
aws_dlm_lifecycle_policy                   DLM::LifecyclePolicy                     {id}
aws_docdb_cluster                          DocDB::DBCluster                         {cluster_identifier}
aws_dynamodb_table                         DynamoDB::Table                          {name}
aws_ebs_volume                             EC2::Volume                              {id}
aws_ecr_lifecycle_policy                   !part                                    the repository says it
aws_ecr_repository                         ECR::Repository                          {name}
aws_ecr_repository_policy                  !part                                    the repository says it
aws_ecs_cluster                            ECS::Cluster                             {name}
aws_ecs_service                            ECS::Service                             {id}|{cluster:last}
aws_ecs_task_definition                    ECS::TaskDefinition                      {arn}
aws_efs_access_point                       EFS::AccessPoint                         {id}
aws_efs_backup_policy                      !part                                    the file system says it
aws_efs_file_system                        EFS::FileSystem                          {id}
aws_efs_file_system_policy                 !part                                    the file system says it
aws_efs_mount_target                       EFS::MountTarget                         {id}
aws_egress_only_internet_gateway           EC2::EgressOnlyInternetGateway           {id}
aws_eip                                    EC2::EIP                                 {allocation_id/id}
aws_eip_association                        EC2::EIPAssociation                      {id}
aws_eks_addon                              EKS::Addon                               {cluster_name}|{addon_name}
aws_eks_cluster                            EKS::Cluster                             {name}
aws_eks_node_group                         EKS::Nodegroup                           {cluster_name}/{node_group_name}
aws_elasticache_cluster                    ElastiCache::CacheCluster                {cluster_id}
aws_elasticache_parameter_group            ElastiCache::ParameterGroup              {name}
aws_elasticache_replication_group          ElastiCache::ReplicationGroup            {replication_group_id}
aws_elasticache_subnet_group               ElastiCache::SubnetGroup                 {name}
aws_elb                                    ElasticLoadBalancing::LoadBalancer       {name}
aws_flow_log                               EC2::FlowLog                             {id}
aws_glue_catalog_database                  Glue::Database                           {name}
aws_glue_job                               Glue::Job                                {name}
aws_guardduty_detector                     GuardDuty::Detector                      {id}
aws_iam_access_key                         !no                                      it is a secret that IAM shows once
aws_iam_group                              IAM::Group                               {name}
aws_iam_instance_profile                   IAM::InstanceProfile                     {name}
aws_iam_openid_connect_provider            IAM::OIDCProvider                        {arn}
aws_iam_policy                             IAM::ManagedPolicy                       {arn}
aws_iam_policy_attachment                  !part                                    the policy or the role says it
aws_iam_role                               IAM::Role                                {name}
aws_iam_role_policy                        IAM::RolePolicy                          {name}|{role}
aws_iam_role_policy_attachment             !part                                    the role says it
aws_iam_service_linked_role                IAM::ServiceLinkedRole                   {name}
aws_iam_user                               IAM::User                                {name}
aws_iam_user_policy_attachment             !part                                    the user says it
aws_instance                               EC2::Instance                            {id}
aws_internet_gateway                       EC2::InternetGateway                     {id}
aws_internet_gateway_attachment            EC2::VPCGatewayAttachment                {internet_gateway_id}|{vpc_id}
aws_key_pair                               EC2::KeyPair                             {key_name}
aws_kinesis_stream                         Kinesis::Stream                          {name}
aws_kms_alias                              KMS::Alias                               {name}
aws_kms_key                                KMS::Key                                 {key_id}
aws_lambda_alias                           Lambda::Alias                            {arn}
aws_lambda_event_source_mapping            Lambda::EventSourceMapping               {uuid/id}
aws_lambda_function                        Lambda::Function                         {function_name}
aws_lambda_layer_version                   Lambda::LayerVersion                     {arn}
aws_lambda_permission                      Lambda::Permission                       {function_name}|{statement_id}
aws_launch_configuration                   AutoScaling::LaunchConfiguration         {name}
aws_launch_template                        EC2::LaunchTemplate                      {id}
aws_lb                                     ElasticLoadBalancingV2::LoadBalancer     {arn}
aws_lb_listener                            ElasticLoadBalancingV2::Listener         {arn}
aws_lb_listener_certificate                !part                                    the listener's certificates are found with it
aws_lb_listener_rule                       ElasticLoadBalancingV2::ListenerRule     {arn}
aws_lb_target_group                        ElasticLoadBalancingV2::TargetGroup      {arn}
aws_lb_target_group_attachment             !part                                    the target group says its targets
aws_main_route_table_association           !no                                      a VPC's main route table can't be declared
aws_mq_broker                              AmazonMQ::Broker                         {id}
aws_msk_cluster                            MSK::Cluster                             {arn}
aws_nat_gateway                            EC2::NatGateway                          {id}
aws_network_acl                            EC2::NetworkAcl                          {id}
aws_network_acl_association                !part                                    the list says its subnets
aws_network_acl_rule                       !part                                    the list's entries are found with it
aws_network_interface                      EC2::NetworkInterface                    {id}
aws_network_interface_sg_attachment        !part                                    the network interface says it
aws_opensearch_domain                      OpenSearchService::Domain                {domain_name}
aws_placement_group                        EC2::PlacementGroup                      {name}
aws_ec2_managed_prefix_list                EC2::PrefixList                          {id}
aws_ec2_transit_gateway                    EC2::TransitGateway                      {id}
aws_ec2_transit_gateway_vpc_attachment     EC2::TransitGatewayAttachment            {id}
aws_ec2_transit_gateway_route_table        EC2::TransitGatewayRouteTable            {id}
aws_rds_cluster                            RDS::DBCluster                           {cluster_identifier}
aws_rds_cluster_instance                   RDS::DBInstance                          {identifier}
aws_rds_cluster_parameter_group            RDS::DBClusterParameterGroup             {name}
aws_redshift_cluster                       Redshift::Cluster                        {cluster_identifier}
aws_route                                  EC2::Route                               {route_table_id}|{destination_cidr_block/destination_ipv6_cidr_block/destination_prefix_list_id}
aws_route53_health_check                   Route53::HealthCheck                     {id}
aws_route53_record                         Route53::RecordSet                       {zone_id}|{fqdn/name}.|{type}|{set_identifier?}
aws_route53_zone                           Route53::HostedZone                      {zone_id}
aws_route53_zone_association               !part                                    the zone says its VPCs
aws_route_table                            EC2::RouteTable                          {id}
aws_route_table_association                EC2::SubnetRouteTableAssociation         {id}
aws_s3_bucket                              S3::Bucket                               {bucket/id}
aws_s3_bucket_acl                          !part                                    the bucket says it
aws_s3_bucket_cors_configuration           !part                                    the bucket says it
aws_s3_bucket_lifecycle_configuration      !part                                    the bucket says it
aws_s3_bucket_logging                      !part                                    the bucket says it
aws_s3_bucket_notification                 !part                                    the bucket says it
aws_s3_bucket_object                       !no                                      objects are data; declare them as cso.s3.Object
aws_s3_bucket_ownership_controls           !part                                    the bucket says it
aws_s3_bucket_policy                       S3::BucketPolicy                         {bucket}
aws_s3_bucket_public_access_block          !part                                    the bucket says it
aws_s3_bucket_server_side_encryption_configuration !part                            the bucket says it
aws_s3_bucket_versioning                   !part                                    the bucket says it
aws_s3_object                              !no                                      objects are data; declare them as cso.s3.Object
aws_secretsmanager_secret                  SecretsManager::Secret                   {arn}
aws_secretsmanager_secret_policy           SecretsManager::ResourcePolicy           {secret_arn}
aws_secretsmanager_secret_version          !no                                      its value is a secret: csorun writes none down
aws_security_group                         EC2::SecurityGroup                       {id}
aws_service_discovery_private_dns_namespace ServiceDiscovery::PrivateDnsNamespace   {id}
aws_sfn_state_machine                      StepFunctions::StateMachine              {arn}
aws_sns_topic                              SNS::Topic                               {arn}
aws_sns_topic_policy                       !part                                    the topic says it
aws_sns_topic_subscription                 SNS::Subscription                        {arn}
aws_sqs_queue                              SQS::Queue                               {url/id}
aws_sqs_queue_policy                       !part                                    the queue says it
aws_ssm_document                           SSM::Document                            {name}
aws_ssm_maintenance_window                 SSM::MaintenanceWindow                   {id}
aws_ssm_parameter                          SSM::Parameter                           {name}
aws_subnet                                 EC2::Subnet                              {id}
aws_vpc_security_group_egress_rule         EC2::SecurityGroupEgress                 {id}
aws_vpc_security_group_ingress_rule        EC2::SecurityGroupIngress                {id}
aws_volume_attachment                      EC2::VolumeAttachment                    {volume_id}|{instance_id}
aws_vpc                                    EC2::VPC                                 {id}
aws_vpc_dhcp_options                       EC2::DHCPOptions                         {id}
aws_vpc_dhcp_options_association           EC2::VPCDHCPOptionsAssociation           {dhcp_options_id}|{vpc_id}
aws_vpc_endpoint                           EC2::VPCEndpoint                         {id}
aws_vpc_ipv4_cidr_block_association        EC2::VPCCidrBlock                        {id}|{vpc_id}
aws_vpc_peering_connection                 EC2::VPCPeeringConnection                {id}
aws_vpn_gateway                            EC2::VPNGateway                          {id}
aws_wafv2_ip_set                           WAFv2::IPSet                             {name}|{id}|{scope}
aws_wafv2_web_acl                          WAFv2::WebACL                            {name}|{id}|{scope}
aws_wafv2_web_acl_association              WAFv2::WebACLAssociation                 {resource_arn}|{web_acl_arn}
aws_xray_sampling_rule                     XRay::SamplingRule                       {arn}
]]

for line in lines:gmatch("[^\n]+") do
  local name, target, rest = line:match("^(%S+)%s+(%S+)%s+(.+)$")
  if target == "!part" then
    types[name] = { part = rest }
  elseif target == "!no" then
    types[name] = { no = rest }
  else
    types[name] = { type = "AWS::" .. target, id = rest }
  end
end

--- A rule of the older kind says its direction in an attribute, and stands for several rules at times.
types.aws_security_group_rule = { choose = function(a)
  local direction = a.type == "egress" and "Egress" or "Ingress"
  return { type = "AWS::EC2::SecurityGroup" .. direction, id = "{security_group_rule_id}",
    part = "it stands for several rules, which are found with the group" }
end }

return types
