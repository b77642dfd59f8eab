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


if __name__ == "__main__":
    judge([route53])
