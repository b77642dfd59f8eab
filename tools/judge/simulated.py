"""What the judges of the simulator share: starting it, clients, expected refusals, the inventory."""
import json
import os
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
ACCOUNT = "123456789012"
# Keys that services of AWS make for themselves and never take away.
OWN = ("/kms/Key", "/kms/Alias")
failures = []


def report(word, text):
    print(f"{word:<6} {text}")


def fail(text):
    failures.append(text)
    report("FAIL", text)


def check(condition, text):
    if not condition:
        fail(text)


def refused(code, call, **params):
    """The call has to fail with this code; the whole error is returned."""
    try:
        call(**params)
    except ClientError as e:
        got = e.response["Error"]["Code"]
        if got != code:
            fail(f"expected {code}, got {got}: {e.response['Error'].get('Message')}")
        return e.response
    fail(f"expected {code}, but it was accepted: {params}")
    return {}


class Simulator:
    def __init__(self, url=None, options=()):
        self.child = None
        if not url:
            command = [os.path.join(ROOT, "build", "csorun"), "sim", "--json", "--access-key", KEY,
                       "--secret-key", SECRET, *options]
            self.child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            url = json.loads(self.child.stdout.readline())["url"]
        self.url = url

    def client(self, service, region=REGION, **config):
        return boto3.client(service, endpoint_url=self.url, region_name=region, aws_access_key_id=KEY,
                            aws_secret_access_key=SECRET,
                            config=Config(parameter_validation=False, retries={"max_attempts": 0}, **config))

    def left(self):
        with urllib.request.urlopen(self.url + "/_sim/dump") as answer:
            return json.load(answer)

    def stop(self):
        if self.child:
            self.child.terminate()
            self.child.wait()


def judge(parts):
    """Runs each part and expects it to leave nothing behind but AWS's own keys."""
    sim = Simulator(sys.argv[1] if len(sys.argv) > 1 else None)
    try:
        for part in parts:
            before = len(failures)
            part(sim)
            left = {k: v for k, v in sim.left().items() if not k.endswith(OWN)}
            check(not left, f"{part.__name__} left behind: {left}")
            if len(failures) == before:
                report("ok", part.__name__.replace("_", " "))
    finally:
        sim.stop()
    sys.exit(1 if failures else 0)
