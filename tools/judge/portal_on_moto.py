#!/usr/bin/env python3
"""Deploys the portal's environments to moto, an AWS implementation that is not ours.

  tools/judge/portal_on_moto.py [ENVIRONMENT…]      default: all five, and the example

For each: apply; plan again, which has to be empty but for what moto forgets; one change, which has
to be the only one planned; plan; destroy; and boto3 has to find nothing left. Exit 0: good.
Exit 77: no moto here, nothing judged.
"""
import fnmatch
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

# This folder's own files must not stand in for the libraries of the same name.
if __name__ == "__main__":
    sys.path.append(sys.path.pop(0))
try:
    import boto3
    import moto
except ImportError:
    print("skip   moto or boto3 is not installed")
    sys.exit(77)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REGION = "eu-west-2"
ENVIRONMENTS = ["dev", "dev-ha", "staging", "prod", "prod-ha"]

# What moto takes and does not give back: address pattern, property, why.
FORGETS = [
    ("database/RDS.DBInstance.*", "EnablePerformanceInsights", "not stored"),
    ("database/RDS.DBInstance.*", "MonitoringInterval", "not stored at creation"),
    ("database/RDS.DBInstance.*", "MonitoringRoleArn", "not stored at creation"),
    ("dns/Route53.HealthCheck.*", "HealthCheckConfig", "no AlarmIdentifier, adds defaults instead"),
    ("security/EC2.SecurityGroupIngress.*", "Description", "lost where the source is a group"),
    ("compute/EC2.Instance.*", "BlockDeviceMappings", "the IOPS of a gp3 volume are always 3,000"),
]
# Production keeps a last snapshot and its key; here nothing may be left.
ALWAYS = ["--set", "database.final_snapshot=false"]
# A figure that one file holds: changing it has to change that file and nothing else.
CHANGE, CHANGED = "rabbitmq_major=4", ["configuration/s3.Object.etc-cso.env"]

failed = 0
used = set()


def report(word, text):
    print(f"{word:<6} {text}", flush=True)


def check(good, text, detail=""):
    global failed
    if good:
        report("ok", text)
    else:
        failed += 1
        report("FAIL", text)
        for line in detail.strip().splitlines()[-12:]:
            print("         " + line[:200])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_moto(folder):
    port = free_port()
    with open(os.path.join(folder, "moto.log"), "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=log, stderr=log, env={**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"})
    url = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urllib.request.urlopen(url + "/moto-api/").close()
            return server, url
        except OSError:
            time.sleep(0.2)
    server.kill()
    sys.exit("moto does not answer")


class Stack:
    def __init__(self, name, url, folder):
        self.name, self.url, self.folder = name, url, folder
        self.playbook = os.path.join(ROOT, "playbooks", name + ".lua")
        self.options = [*ALWAYS, "--overlay", os.path.join(ROOT, "spec", "judge", "moto.yaml")]
        self.env = {**os.environ, "AWS_ENDPOINT_URL": url, "AWS_REGION": REGION,
                    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "judge-secret",
                    "CSORUN_PACE": "100"}  # nothing takes time by itself there

    def run(self, *arguments):
        command = [os.path.join(ROOT, "build", "csorun"), *arguments, *self.options]
        return subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True)

    def apply(self, *more):
        return self.run("apply", self.playbook, "--auto-approve", *more)

    def planned(self, *more):
        """(address, changed property) of everything that a plan would change, moto's losses aside."""
        answer = self.run("plan", self.playbook, "--json", *more)
        if answer.returncode != 0:
            return [("plan failed", answer.stdout + answer.stderr)]
        found = []
        for line in answer.stdout.splitlines():
            event = json.loads(line)
            if event["type"] != "planned" or event["action"] in ("none", "run"):
                continue
            paths = [change["path"] for change in event.get("changes", [])] or [event["action"]]
            found += [(event["address"], path) for path in paths if not forgotten(event["address"], path)]
        return found


def forgotten(address, path):
    found = [entry for entry in FORGETS if fnmatch.fnmatch(address, entry[0]) and path.split(".")[0] == entry[1]]
    used.update(found)
    return bool(found)


here = {"clients": {}}


def clients(url):
    """client(service) of boto3 for the moto at that URL, until another is asked for. Making one takes longer than what
    it is asked here: they are kept, by forks too, and sent to where moto is."""
    here["url"] = url

    def redirect(request, **_):
        request.url = here["url"] + "/" + request.url.split("/", 3)[3]

    def client(service):
        made = here["clients"].get(service)
        if not made:
            made = here["clients"][service] = boto3.client(
                service, endpoint_url=url, region_name=REGION,
                aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="judge-secret")
            made.meta.events.register("before-send", redirect)
        return made
    return client


def left(url):
    """What boto3 still finds in the account, apart from what every account has."""
    client = clients(url)
    ec2, iam, kms = client("ec2"), client("iam"), client("kms")
    states = {state for r in ec2.describe_instances()["Reservations"]
              for state in (i["State"]["Name"] for i in r["Instances"])} - {"terminated"}
    # AWS's own keys are in every account that encrypts.
    own = {a.get("TargetKeyId") for a in kms.list_aliases()["Aliases"]
           if a["AliasName"].startswith("alias/aws/")}
    keys = [k["KeyId"] for k in kms.list_keys()["Keys"] if k["KeyId"] not in own
            and kms.describe_key(KeyId=k["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"]
    found = {
        "instances": states,
        "vpcs": [v for v in ec2.describe_vpcs()["Vpcs"] if not v["IsDefault"]],
        "groups": [g for g in ec2.describe_security_groups()["SecurityGroups"]
                   if g["GroupName"] != "default"],
        "addresses": ec2.describe_addresses()["Addresses"],
        "volumes": ec2.describe_volumes()["Volumes"],
        "balancers": client("elbv2").describe_load_balancers()["LoadBalancers"],
        "target groups": client("elbv2").describe_target_groups()["TargetGroups"],
        "databases": client("rds").describe_db_instances()["DBInstances"],
        "file systems": client("efs").describe_file_systems()["FileSystems"],
        "buckets": client("s3").list_buckets()["Buckets"],
        "zones": client("route53").list_hosted_zones()["HostedZones"],
        "health checks": client("route53").list_health_checks()["HealthChecks"],
        "secrets": client("secretsmanager").list_secrets()["SecretList"],
        "roles": [r for r in iam.list_roles()["Roles"] if not r["Path"].startswith("/aws-service-role/")],
        "profiles": iam.list_instance_profiles()["InstanceProfiles"],
        "keys": keys,
        "certificates": client("acm").list_certificates()["CertificateSummaryList"],
        "log groups": client("logs").describe_log_groups()["logGroups"],
        "alarms": client("cloudwatch").describe_alarms()["MetricAlarms"],
        "topics": client("sns").list_topics()["Topics"],
        "user pools": client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"],
        "vaults": client("backup").list_backup_vaults()["BackupVaultList"],
    }
    return {name: things for name, things in found.items() if things}


def judge(name, url, folder):
    stack = Stack(name, url, folder)
    answer = stack.apply()
    check(answer.returncode == 0, f"{name}: apply", answer.stdout + answer.stderr)
    if answer.returncode != 0:
        return
    found = stack.planned()
    check(not found, f"{name}: the plan after it is empty", "\n".join(map(str, found)))
    found = sorted({address for address, _ in stack.planned("--set", CHANGE)})
    check(found == CHANGED, f"{name}: one figure changes one thing", "\n".join(found))
    answer = stack.apply("--set", CHANGE)
    check(answer.returncode == 0, f"{name}: apply the change", answer.stdout + answer.stderr)
    found = stack.planned("--set", CHANGE)
    check(not found, f"{name}: the plan after it is empty", "\n".join(map(str, found)))
    answer = stack.run("destroy", stack.playbook, "--auto-approve")
    check(answer.returncode == 0, f"{name}: destroy", answer.stdout + answer.stderr)
    found = left(url)
    check(not found, f"{name}: nothing is left", "\n".join(f"{k}: {v}" for k, v in found.items()))
    answer = stack.run("destroy", stack.playbook, "--auto-approve", "--json")
    events = [json.loads(line)["type"] for line in answer.stdout.splitlines()]
    check(answer.returncode == 0 and "planned" not in events, f"{name}: a second destroy has nothing to do",
          answer.stdout + answer.stderr)


def judge_example(url, folder):
    """A team's own playbook: three tiers, two regions, a step that waits for healthy targets."""
    examples = os.path.join(ROOT, "spec", "life", "examples")
    stack = Stack("example", url, folder)
    stack.playbook = os.path.join(examples, "three-tier.lua")
    stack.options = ["--env", os.path.join(examples, "three-tier.yaml")]
    answer = stack.apply()
    check(answer.returncode == 0, "example: apply", answer.stdout + answer.stderr)
    found = stack.planned()
    check(not found, "example: the plan after it is empty", "\n".join(map(str, found)))
    found = sorted({address for address, _ in stack.planned("--set", "instances=4")})
    check(found == ["EC2.Instance.web-4", "ElasticLoadBalancingV2.TargetGroup.web"],
          "example: one server more is a server and its place among the targets", "\n".join(found))
    answer = stack.run("destroy", stack.playbook, "--auto-approve")
    check(answer.returncode == 0, "example: destroy", answer.stdout + answer.stderr)
    found = left(url)
    check(not found, "example: nothing is left", "\n".join(f"{k}: {v}" for k, v in found.items()))


def main(names):
    report("moto", f"version {moto.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        server, url = start_moto(folder)
        try:
            for name in names or ENVIRONMENTS:
                urllib.request.urlopen(urllib.request.Request(url + "/moto-api/reset", method="POST")).close()
                judge(name, url, folder)
            urllib.request.urlopen(urllib.request.Request(url + "/moto-api/reset", method="POST")).close()
            judge_example(url, folder)
            # A loss that no environment met is moto's no longer: its line has to go.
            for pattern, name, _ in set(FORGETS) - used if not names else ():
                check(False, f"moto remembers {pattern} {name} now: take it out of FORGETS")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
