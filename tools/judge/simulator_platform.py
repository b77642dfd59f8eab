#!/usr/bin/env python3
"""Drives the simulated services around the network with boto3: DNS, files, logs, alarms, sign-in.

  tools/judge/simulator_platform.py [URL]     without URL it starts build/csorun sim itself

Exit 0: good. Exit 77: no boto3 here, nothing judged.
"""
import json

from simulated import REGION, check, judge, refused


def route53(sim):
    dns, ec2 = sim.client("route53"), sim.client("ec2")
    zone = dns.create_hosted_zone(Name="Example.test", CallerReference="one", HostedZoneConfig={"Comment": "c"})
    zone_id = zone["HostedZone"]["Id"]
    check(zone["HostedZone"]["Name"] == "example.test." and len(zone["DelegationSet"]["NameServers"]) == 4, f"zone: {zone}")
    dns.get_waiter("resource_record_sets_changed").wait(Id=zone["ChangeInfo"]["Id"], WaiterConfig={"Delay": 1})
    refused("HostedZoneAlreadyExists", dns.create_hosted_zone, Name="example.test", CallerReference="one")
    refused("NoSuchHostedZone", dns.get_hosted_zone, Id="Z000000000000")
    refused("InvalidVPCId", dns.create_hosted_zone, Name="in.test", CallerReference="two",
            VPC={"VPCId": "vpc-0123456789abcdef0", "VPCRegion": REGION})

    def change(action, **record):
        record.setdefault("TTL", 60)
        return dict(HostedZoneId=zone_id, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]})

    one = dict(Name="www.example.test", Type="A", ResourceRecords=[{"Value": "192.0.2.1"}])
    dns.change_resource_record_sets(**change("CREATE", **one))
    refused("InvalidChangeBatch", dns.change_resource_record_sets, **change("CREATE", **one))
    refused("InvalidChangeBatch", dns.change_resource_record_sets, **change("DELETE", **dict(one, Name="no.example.test")))
    refused("InvalidChangeBatch", dns.change_resource_record_sets, **change(
        "CREATE", Name="www.example.test", Type="CNAME", ResourceRecords=[{"Value": "x.test"}]))
    refused("InvalidChangeBatch", dns.change_resource_record_sets, **change(
        "CREATE", Name="example.test", Type="CNAME", ResourceRecords=[{"Value": "x.test"}]))
    refused("InvalidChangeBatch", dns.change_resource_record_sets, **change(
        "CREATE", Name="other.example.test", Type="A", ResourceRecords=[{"Value": "300.0.2.1"}]))
    dns.change_resource_record_sets(**change("UPSERT", Name="*.example.test", Type="TXT",
                                             ResourceRecords=[{"Value": '"t"'}]))
    names = [r["Name"] for r in dns.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]]
    check("\\052.example.test." in names and len(names) == 4, f"record sets: {names}")
    refused("HostedZoneNotEmpty", dns.delete_hosted_zone, Id=zone_id)
    dns.change_resource_record_sets(**change("DELETE", **one))
    dns.change_resource_record_sets(**change("DELETE", Name="*.example.test", Type="TXT", ResourceRecords=[{"Value": '"t"'}]))
    bare = zone_id.split("/")[-1]
    dns.change_tags_for_resource(ResourceType="hostedzone", ResourceId=bare, AddTags=[{"Key": "a", "Value": "b"}])
    tags = dns.list_tags_for_resource(ResourceType="hostedzone", ResourceId=bare)["ResourceTagSet"]["Tags"]
    check(tags == [{"Key": "a", "Value": "b"}], f"tags: {tags}")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    inner = dns.create_hosted_zone(Name="in.test", CallerReference="two", VPC={"VPCId": vpc, "VPCRegion": REGION})
    inner_id = inner["HostedZone"]["Id"]
    refused("LastVPCAssociation", dns.disassociate_vpc_from_hosted_zone, HostedZoneId=inner_id,
            VPC={"VPCId": vpc, "VPCRegion": REGION})
    refused("ConflictingDomainExists", dns.create_hosted_zone, Name="in.test", CallerReference="three",
            VPC={"VPCId": vpc, "VPCRegion": REGION})
    found = dns.list_hosted_zones_by_name(DNSName="in.test")["HostedZones"]
    check([z["Id"] for z in found] == [inner_id], f"by name: {found}")
    health = dns.create_health_check(CallerReference="h", HealthCheckConfig={
        "Type": "HTTPS", "FullyQualifiedDomainName": "example.test"})["HealthCheck"]
    check(health["HealthCheckConfig"]["Port"] == 443, f"health check: {health}")
    dns.update_health_check(HealthCheckId=health["Id"], FailureThreshold=5)
    dns.delete_health_check(HealthCheckId=health["Id"])
    for each in (zone_id, inner_id):
        dns.delete_hosted_zone(Id=each)
    ec2.delete_vpc(VpcId=vpc)


def efs(sim):
    files, ec2 = sim.client("efs"), sim.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=REGION + z)["Subnet"]["SubnetId"]
               for i, z in enumerate("aab")]
    group = ec2.create_security_group(GroupName="nfs", Description="nfs", VpcId=vpc)["GroupId"]
    fs = files.create_file_system(CreationToken="one", Encrypted=True, Tags=[{"Key": "Name", "Value": "judge"}])
    check(fs["Name"] == "judge" and ":kms:" in fs["KmsKeyId"], f"file system: {fs}")
    again = refused("FileSystemAlreadyExists", files.create_file_system, CreationToken="one")
    check(again.get("FileSystemId") == fs["FileSystemId"], f"the refusal does not name the file system: {again}")
    one = dict(FileSystemId=fs["FileSystemId"])
    refused("FileSystemNotFound", files.describe_file_systems, FileSystemId="fs-0123456789abcdef0")
    refused("SubnetNotFound", files.create_mount_target, SubnetId="subnet-0123456789abcdef0", **one)
    refused("SecurityGroupNotFound", files.create_mount_target, SubnetId=subnets[0],
            SecurityGroups=["sg-0123456789abcdef0"], **one)
    target = files.create_mount_target(SubnetId=subnets[0], SecurityGroups=[group], **one)
    refused("MountTargetConflict", files.create_mount_target, SubnetId=subnets[1], **one)
    refused("FileSystemInUse", files.delete_file_system, **one)
    refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnets[0])
    refused("DependencyViolation", ec2.delete_security_group, GroupId=group)
    check(files.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])["SecurityGroups"] == [group],
          "the groups of a mount target")
    files.put_lifecycle_configuration(LifecyclePolicies=[{"TransitionToIA": "AFTER_30_DAYS"}], **one)
    refused("PolicyNotFound", files.describe_file_system_policy, **one)
    files.put_backup_policy(BackupPolicy={"Status": "ENABLED"}, **one)
    check(files.describe_backup_policy(**one)["BackupPolicy"]["Status"] == "ENABLED", "the backup policy")
    point = files.create_access_point(ClientToken="p", RootDirectory={"Path": "/data"}, **one)["AccessPointId"]
    refused("AccessPointAlreadyExists", files.create_access_point, ClientToken="p", **one)
    files.tag_resource(ResourceId=point, Tags=[{"Key": "a", "Value": "b"}])
    check(files.list_tags_for_resource(ResourceId=point)["Tags"] == [{"Key": "a", "Value": "b"}], "an access point's tags")
    files.update_file_system(ThroughputMode="provisioned", ProvisionedThroughputInMibps=10, **one)
    files.delete_access_point(AccessPointId=point)
    files.delete_mount_target(MountTargetId=target["MountTargetId"])
    files.delete_file_system(**one)
    ec2.delete_security_group(GroupId=group)
    for subnet in subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)


def s3(sim):
    for style in ("path", "virtual"):
        buckets(sim, style)


def buckets(sim, style):
    s3 = sim.client("s3", s3={"addressing_style": style})
    place = {"LocationConstraint": REGION}
    refused("InvalidBucketName", s3.create_bucket, Bucket="Bad_Name", CreateBucketConfiguration=place)
    refused("IllegalLocationConstraintException", s3.create_bucket, Bucket="judge")
    s3.create_bucket(Bucket="judge", CreateBucketConfiguration=place)
    refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket="judge", CreateBucketConfiguration=place)
    one = dict(Bucket="judge")
    check(s3.get_bucket_location(**one)["LocationConstraint"] == REGION, "the bucket's location")
    check(s3.head_bucket(**one)["BucketRegion"] == REGION, "the bucket's region")
    refused("404", s3.head_bucket, Bucket="judge-nobody")
    refused("NoSuchBucket", s3.list_objects_v2, Bucket="judge-nobody")
    configurations(s3, one)
    objects(s3, one)
    versions(s3, one)
    upload(s3, one)
    s3.delete_bucket(**one)
    refused("NoSuchBucket", s3.get_bucket_tagging, **one)


def configurations(s3, one):
    for code, call in [("NoSuchTagSet", s3.get_bucket_tagging), ("NoSuchBucketPolicy", s3.get_bucket_policy),
                       ("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration),
                       ("NoSuchCORSConfiguration", s3.get_bucket_cors),
                       ("NoSuchWebsiteConfiguration", s3.get_bucket_website),
                       ("ReplicationConfigurationNotFoundError", s3.get_bucket_replication),
                       ("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration)]:
        refused(code, call, **one)
    sse = s3.get_bucket_encryption(**one)["ServerSideEncryptionConfiguration"]["Rules"][0]
    check(sse["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", f"encryption: {sse}")
    check(all(s3.get_public_access_block(**one)["PublicAccessBlockConfiguration"].values()), "public access is not blocked")
    check("Status" not in s3.get_bucket_versioning(**one), "a new bucket has versions")
    check(len(s3.get_bucket_acl(**one)["Grants"]) == 1, "the bucket's grants")
    refused("AccessControlListNotSupported", s3.put_bucket_acl, ACL="public-read", **one)
    s3.put_bucket_tagging(Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}, **one)
    check(s3.get_bucket_tagging(**one)["TagSet"] == [{"Key": "a", "Value": "b"}], "the bucket's tags")
    open_to_all = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                                                           "Resource": "arn:aws:s3:::judge/*"}]}
    refused("AccessDenied", s3.put_bucket_policy, Policy=json.dumps(open_to_all), **one)
    refused("MalformedPolicy", s3.put_bucket_policy, Policy="{", **one)
    open_to_all["Statement"][0]["Resource"] = "arn:aws:s3:::other/*"
    refused("MalformedPolicy", s3.put_bucket_policy, Policy=json.dumps(open_to_all), **one)
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}
    s3.put_bucket_lifecycle_configuration(LifecycleConfiguration={"Rules": [rule]}, **one)
    check(s3.get_bucket_lifecycle_configuration(**one)["Rules"] == [rule], "the lifecycle rules")
    s3.delete_bucket_lifecycle(**one)
    cors = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    s3.put_bucket_cors(CORSConfiguration={"CORSRules": cors}, **one)
    check(s3.get_bucket_cors(**one)["CORSRules"] == cors, "the CORS rules")
    refused("InvalidTargetBucketForLogging", s3.put_bucket_logging, BucketLoggingStatus={
        "LoggingEnabled": {"TargetBucket": "judge-nobody", "TargetPrefix": ""}}, **one)


def objects(s3, one):
    made = s3.put_object(Key="a/one.txt", Body=b"hello world", ContentType="text/plain", Metadata={"k": "v"}, **one)
    check(made["ChecksumCRC32"] == "DUoRhQ==", f"checksum: {made}")
    refused("BadDigest", s3.put_object, Key="bad", Body=b"x", ContentMD5="XUFAKrxLKna5cZ2REBfFkg==", **one)
    refused("PreconditionFailed", s3.put_object, Key="a/one.txt", Body=b"x", IfNoneMatch="*", **one)
    refused("PreconditionFailed", s3.put_object, Key="a/one.txt", Body=b"x", IfMatch='"0"', **one)
    refused("NoSuchKey", s3.put_object, Key="a/no.txt", Body=b"x", IfMatch='"0"', **one)
    s3.put_object(Key="a/one.txt", Body=b"hello world", ContentType="text/plain", Metadata={"k": "v"}, IfMatch=made["ETag"], **one)
    got = s3.get_object(Key="a/one.txt", **one)
    check(got["Body"].read() == b"hello world" and got["Metadata"] == {"k": "v"} and got["ContentType"] == "text/plain", f"{got}")
    part = s3.get_object(Key="a/one.txt", Range="bytes=6-", **one)
    check(part["Body"].read() == b"world" and part["ContentRange"] == "bytes 6-10/11", f"range: {part}")
    refused("InvalidRange", s3.get_object, Key="a/one.txt", Range="bytes=50-", **one)
    head = s3.head_object(Key="a/one.txt", **one)
    check(head["ContentLength"] == 11 and head["ETag"] == made["ETag"], f"head: {head}")
    refused("304", s3.head_object, Key="a/one.txt", IfNoneMatch=made["ETag"], **one)
    refused("404", s3.head_object, Key="no", **one)
    refused("NoSuchKey", s3.get_object, Key="no", **one)
    refused("BucketNotEmpty", s3.delete_bucket, **one)
    for i in range(5):
        s3.put_object(Key=f"b/{i} ü", Body=b"", **one)
    s3.copy_object(Key="c", CopySource="judge/a/one.txt", **one)
    rolled = s3.list_objects_v2(Delimiter="/", **one)
    check([p["Prefix"] for p in rolled["CommonPrefixes"]] == ["a/", "b/"] and [o["Key"] for o in rolled["Contents"]] == ["c"],
          f"rolled up: {rolled}")
    for name in ("list_objects_v2", "list_objects"):
        pages = s3.get_paginator(name).paginate(PaginationConfig={"PageSize": 2}, **one)
        keys = [o["Key"] for p in pages for o in p.get("Contents", [])]
        check(keys == ["a/one.txt"] + [f"b/{i} ü" for i in range(5)] + ["c"], f"{name}: {keys}")
    s3.put_object_tagging(Key="c", Tagging={"TagSet": [{"Key": "x", "Value": "y"}]}, **one)
    check(s3.get_object_tagging(Key="c", **one)["TagSet"] == [{"Key": "x", "Value": "y"}], "an object's tags")
    s3.delete_objects(Delete={"Objects": [{"Key": k} for k in keys]}, **one)
    check(s3.list_objects_v2(**one)["KeyCount"] == 0, "something was left")


def versions(s3, one):
    s3.put_bucket_versioning(VersioningConfiguration={"Status": "Enabled"}, **one)
    first = s3.put_object(Key="v", Body=b"1", **one)["VersionId"]
    s3.put_object(Key="v", Body=b"2", **one)
    marker = s3.delete_object(Key="v", **one)
    check(marker["DeleteMarker"], f"marker: {marker}")
    refused("NoSuchKey", s3.get_object, Key="v", **one)
    refused("MethodNotAllowed", s3.get_object, Key="v", VersionId=marker["VersionId"], **one)
    check(s3.get_object(Key="v", VersionId=first, **one)["Body"].read() == b"1", "an old version")
    refused("BucketNotEmpty", s3.delete_bucket, **one)
    s3.delete_object(Key="v", VersionId=marker["VersionId"], **one)
    check(s3.get_object(Key="v", **one)["Body"].read() == b"2", "the version under the marker")
    listed = s3.list_object_versions(**one)
    s3.delete_objects(Delete={"Objects": [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in listed["Versions"]]}, **one)


def upload(s3, one):
    key = dict(Key="big", **one)
    refused("NoSuchUpload", s3.upload_part, PartNumber=1, UploadId="no", Body=b"x", **key)
    upload_id = dict(key, UploadId=s3.create_multipart_upload(**key)["UploadId"])
    large, small = b"x" * (5 << 20), b"y"
    parts = [{"PartNumber": n, "ETag": s3.upload_part(PartNumber=n, Body=b, **upload_id)["ETag"]}
             for n, b in ((1, large), (2, small), (3, small))]
    check(len(s3.list_parts(**upload_id)["Parts"]) == 3, "parts")
    refused("EntityTooSmall", s3.complete_multipart_upload, MultipartUpload={"Parts": parts}, **upload_id)
    refused("InvalidPartOrder", s3.complete_multipart_upload, MultipartUpload={"Parts": parts[1::-1]}, **upload_id)
    done = s3.complete_multipart_upload(MultipartUpload={"Parts": parts[:2]}, **upload_id)
    check(done["ETag"].endswith('-2"') and s3.head_object(**key)["ContentLength"] == len(large) + 1, f"upload: {done}")
    s3.delete_object(VersionId=done["VersionId"], **key)


def logs(sim):
    log = sim.client("logs")
    log.create_log_group(logGroupName="/judge/a", tags={"a": "b"})
    refused("ResourceAlreadyExistsException", log.create_log_group, logGroupName="/judge/a")
    refused("InvalidParameterException", log.put_retention_policy, logGroupName="/judge/a", retentionInDays=8)
    refused("ResourceNotFoundException", log.put_retention_policy, logGroupName="/judge/no", retentionInDays=7)
    refused("InvalidParameterException", log.associate_kms_key, logGroupName="/judge/a", kmsKeyId="alias/nobody")
    log.put_retention_policy(logGroupName="/judge/a", retentionInDays=7)
    group = log.describe_log_groups(logGroupNamePrefix="/judge")["logGroups"][0]
    check(group["arn"].endswith(":log-group:/judge/a:*") and group["retentionInDays"] == 7, f"group: {group}")
    refused("InvalidParameterException", log.list_tags_for_resource, resourceArn=group["arn"])
    check(log.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {"a": "b"}, "a group's tags")
    log.create_log_stream(logGroupName="/judge/a", logStreamName="s")
    log.put_log_events(logGroupName="/judge/a", logStreamName="s", logEvents=[{"timestamp": 1, "message": "hello"}])
    check(log.get_log_events(logGroupName="/judge/a", logStreamName="s")["events"][0]["message"] == "hello", "events")
    log.put_metric_filter(logGroupName="/judge/a", filterName="f", filterPattern="ERROR", metricTransformations=[
        {"metricName": "errors", "metricNamespace": "judge", "metricValue": "1"}])
    check(log.describe_metric_filters(logGroupName="/judge/a")["metricFilters"][0]["filterName"] == "f", "filters")
    log.delete_log_group(logGroupName="/judge/a")
    refused("ResourceNotFoundException", log.delete_log_group, logGroupName="/judge/a")


def sns(sim):
    sns = sim.client("sns")
    arn = sns.create_topic(Name="judge", Attributes={"DisplayName": "d"}, Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
    check(sns.create_topic(Name="judge")["TopicArn"] == arn, "creating a topic again")
    refused("InvalidParameter", sns.create_topic, Name="judge", Attributes={"DisplayName": "other"})
    refused("InvalidParameter", sns.create_topic, Name="bad name")
    refused("NotFound", sns.get_topic_attributes, TopicArn=arn + "no")
    refused("InvalidParameter", sns.subscribe, TopicArn=arn, Protocol="email", Endpoint="nobody")
    check(sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="a@b.test")["SubscriptionArn"] == "pending confirmation",
          "an email subscription is confirmed by itself")
    full = sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="a@b.test", ReturnSubscriptionArn=True)["SubscriptionArn"]
    check(sns.get_subscription_attributes(SubscriptionArn=full)["Attributes"]["PendingConfirmation"] == "true", "pending")
    listed = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    check([s["SubscriptionArn"] for s in listed] == ["PendingConfirmation"], f"subscriptions: {listed}")
    queue = sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-2:123456789012:q")["SubscriptionArn"]
    sns.set_subscription_attributes(SubscriptionArn=queue, AttributeName="RawMessageDelivery", AttributeValue="true")
    refused("InvalidParameter", sns.set_subscription_attributes, SubscriptionArn=queue, AttributeName="FilterPolicy", AttributeValue="{")
    got = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    check(got["SubscriptionsPending"] == "1" and got["SubscriptionsConfirmed"] == "1" and got["DisplayName"] == "d", f"topic: {got}")
    check(sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}], "a topic's tags")
    refused("ResourceNotFound", sns.list_tags_for_resource, ResourceArn=arn + "no")
    check(sns.publish(TopicArn=arn, Message="m")["MessageId"], "a message")
    sns.unsubscribe(SubscriptionArn=queue)
    sns.delete_topic(TopicArn=arn)
    sns.delete_topic(TopicArn=arn)


def cloudwatch(sim):
    watch = sim.client("cloudwatch")
    alarm = dict(AlarmName="judge", Namespace="AWS/EC2", MetricName="CPUUtilization", Statistic="Average", Period=60,
                 EvaluationPeriods=2, Threshold=70.0, ComparisonOperator="GreaterThanThreshold")
    watch.put_metric_alarm(Tags=[{"Key": "a", "Value": "b"}], **alarm)
    watch.put_metric_alarm(**dict(alarm, Threshold=80.5))
    refused("ValidationError", watch.put_metric_alarm, **dict(alarm, Period=61))
    refused("ValidationError", watch.put_metric_alarm, **dict(alarm, AlarmActions=["nobody"]))
    got = watch.describe_alarms(AlarmNames=["judge"])["MetricAlarms"][0]
    check(got["Threshold"] == 80.5 and got["StateValue"] == "INSUFFICIENT_DATA" and got["ActionsEnabled"], f"alarm: {got}")
    check(watch.list_tags_for_resource(ResourceARN=got["AlarmArn"])["Tags"] == [{"Key": "a", "Value": "b"}], "an alarm's tags")
    refused("ResourceNotFoundException", watch.list_tags_for_resource, ResourceARN=got["AlarmArn"] + "no")
    watch.set_alarm_state(AlarmName="judge", StateValue="ALARM", StateReason="judged")
    check(watch.describe_alarms(StateValue="ALARM")["MetricAlarms"][0]["AlarmName"] == "judge", "alarms by state")
    watch.put_dashboard(DashboardName="judge", DashboardBody='{"widgets":[]}')
    check(watch.get_dashboard(DashboardName="judge")["DashboardBody"] == '{"widgets":[]}', "a dashboard")
    watch.delete_dashboards(DashboardNames=["judge"])
    watch.delete_alarms(AlarmNames=["judge"])
    refused("ResourceNotFound", watch.delete_alarms, AlarmNames=["judge"])


def cognito(sim):
    idp = sim.client("cognito-idp")
    pool = idp.create_user_pool(PoolName="judge", UserPoolTags={"a": "b"})["UserPool"]
    check(pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 8 and pool["MfaConfiguration"] == "OFF", f"pool: {pool}")
    one = dict(UserPoolId=pool["Id"])
    refused("ResourceNotFoundException", idp.describe_user_pool, UserPoolId=REGION + "_nobody000")
    refused("InvalidParameterException", idp.update_user_pool, Policies={"PasswordPolicy": {"MinimumLength": 3}}, **one)
    client = idp.create_user_pool_client(ClientName="c", GenerateSecret=True, **one)["UserPoolClient"]
    check(client["ClientSecret"] and client["RefreshTokenValidity"] == 30, f"client: {client}")
    refused("InvalidParameterException", idp.create_user_pool_client, ClientName="c", CallbackURLs=["http://a.test"], **one)
    refused("ScopeDoesNotExistException", idp.create_user_pool_client, ClientName="c", AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"], CallbackURLs=["https://a.test"], AllowedOAuthScopes=["nobody/read"], **one)
    refused("InvalidParameterException", idp.create_user_pool_domain, Domain="my-aws-pool", **one)
    idp.create_user_pool_domain(Domain="judge-pool", **one)
    refused("InvalidParameterException", idp.create_user_pool_domain, Domain="judge-pool-2", **one)
    check(idp.describe_user_pool_domain(Domain="judge-pool")["DomainDescription"]["Status"] == "ACTIVE", "domain")
    check(idp.describe_user_pool_domain(Domain="judge-none")["DomainDescription"] == {}, "a domain that is not there")
    refused("InvalidParameterException", idp.delete_user_pool, **one)
    idp.delete_user_pool_domain(Domain="judge-pool", **one)
    idp.create_group(GroupName="g", **one)
    refused("GroupExistsException", idp.create_group, GroupName="g", **one)
    check(idp.list_tags_for_resource(ResourceArn=pool["Arn"])["Tags"] == {"a": "b"}, "a pool's tags")
    check(idp.get_user_pool_mfa_config(**one)["MfaConfiguration"] == "OFF", "a pool's second factor")
    idp.delete_user_pool(**one)


def backup(sim):
    keep, iam = sim.client("backup"), sim.client("iam")
    vault = keep.create_backup_vault(BackupVaultName="judge", BackupVaultTags={"a": "b"})
    refused("AlreadyExistsException", keep.create_backup_vault, BackupVaultName="judge")
    check(keep.list_tags(ResourceArn=vault["BackupVaultArn"])["Tags"] == {"a": "b"}, "a vault's tags")
    refused("ResourceNotFoundException", keep.get_backup_vault_access_policy, BackupVaultName="judge")
    rule = {"RuleName": "r", "TargetBackupVaultName": "judge", "Lifecycle": {"DeleteAfterDays": 14}}
    refused("InvalidParameterValueException", keep.create_backup_plan, BackupPlan={
        "BackupPlanName": "p", "Rules": [dict(rule, TargetBackupVaultName="nobody")]})
    refused("InvalidParameterValueException", keep.create_backup_plan, BackupPlan={
        "BackupPlanName": "p", "Rules": [dict(rule, Lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 60})]})
    plan = keep.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [rule]})["BackupPlanId"]
    got = keep.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"][0]
    check(got["StartWindowMinutes"] == 480 and got["RuleId"], f"rule: {got}")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                     "Principal": {"Service": "backup.amazonaws.com"}}]}
    selection = {"SelectionName": "s", "IamRoleArn": "arn:aws:iam::123456789012:role/judge", "Resources": ["*"]}
    refused("InvalidParameterValueException", keep.create_backup_selection, BackupPlanId=plan, BackupSelection=selection)
    iam.create_role(RoleName="judge", AssumeRolePolicyDocument=json.dumps(trust))
    chosen = keep.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)["SelectionId"]
    refused("AlreadyExistsException", keep.create_backup_selection, BackupPlanId=plan, BackupSelection=selection)
    refused("InvalidRequestException", keep.delete_backup_plan, BackupPlanId=plan)
    check(keep.get_backup_selection(BackupPlanId=plan, SelectionId=chosen)["BackupSelection"]["Resources"] == ["*"], "selection")
    keep.delete_backup_selection(BackupPlanId=plan, SelectionId=chosen)
    keep.delete_backup_plan(BackupPlanId=plan)
    keep.delete_backup_vault(BackupVaultName="judge")
    iam.delete_role(RoleName="judge")


if __name__ == "__main__":
    judge([route53, efs, s3, logs, sns, cloudwatch, cognito, backup])
