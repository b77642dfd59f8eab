#!/usr/bin/env python3
"""Removes things from moto behind csorun's back, one at a time: exactly that has to be planned again.

  tools/judge/disappears_on_moto.py [--only PATTERN] [--every N]

For each: boto3 deletes it, a plan names it as to be created and nothing else besides what has to follow it, an
apply makes it, and the plan after that is empty. Exit 0: good. Exit 77: no moto here.
"""
import argparse
import fnmatch
import json
import os
import sys
import tempfile

# Behind the libraries: this folder's own files must not stand in for those of the same name.
sys.path.append(sys.path.pop(0))
try:
    import boto3
    import moto_inside
    import portal_on_moto as portal
except ImportError:
    print("skip   moto or boto3 is not installed")
    sys.exit(77)

# How boto3 removes a thing, given its id: address → service, operation, parameters; in the order in which they are
# tried. What goes with it by itself, or has to be made anew because of it, is named behind that.

def pair(text):
    return text.split("|")


REMOVALS = {
    "CloudWatch.Alarm.cpu": [("cloudwatch", "delete_alarms", lambda i: {"AlarmNames": [i]})],
    "SSM.Parameter.host": [("ssm", "delete_parameter", lambda i: {"Name": i})],
    "SNS.Subscription.ops": [("sns", "unsubscribe", lambda i: {"SubscriptionArn": i})],
    "Route53.RecordSet.db": [("route53", "change_resource_record_sets", lambda i: {
        "HostedZoneId": pair(i)[0], "ChangeBatch": {"Changes": [{"Action": "DELETE", "ResourceRecordSet": {
            "Name": pair(i)[1], "Type": "CNAME", "TTL": 60,
            "ResourceRecords": [{"Value": "HOST"}]}}]}})],
    "ElasticLoadBalancingV2.ListenerRule.api": [("elbv2", "delete_rule", lambda i: {"RuleArn": i})],
    "ElasticLoadBalancingV2.Listener.http": [("elbv2", "delete_listener", lambda i: {"ListenerArn": i})],
    "ElasticLoadBalancingV2.LoadBalancer.web": [("elbv2", "delete_load_balancer", lambda i: {"LoadBalancerArn": i})],
    "EC2.VolumeAttachment.data": [("ec2", "detach_volume", lambda i: {
        "VolumeId": pair(i)[0], "InstanceId": pair(i)[1], "Device": "/dev/sdf"})],
    "EC2.Volume.data": [("ec2", "detach_volume", lambda i: {"VolumeId": i, "InstanceId": "OF EC2.Instance.app",
                                                            "Device": "/dev/sdf"}),
                        ("ec2", "delete_volume", lambda i: {"VolumeId": i})],
    "EC2.FlowLog.main": [("ec2", "delete_flow_logs", lambda i: {"FlowLogIds": [i]})],
    "EC2.NatGateway.nat": [("ec2", "delete_nat_gateway", lambda i: {"NatGatewayId": i})],
    "EC2.VPCEndpoint.s3": [("ec2", "delete_vpc_endpoints", lambda i: {"VpcEndpointIds": [i]})],
    "EC2.SubnetRouteTableAssociation.a": [("ec2", "disassociate_route_table", lambda i: {"AssociationId": i})],
    "EC2.Route.out": [("ec2", "delete_route", lambda i: {"RouteTableId": pair(i)[0], "DestinationCidrBlock": pair(i)[1]})],
    "EC2.VPCGatewayAttachment.gw": [("ec2", "detach_internet_gateway", lambda i: {
        "InternetGatewayId": pair(i)[0], "VpcId": pair(i)[1]})],
    "EC2.SecurityGroupIngress.inner": [("ec2", "revoke_security_group_ingress", lambda i: {
        "GroupId": "OF EC2.SecurityGroup.inner", "SecurityGroupRuleIds": [i]})],
    "EC2.Instance.app": [("ec2", "terminate_instances", lambda i: {"InstanceIds": [i]})],
    "IAM.RolePolicy.app": [("iam", "delete_role_policy", lambda i: {"PolicyName": pair(i)[0], "RoleName": pair(i)[1]})],
    "IAM.Role.flow": [("iam", "delete_role", lambda i: {"RoleName": i})],
    "KMS.Alias.main": [("kms", "delete_alias", lambda i: {"AliasName": i})],
    "S3.BucketPolicy.files": [("s3", "delete_bucket_policy", lambda i: {"Bucket": i})],
    "s3.Object.one": [("s3", "delete_object", lambda i: {"Bucket": "each-files", "Key": "deep/one"})],
    "EFS.MountTarget.a": [("efs", "delete_mount_target", lambda i: {"MountTargetId": i})],
    "EFS.AccessPoint.app": [("efs", "delete_access_point", lambda i: {"AccessPointId": i})],
    "RDS.DBInstance.db": [("rds", "delete_db_instance", lambda i: {"DBInstanceIdentifier": i, "SkipFinalSnapshot": True})],
    "RDS.DBSubnetGroup.db": [("rds", "delete_db_instance", lambda i: {"DBInstanceIdentifier": "OF RDS.DBInstance.db",
                                                                       "SkipFinalSnapshot": True}),
                             ("rds", "delete_db_subnet_group", lambda i: {"DBSubnetGroupName": i})],
    "SecretsManager.Secret.db": [("secretsmanager", "delete_secret", lambda i: {"SecretId": i, "ForceDeleteWithoutRecovery": True})],
    "SNS.Topic.alarms": [("sns", "delete_topic", lambda i: {"TopicArn": i})],
    "Logs.LogGroup.app": [("logs", "delete_log_group", lambda i: {"logGroupName": i})],
    "Cognito.UserPoolClient.web": [("cognito-idp", "delete_user_pool_client", lambda i: {
        "UserPoolId": pair(i)[0], "ClientId": pair(i)[1]})],
    "Cognito.UserPool.people": [("cognito-idp", "delete_user_pool", lambda i: {"UserPoolId": i})],
    "Backup.BackupVault.main": [("backup", "delete_backup_vault", lambda i: {"BackupVaultName": i})],
    "ElasticLoadBalancingV2.TargetGroup.web": [
        ("elbv2", "delete_listener", lambda i: {"ListenerArn": "OF ElasticLoadBalancingV2.Listener.http"}),
        ("elbv2", "delete_target_group", lambda i: {"TargetGroupArn": i})],
}
# What is gone, or has to be made anew or changed, with it: patterns of addresses.
FOLLOWS = {
    "ElasticLoadBalancingV2.LoadBalancer.web": ["ElasticLoadBalancingV2.Listener*"],
    "ElasticLoadBalancingV2.Listener.http": ["ElasticLoadBalancingV2.ListenerRule.api"],
    "ElasticLoadBalancingV2.TargetGroup.web": ["ElasticLoadBalancingV2.Listener*"],
    "EC2.Volume.data": ["EC2.VolumeAttachment.data"],
    "EC2.Instance.app": ["EC2.VolumeAttachment.data", "ElasticLoadBalancingV2.TargetGroup.web", "CloudWatch.Alarm.cpu"],
    "IAM.Role.flow": ["EC2.FlowLog.main"],
    "RDS.DBInstance.db": ["Route53.RecordSet.db", "SSM.Parameter.host", "EC2.Instance.app", "EC2.VolumeAttachment.data",
                          "ElasticLoadBalancingV2.TargetGroup.web", "CloudWatch.Alarm.cpu"],
    "RDS.DBSubnetGroup.db": ["RDS.DBInstance.db", "Route53.RecordSet.db", "SSM.Parameter.host", "EC2.Instance.app",
                             "EC2.VolumeAttachment.data", "ElasticLoadBalancingV2.TargetGroup.web", "CloudWatch.Alarm.cpu"],
    "SNS.Topic.alarms": ["SNS.Subscription.ops", "CloudWatch.Alarm.cpu"],
    "Logs.LogGroup.app": ["EC2.FlowLog.main"],
    "Cognito.UserPool.people": ["Cognito.UserPoolClient.web"],
}


class Each(portal.Stack):
    def __init__(self, url, folder):
        super().__init__("one_of_each", url, folder)
        self.playbook = os.path.join(portal.ROOT, "tools", "judge", "one_of_each.lua")
        self.options = []

    def plans(self):
        """address → action of everything that a plan would do."""
        answer = self.run("plan", self.playbook, "--json")
        if answer.returncode != 0:
            return {"plan failed": answer.stdout + answer.stderr}
        events = [json.loads(line) for line in answer.stdout.splitlines()]
        return {e["address"]: e["action"] for e in events if e["type"] == "planned" and e["action"] != "none"}

    def ids(self):
        answer = self.run("state", "list", "--stack", "each", "--json")
        events = [json.loads(line) for line in answer.stdout.splitlines()]
        return {e["address"]: e["id"] for e in events if "id" in e}


def filled(params, ids, database):
    """Parameters in which "OF address" stands for an id, and HOST for the database's name."""
    text = json.dumps(params)
    for address, name in ids.items():
        text = text.replace(f'"OF {address}"', json.dumps(name))
    return json.loads(text.replace('"HOST"', json.dumps(database)))


def judge(stack, address, clients):
    ids = stack.ids()
    database = clients("rds").describe_db_instances()["DBInstances"][0]["Endpoint"]["Address"]
    for service, method, params in REMOVALS[address]:
        try:
            getattr(clients(service), method)(**filled(params(ids[address]), ids, database))
        except Exception as refused:  # boto3 has no common class of what may go wrong
            portal.check(False, f"{address}: boto3 removes it with {method}", str(refused))
            return
    planned = stack.plans()
    others = [f"{a}: {action}" for a, action in sorted(planned.items())
              if a != address and not any(fnmatch.fnmatch(a, pattern) for pattern in FOLLOWS.get(address, []))]
    portal.check(planned.get(address) == "create" and not others, f"{address}: gone, and planned again"
                 + (f" with {len(planned) - 1} more" if len(planned) > 1 else ""),
                 f"planned: {planned.get(address)}\n" + "\n".join(others))
    answer = stack.apply("-q")
    left = stack.plans()
    portal.check(answer.returncode == 0 and not left, f"{address}: is there again, the plan is empty",
                 answer.stdout + answer.stderr + "\n" + "\n".join(f"{a}: {action}" for a, action in left.items()))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--only", default="*")
    options.add_argument("--every", type=int, default=1)
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = moto_inside.serve(moto_inside.Account())
        made = {}

        def clients(service):
            if service not in made:
                made[service] = boto3.client(service, endpoint_url=url, region_name=portal.REGION,
                                             aws_access_key_id="AKIDJUDGE", aws_secret_access_key="judge-secret")
            return made[service]
        stack = Each(url, folder)
        answer = stack.apply("-q")
        portal.check(answer.returncode == 0, "one of each is made", answer.stdout + answer.stderr)
        for address in list(REMOVALS)[::options.every]:
            if fnmatch.fnmatch(address, options.only):
                judge(stack, address, clients)
        answer = stack.run("destroy", stack.playbook, "-y", "-q")
        found = portal.left(url)
        portal.check(answer.returncode == 0 and not found, "all of it goes, nothing is left",
                     answer.stdout + answer.stderr + "\n".join(f"{k}: {v}" for k, v in found.items()))
    return 1 if portal.failed else 0


if __name__ == "__main__":
    sys.exit(main())
