#!/usr/bin/env python3
"""Drives the simulator with boto3 and the AWS CLI: AWS's own clients are the judges.

  tools/judge/simulator.py [URL]     without URL it starts build/csorun sim itself

Every call has to be understood by both sides; every refusal has to carry AWS's code; after the
destruction the inventory has to be empty. Exit 0: good. Exit 77: no boto3 here, nothing judged.
"""
import json
import os
import shutil
import subprocess
import sys
import urllib.request

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError
except ImportError:
    print("skip   boto3 is not installed")
    sys.exit(77)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KEY, SECRET, REGION = "AKIDEXAMPLE", "judge-secret", "eu-west-2"
failed = 0


def report(word, text):
    print(f"{word:<6} {text}")


def fail(text):
    global failed
    failed += 1
    report("FAIL", text)


def start():
    command = [os.path.join(ROOT, "build", "csorun"), "sim", "--json", "--access-key", KEY, "--secret-key", SECRET]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    return child, json.loads(child.stdout.readline())["url"]


class Account:
    def __init__(self, url):
        self.url = url

    def client(self, service, region=REGION, key=KEY, secret=SECRET, token=None):
        return boto3.client(service, endpoint_url=self.url, region_name=region, aws_access_key_id=key,
                            aws_secret_access_key=secret, aws_session_token=token,
                            config=Config(parameter_validation=False, retries={"max_attempts": 0}))

    def left(self):
        with urllib.request.urlopen(self.url + "/_sim/dump") as answer:
            return json.load(answer)


def refused(code, call, **params):
    try:
        call(**params)
    except ClientError as e:
        got = e.response["Error"]["Code"]
        if got != code:
            fail(f"expected {code}, got {got}: {e.response['Error'].get('Message')}")
        return
    fail(f"expected {code}, but it was accepted: {params}")


def check(condition, text):
    if not condition:
        fail(text)


# What each family of services says to an unknown key and to a bad signature.
GATE = [
    ("sts", "get_caller_identity", "InvalidClientTokenId", "SignatureDoesNotMatch"),
    ("ec2", "describe_vpcs", "AuthFailure", "SignatureDoesNotMatch"),
    ("ssm", "describe_parameters", "UnrecognizedClientException", "InvalidSignatureException"),
    ("cloudwatch", "describe_alarms", "UnrecognizedClientException", "InvalidSignatureException"),
    ("efs", "describe_file_systems", "UnrecognizedClientException", "InvalidSignatureException"),
    ("route53", "list_hosted_zones", "InvalidClientTokenId", "SignatureDoesNotMatch"),
    ("s3", "list_buckets", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
]


def gate(account):
    for service, call, unknown, bad in GATE:
        refused(unknown, getattr(account.client(service, key="AKIDNOBODY"), call))
        refused(bad, getattr(account.client(service, secret="wrong"), call))
    sts = account.client("sts")
    role = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/judge", RoleSessionName="judge")["Credentials"]
    who = account.client("sts", key=role["AccessKeyId"], secret=role["SecretAccessKey"], token=role["SessionToken"])
    check("assumed-role/judge" in who.get_caller_identity()["Arn"], "an assumed role is not who it should be")
    refused("ValidationError", sts.assume_role, RoleArn="short", RoleSessionName="judge")


def network(account):
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.get_waiter("vpc_available").wait(VpcIds=[vpc])
    refused("InvalidVpc.Range", ec2.create_vpc, CidrBlock="10.0.0.0/8")
    refused("DryRunOperation", ec2.describe_vpcs, DryRun=True)
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=REGION + zone)["Subnet"]["SubnetId"]
               for i, zone in enumerate("abc")]
    refused("InvalidSubnet.Conflict", ec2.create_subnet, VpcId=vpc, CidrBlock="10.0.0.0/25")
    pages = [len(p["Subnets"]) for p in ec2.get_paginator("describe_subnets").paginate(PaginationConfig={"PageSize": 5})]
    check(sum(pages) == 3, f"pages of subnets: {pages}")
    igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
    refused("RouteAlreadyExists", ec2.create_route, RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
    joined = ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])["AssociationId"]
    eip = ec2.allocate_address(Domain="vpc")["AllocationId"]
    wish = dict(SubnetId=subnets[0], AllocationId=eip, ClientToken="judge")
    nat = ec2.create_nat_gateway(**wish)["NatGateway"]["NatGatewayId"]
    check(nat == ec2.create_nat_gateway(**wish)["NatGateway"]["NatGatewayId"], "a repeated token made a second gateway")
    refused("IdempotentParameterMismatch", ec2.create_nat_gateway, **dict(wish, SubnetId=subnets[1]))
    ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat])
    for code, call, params in [
            ("InvalidIPAddress.InUse", ec2.release_address, dict(AllocationId=eip)),
            ("DependencyViolation", ec2.delete_subnet, dict(SubnetId=subnets[0])),
            ("DependencyViolation", ec2.detach_internet_gateway, dict(InternetGatewayId=igw, VpcId=vpc)),
            ("DependencyViolation", ec2.delete_internet_gateway, dict(InternetGatewayId=igw)),
            ("DependencyViolation", ec2.delete_route_table, dict(RouteTableId=table)),
            ("DependencyViolation", ec2.delete_vpc, dict(VpcId=vpc))]:
        refused(code, call, **params)
    web, db = [ec2.create_security_group(GroupName=n, Description=n, VpcId=vpc)["GroupId"] for n in ("web", "db")]
    refused("InvalidGroup.Duplicate", ec2.create_security_group, GroupName="web", Description="web", VpcId=vpc)
    rule = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": web}]}]
    ec2.authorize_security_group_ingress(GroupId=db, IpPermissions=rule)
    refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=db, IpPermissions=rule)
    refused("DependencyViolation", ec2.delete_security_group, GroupId=web)
    ec2.revoke_security_group_ingress(GroupId=db, IpPermissions=rule)
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, VpcEndpointType="Interface", SubnetIds=subnets[:2],
                                       ServiceName=f"com.amazonaws.{REGION}.ssm")["VpcEndpoint"]["VpcEndpointId"]
    logs = ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogGroupName="flow",
                                DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow")["FlowLogIds"]
    ec2.delete_flow_logs(FlowLogIds=logs)
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    ec2.delete_nat_gateway(NatGatewayId=nat)
    ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[nat], WaiterConfig={"Delay": 1})
    ec2.release_address(AllocationId=eip)
    ec2.disassociate_route_table(AssociationId=joined)
    ec2.delete_route_table(RouteTableId=table)
    ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=igw)
    for group in (web, db):
        ec2.delete_security_group(GroupId=group)
    for subnet in subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)


def instances(account):
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone=REGION + "b")["Subnet"]["SubnetId"]
    image = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["al2023*x86_64"]}])["Images"][0]
    wish = dict(ImageId=image["ImageId"], InstanceType="t3.small", MinCount=1, MaxCount=1, SubnetId=subnet)
    refused("InvalidAMIID.NotFound", ec2.run_instances, **dict(wish, ImageId="ami-0123456789abcdef0"))
    refused("InvalidKeyPair.NotFound", ec2.run_instances, **dict(wish, KeyName="nobody"))
    made = ec2.run_instances(**wish, ClientToken="judge", UserData="#!/bin/sh\n", BlockDeviceMappings=[
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "Encrypted": True}}], TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "judge"}]}])["Instances"][0]
    one = made["InstanceId"]
    check(made["State"]["Name"] == "pending", "a new instance is not pending")
    ec2.get_waiter("instance_running").wait(InstanceIds=[one], WaiterConfig={"Delay": 1})
    ec2.get_waiter("instance_status_ok").wait(InstanceIds=[one], WaiterConfig={"Delay": 1})
    found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["jud*"]}])["Reservations"][0]["Instances"][0]
    check(found["PrivateIpAddress"].startswith("10.0.0."), "an instance has no address of its subnet")
    refused("IncorrectInstanceState", ec2.modify_instance_attribute, InstanceId=one, InstanceType={"Value": "t3.large"})
    ec2.stop_instances(InstanceIds=[one])
    ec2.get_waiter("instance_stopped").wait(InstanceIds=[one], WaiterConfig={"Delay": 1})
    ec2.modify_instance_attribute(InstanceId=one, InstanceType={"Value": "t3.large"})
    volume = ec2.create_volume(AvailabilityZone=REGION + "b", Size=100, VolumeType="gp3")["VolumeId"]
    ec2.get_waiter("volume_available").wait(VolumeIds=[volume], WaiterConfig={"Delay": 1})
    ec2.attach_volume(VolumeId=volume, InstanceId=one, Device="/dev/sdg")
    refused("VolumeInUse", ec2.delete_volume, VolumeId=volume)
    ec2.detach_volume(VolumeId=volume)
    ec2.delete_volume(VolumeId=volume)
    template = ec2.create_launch_template(LaunchTemplateName="judge", LaunchTemplateData={
        "ImageId": image["ImageId"], "InstanceType": "t3.micro"})["LaunchTemplate"]["LaunchTemplateId"]
    two = ec2.run_instances(LaunchTemplate={"LaunchTemplateId": template}, MinCount=1, MaxCount=1,
                            SubnetId=subnet)["Instances"][0]["InstanceId"]
    refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
    ec2.terminate_instances(InstanceIds=[one, two])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[one, two], WaiterConfig={"Delay": 1})
    ec2.delete_launch_template(LaunchTemplateId=template)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)


def cloud_control(account):
    cc = account.client("cloudcontrol")
    kind = "AWS::SQS::Queue"
    event = cc.create_resource(TypeName=kind, DesiredState=json.dumps({"QueueName": "jobs"}))["ProgressEvent"]
    cc.get_waiter("resource_request_success").wait(RequestToken=event["RequestToken"], WaiterConfig={"Delay": 1})
    queue = event["Identifier"]
    state = json.loads(cc.get_resource(TypeName=kind, Identifier=queue)["ResourceDescription"]["Properties"])
    check(state["QueueName"] == "jobs" and state["Arn"].startswith("arn:aws:sqs:"), f"a queue reads as {state}")
    refused("NotUpdatableException", cc.update_resource, TypeName=kind, Identifier=queue,
            PatchDocument='[{"op":"replace","path":"/QueueName","value":"other"}]')
    refused("TypeNotFoundException", cc.list_resources, TypeName="AWS::No::Such")
    cc.delete_resource(TypeName=kind, Identifier=queue)
    refused("ResourceNotFoundException", cc.get_resource, TypeName=kind, Identifier=queue)


def quotas(account):
    known = account.client("service-quotas")
    check(known.get_service_quota(ServiceCode="vpc", QuotaCode="L-0EA8095F")["Quota"]["Value"] == 60, "rules per group")
    refused("NoSuchResourceException", known.get_service_quota, ServiceCode="vpc", QuotaCode="L-00000000")


def command_line(account):
    if not shutil.which("aws"):
        report("skip", "the AWS CLI is not installed")
        return
    env = dict(os.environ, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_DEFAULT_REGION=REGION, AWS_PAGER="")
    for words in (["sts", "get-caller-identity"], ["ec2", "describe-availability-zones"], ["ec2", "describe-regions"],
                  ["ec2", "describe-instance-types", "--instance-types", "c5.2xlarge"]):
        done = subprocess.run(["aws", "--endpoint-url", account.url, "--output", "json"] + words, env=env,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0 or not json.loads(done.stdout):
            fail(f"aws {' '.join(words)}: {done.stderr.strip()}")


def main():
    child, url = (None, sys.argv[1]) if len(sys.argv) > 1 else start()
    account = Account(url)
    try:
        for part in (gate, network, instances, cloud_control, quotas, command_line):
            before = failed
            part(account)
            left = account.left()
            check(not left, f"{part.__name__} left behind: {left}")
            if failed == before:
                report("ok", part.__name__.replace("_", " "))
    finally:
        if child:
            child.terminate()
            child.wait()
    sys.exit(1 if failed else 0)


main()
