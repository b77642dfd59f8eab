"""How boto3 describes a resource of each type: VIEWS[type](clients, id, record) gives the answer under
CloudFormation's property names, or None when there is nothing of that id."""
import boto3
from botocore.config import Config

from simulated import KEY, REGION, SECRET

# What exists in csorun's state and nowhere else.
IN_STATE_ONLY = {"cso.net.Ranges", "cso.random.password", "cso.tls.Authority", "cso.tls.Certificate", "cso.step"}


class Clients:
    def __init__(self, url):
        self.url, self.made = url, {}

    def __getitem__(self, service):
        if service not in self.made:
            self.made[service] = boto3.client(
                service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=KEY,
                aws_secret_access_key=SECRET,
                config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))
        return self.made[service]


def pick(raw, **names):
    """Members of an answer under other names; dots go down."""
    view = {}
    for name, path in names.items():
        value = raw
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None:
            view[name] = value
    return view


def one(service, operation, argument, member, same=(), wrap=True, **names):
    """A describe call that takes ids and gives a list: its first element, by `same` and `names`."""
    def view(clients, ident, _record):
        answer = getattr(clients[service], operation)(**{argument: [ident] if wrap else ident})
        found = answer[member]
        if isinstance(found, list):
            if not found:
                return None
            found = found[0]
        return pick(found, **{n: n for n in same}, **names)
    return view


def instance(clients, ident, _record):
    found = clients["ec2"].describe_instances(InstanceIds=[ident])["Reservations"][0]["Instances"][0]
    view = pick(found, InstanceId="InstanceId", ImageId="ImageId", InstanceType="InstanceType", SubnetId="SubnetId",
                PrivateIp="PrivateIpAddress", Tags="Tags", KeyName="KeyName")
    view["SecurityGroupIds"] = [g["GroupId"] for g in found["SecurityGroups"]]
    return view


def gateway_attachment(clients, ident, _record):
    gateway, vpc = ident.split("|")
    found = clients["ec2"].describe_internet_gateways(InternetGatewayIds=[gateway])["InternetGateways"][0]
    if not any(a["VpcId"] == vpc for a in found["Attachments"]):
        return None
    return {"InternetGatewayId": gateway, "VpcId": vpc}


def nat(clients, ident, _record):
    found = clients["ec2"].describe_nat_gateways(NatGatewayIds=[ident])["NatGateways"][0]
    view = pick(found, NatGatewayId="NatGatewayId", SubnetId="SubnetId", Tags="Tags")
    view["AllocationId"] = found["NatGatewayAddresses"][0]["AllocationId"]
    return view if found["State"] == "available" else None


def route(clients, ident, _record):
    table, to = ident.split("|")
    for found in clients["ec2"].describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]:
        if found.get("DestinationCidrBlock") == to:
            return {"RouteTableId": table, **pick(found, DestinationCidrBlock="DestinationCidrBlock",
                                                  GatewayId="GatewayId", NatGatewayId="NatGatewayId")}
    return None


def association(clients, ident, _record):
    tables = clients["ec2"].describe_route_tables(Filters=[
        {"Name": "association.route-table-association-id", "Values": [ident]}])["RouteTables"]
    for found in (a for t in tables for a in t["Associations"]):
        if found["RouteTableAssociationId"] == ident:
            return pick(found, Id="RouteTableAssociationId", SubnetId="SubnetId", RouteTableId="RouteTableId")
    return None


def rule(clients, ident, _record):
    found = clients["ec2"].describe_security_group_rules(SecurityGroupRuleIds=[ident])["SecurityGroupRules"][0]
    return pick(found, Id="SecurityGroupRuleId", GroupId="GroupId", IpProtocol="IpProtocol", FromPort="FromPort",
                ToPort="ToPort", CidrIp="CidrIpv4", Description="Description",
                SourceSecurityGroupId="ReferencedGroupInfo.GroupId")


def balancer(clients, ident, _record):
    found = clients["elbv2"].describe_load_balancers(LoadBalancerArns=[ident])["LoadBalancers"][0]
    view = pick(found, LoadBalancerArn="LoadBalancerArn", Name="LoadBalancerName", DNSName="DNSName", Scheme="Scheme",
                Type="Type", SecurityGroups="SecurityGroups")
    view["Subnets"] = [z["SubnetId"] for z in found["AvailabilityZones"]]
    return view


def listener_rule(clients, ident, _record):
    found = clients["elbv2"].describe_rules(RuleArns=[ident])["Rules"][0]
    return pick(found, RuleArn="RuleArn", Priority="Priority", Actions="Actions")


def database(clients, ident, _record):
    found = clients["rds"].describe_db_instances(DBInstanceIdentifier=ident)["DBInstances"][0]
    view = pick(found, Engine="Engine", EngineVersion="EngineVersion", DBInstanceClass="DBInstanceClass",
                AllocatedStorage="AllocatedStorage", MultiAZ="MultiAZ", StorageEncrypted="StorageEncrypted",
                PreferredBackupWindow="PreferredBackupWindow", BackupRetentionPeriod="BackupRetentionPeriod",
                DBSubnetGroupName="DBSubnetGroup.DBSubnetGroupName", MasterUsername="MasterUsername",
                DBInstanceIdentifier="DBInstanceIdentifier", Tags="TagList")
    view["VPCSecurityGroups"] = [g["VpcSecurityGroupId"] for g in found["VpcSecurityGroups"]]
    return view


def database_subnets(clients, ident, _record):
    found = clients["rds"].describe_db_subnet_groups(DBSubnetGroupName=ident)["DBSubnetGroups"][0]
    return {**pick(found, DBSubnetGroupName="DBSubnetGroupName", DBSubnetGroupDescription="DBSubnetGroupDescription"),
            "SubnetIds": [s["SubnetIdentifier"] for s in found["Subnets"]]}


def role_policy(clients, ident, _record):
    policy, role = ident.split("|")
    found = clients["iam"].get_role_policy(RoleName=role, PolicyName=policy)
    return pick(found, RoleName="RoleName", PolicyName="PolicyName", PolicyDocument="PolicyDocument")


def profile(clients, ident, _record):
    found = clients["iam"].get_instance_profile(InstanceProfileName=ident)["InstanceProfile"]
    return {"InstanceProfileName": found["InstanceProfileName"], "Roles": [r["RoleName"] for r in found["Roles"]]}


def key_alias(clients, ident, _record):
    for page in clients["kms"].get_paginator("list_aliases").paginate():
        for found in page["Aliases"]:
            if found["AliasName"] == ident:
                return pick(found, AliasName="AliasName", TargetKeyId="TargetKeyId")
    return None


def bucket(clients, ident, _record):
    clients["s3"].head_bucket(Bucket=ident)
    return {"BucketName": ident, "Tags": clients["s3"].get_bucket_tagging(Bucket=ident)["TagSet"]}


def bucket_object(clients, _ident, record):
    where = record["declared"]
    found = clients["s3"].head_object(Bucket=where["Bucket"], Key=where["Key"])
    return {"Bucket": where["Bucket"], "Key": where["Key"], "ContentType": found["ContentType"]}


def bucket_policy(clients, ident, _record):
    return {"Bucket": ident, "PolicyDocument": clients["s3"].get_bucket_policy(Bucket=ident)["Policy"]}


def zone(clients, ident, _record):
    found = clients["route53"].get_hosted_zone(Id=ident)
    return {"Id": found["HostedZone"]["Id"].split("/")[-1], "Name": found["HostedZone"]["Name"]}


def record_set(clients, _ident, record):
    where = record["declared"]
    zone_id = where.get("HostedZoneId") or record["attributes"].get("HostedZoneId")
    name = where["Name"].rstrip(".") + "."
    for page in clients["route53"].get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id):
        for found in page["ResourceRecordSets"]:
            if found["Name"] == name and found["Type"] == where["Type"] \
                    and found.get("SetIdentifier") == where.get("SetIdentifier"):
                return {**pick(found, Name="Name", Type="Type", TTL="TTL"),
                        **({"ResourceRecords": [r["Value"] for r in found["ResourceRecords"]]}
                           if found.get("ResourceRecords") else {})}
    return None


def health_check(clients, ident, _record):
    return {"HealthCheckId": clients["route53"].get_health_check(HealthCheckId=ident)["HealthCheck"]["Id"]}


def log_group(clients, ident, _record):
    for found in clients["logs"].describe_log_groups(logGroupNamePrefix=ident)["logGroups"]:
        if found["logGroupName"] == ident:
            return pick(found, LogGroupName="logGroupName", RetentionInDays="retentionInDays")
    return None


def topic(clients, ident, _record):
    found = clients["sns"].get_topic_attributes(TopicArn=ident)["Attributes"]
    return {"TopicArn": found["TopicArn"], "TopicName": found["TopicArn"].split(":")[-1]}


def subscription(clients, _ident, record):
    where = record["declared"]
    for page in clients["sns"].get_paginator("list_subscriptions_by_topic").paginate(TopicArn=where["TopicArn"]):
        for found in page["Subscriptions"]:
            if found["Endpoint"] == where["Endpoint"]:
                return pick(found, TopicArn="TopicArn", Protocol="Protocol", Endpoint="Endpoint")
    return None


def user_pool_client(clients, _ident, record):
    known = {**record["declared"], **record["attributes"]}
    found = clients["cognito-idp"].describe_user_pool_client(
        UserPoolId=known["UserPoolId"], ClientId=known["ClientId"])["UserPoolClient"]
    return pick(found, UserPoolId="UserPoolId", ClientId="ClientId", ClientName="ClientName",
                ExplicitAuthFlows="ExplicitAuthFlows")


def user_pool_domain(clients, _ident, record):
    found = clients["cognito-idp"].describe_user_pool_domain(Domain=record["declared"]["Domain"])["DomainDescription"]
    return pick(found, Domain="Domain", UserPoolId="UserPoolId")


def vault(clients, ident, _record):
    found = clients["backup"].describe_backup_vault(BackupVaultName=ident)
    return pick(found, BackupVaultName="BackupVaultName", BackupVaultArn="BackupVaultArn")


def backup_plan(clients, ident, _record):
    found = clients["backup"].get_backup_plan(BackupPlanId=ident)
    return pick(found, BackupPlanId="BackupPlanId", BackupPlanArn="BackupPlanArn", VersionId="VersionId")


def backup_selection(clients, _ident, record):
    known = {**record["declared"], **record["attributes"]}
    found = clients["backup"].get_backup_selection(BackupPlanId=known["BackupPlanId"], SelectionId=known["SelectionId"])
    return pick(found, SelectionId="SelectionId", BackupPlanId="BackupPlanId")


def secret(clients, ident, _record):
    found = clients["secretsmanager"].describe_secret(SecretId=ident)
    return pick(found, Id="ARN", Name="Name", Description="Description", KmsKeyId="KmsKeyId", Tags="Tags")


def parameter(clients, ident, _record):
    found = clients["ssm"].get_parameter(Name=ident)["Parameter"]
    return pick(found, Name="Name", Type="Type", Value="Value")


EC2 = "AWS::EC2::"
ELB = "AWS::ElasticLoadBalancingV2::"
VIEWS = {
    EC2 + "VPC": one("ec2", "describe_vpcs", "VpcIds", "Vpcs", ("VpcId", "CidrBlock", "InstanceTenancy", "Tags")),
    EC2 + "Subnet": one("ec2", "describe_subnets", "SubnetIds", "Subnets", (
        "SubnetId", "VpcId", "CidrBlock", "AvailabilityZone", "MapPublicIpOnLaunch", "Tags")),
    EC2 + "InternetGateway": one("ec2", "describe_internet_gateways", "InternetGatewayIds", "InternetGateways",
                                 ("InternetGatewayId", "Tags")),
    EC2 + "VPCGatewayAttachment": gateway_attachment,
    EC2 + "EIP": one("ec2", "describe_addresses", "AllocationIds", "Addresses", (
        "AllocationId", "PublicIp", "Domain", "Tags")),
    EC2 + "NatGateway": nat,
    EC2 + "RouteTable": one("ec2", "describe_route_tables", "RouteTableIds", "RouteTables",
                            ("RouteTableId", "VpcId", "Tags")),
    EC2 + "Route": route,
    EC2 + "SubnetRouteTableAssociation": association,
    EC2 + "SecurityGroup": one("ec2", "describe_security_groups", "GroupIds", "SecurityGroups", (
        "GroupId", "GroupName", "VpcId", "Tags"), GroupDescription="Description"),
    EC2 + "SecurityGroupIngress": rule,
    EC2 + "VPCEndpoint": one("ec2", "describe_vpc_endpoints", "VpcEndpointIds", "VpcEndpoints", (
        "VpcEndpointId", "VpcId", "ServiceName", "VpcEndpointType", "SubnetIds", "Tags")),
    EC2 + "FlowLog": one("ec2", "describe_flow_logs", "FlowLogIds", "FlowLogs", (
        "FlowLogId", "ResourceId", "TrafficType", "LogGroupName", "Tags"), Id="FlowLogId"),
    EC2 + "Instance": instance,
    ELB + "LoadBalancer": balancer,
    ELB + "TargetGroup": one("elbv2", "describe_target_groups", "TargetGroupArns", "TargetGroups", (
        "TargetGroupArn", "Port", "Protocol", "VpcId", "HealthCheckPath", "TargetType"), Name="TargetGroupName"),
    ELB + "Listener": one("elbv2", "describe_listeners", "ListenerArns", "Listeners", (
        "ListenerArn", "LoadBalancerArn", "Port", "Protocol", "SslPolicy")),
    ELB + "ListenerRule": listener_rule,
    "AWS::RDS::DBInstance": database,
    "AWS::RDS::DBSubnetGroup": database_subnets,
    "AWS::RDS::DBParameterGroup": one("rds", "describe_db_parameter_groups", "DBParameterGroupName", "DBParameterGroups",
                                      ("DBParameterGroupName", "Description"), wrap=False,
                                      Family="DBParameterGroupFamily"),
    "AWS::IAM::Role": one("iam", "get_role", "RoleName", "Role", (
        "RoleName", "Arn", "AssumeRolePolicyDocument", "Description", "Tags"), wrap=False),
    "AWS::IAM::RolePolicy": role_policy,
    "AWS::IAM::InstanceProfile": profile,
    "AWS::KMS::Key": one("kms", "describe_key", "KeyId", "KeyMetadata", ("KeyId", "Arn", "Description"), wrap=False),
    "AWS::KMS::Alias": key_alias,
    "cso.acm.Import": one("acm", "describe_certificate", "CertificateArn", "Certificate", ("CertificateArn",), wrap=False),
    "AWS::SecretsManager::Secret": secret,
    "AWS::SSM::Parameter": parameter,
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
    "cso.s3.Object": bucket_object,
    "AWS::EFS::FileSystem": one("efs", "describe_file_systems", "FileSystemId", "FileSystems", (
        "FileSystemId", "Encrypted", "PerformanceMode", "ThroughputMode"), wrap=False),
    "AWS::EFS::MountTarget": one("efs", "describe_mount_targets", "MountTargetId", "MountTargets", (
        "FileSystemId", "SubnetId", "IpAddress"), wrap=False, Id="MountTargetId"),
    "AWS::EFS::AccessPoint": one("efs", "describe_access_points", "AccessPointId", "AccessPoints", (
        "AccessPointId", "FileSystemId", "PosixUser"), wrap=False),
    "AWS::Route53::HostedZone": zone,
    "AWS::Route53::RecordSet": record_set,
    "AWS::Route53::HealthCheck": health_check,
    "AWS::Logs::LogGroup": log_group,
    "AWS::SNS::Topic": topic,
    "AWS::SNS::Subscription": subscription,
    "AWS::CloudWatch::Alarm": one("cloudwatch", "describe_alarms", "AlarmNames", "MetricAlarms", (
        "AlarmName", "Namespace", "MetricName", "Threshold", "ComparisonOperator", "EvaluationPeriods", "Period")),
    "AWS::Cognito::UserPool": one("cognito-idp", "describe_user_pool", "UserPoolId", "UserPool", (
        "MfaConfiguration",), wrap=False, UserPoolId="Id", UserPoolName="Name"),
    "AWS::Cognito::UserPoolClient": user_pool_client,
    "AWS::Cognito::UserPoolDomain": user_pool_domain,
    "AWS::Backup::BackupVault": vault,
    "AWS::Backup::BackupPlan": backup_plan,
    "AWS::Backup::BackupSelection": backup_selection,
}
