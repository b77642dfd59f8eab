#!/usr/bin/env python3
"""Drives the simulated services around the network with boto3: DNS, files, logs, alarms, sign-in.

  tools/judge/simulator_platform.py [URL]     without URL it starts build/csorun sim itself

Exit 0: good. Exit 77: no boto3 here, nothing judged.
"""
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


efs.keeps = ("kms/Key", "kms/Alias")


if __name__ == "__main__":
    judge([route53, efs])
