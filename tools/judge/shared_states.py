#!/usr/bin/env python3
"""Lets two runs want the same state in moto's S3, kills them, and makes that S3 odd.

  tools/judge/shared_states.py [--rounds N]      default: 6 rounds of two who race

Who holds the state is seen at the account: each process has an access key of its own, and never may both
have changed something in turns. Exit 0: good. Exit 77: no moto here.
"""
import argparse
import itertools
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

# Behind the libraries: this folder's own files must not stand in for those of the same name.
sys.path.append(sys.path.pop(0))
try:
    import boto3
    import moto_inside
    import portal_on_moto as portal
    from moto_inside import changes, cut, hold, refusal
except ImportError:
    print("skip   moto or boto3 is not installed")
    sys.exit(77)

check = portal.check
BUCKET, KEY = "states", "team/race.db"
PLAYBOOK = """
local cso = require "cso"
cso.stack { name = "race", state = "s3://states/team/race.db" }
local env = cso.env { n = cso.t.integer { default = 2 }, name = cso.t.string { default = "none" } }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", Tags = { Name = env.name } }
for i = 1, env.n do
  cso.aws.EC2.Subnet("s" .. i) { VpcId = vpc, CidrBlock = cso.cidr.subnet("10.0.0.0/16", 8, i) }
end
"""


def is_s3(name):
    return name.split(" ")[0] in ("PUT", "POST", "DELETE") and name.split(" ")[1].startswith("/states")


def of_state(name, verb="PUT"):
    return name.startswith(f"{verb} /{BUCKET}/{KEY}")


class Person:
    """Somebody with a machine, keys and a copy of the playbook of their own."""

    def __init__(self, name, url, folder):
        self.key = "AKID" + name.upper()
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder)
        with open(os.path.join(self.folder, "race.lua"), "w", encoding="utf-8") as file:
            file.write(PLAYBOOK)
        self.env = {**os.environ, "AWS_ENDPOINT_URL": url, "AWS_REGION": portal.REGION, "AWS_ACCESS_KEY_ID": self.key,
                    "AWS_SECRET_ACCESS_KEY": "judge-secret", "CSORUN_PACE": "100", "HOME": self.folder}

    def begin(self, *words):
        return subprocess.Popen([os.path.join(portal.ROOT, "build", "csorun"), *words], cwd=self.folder, env=self.env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, *words):
        process = self.begin(*words)
        said = process.communicate()[0]
        return process.returncode, said

    def apply(self, *more):
        return self.run("apply", "race.lua", "-y", *more)


class World:
    """An account of its own, and what the judge sees of it."""

    def __init__(self, folder):
        self.account = moto_inside.Account()
        self.url = moto_inside.serve(self.account)
        self.folder, self.people = folder, itertools.count(1)
        self.clients = {name: boto3.client(name, endpoint_url=self.url, region_name=portal.REGION, aws_access_key_id="AKIDJUDGE",
                                           aws_secret_access_key="judge-secret") for name in ("ec2", "s3")}
        self.reset()

    def reset(self):
        self.account.before = self.account.after = None
        moto_inside.Silent.ahead = 0
        portal.urllib.request.urlopen(portal.urllib.request.Request(self.url + "/moto-api/reset", method="POST")).close()
        self.clients["s3"].create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": portal.REGION})
        self.account.seen.clear()

    def person(self):
        return Person(f"p{next(self.people)}", self.url, self.folder)

    def changed_by(self):
        """Whose changes the account saw, the state's own aside, in their order."""
        return [key for key, name in self.account.seen
                if key != "AKIDJUDGE" and changes(name) and not is_s3(name) and not name.startswith("POST /moto-api")]

    def own(self):
        vpcs = [v["VpcId"] for v in self.clients["ec2"].describe_vpcs()["Vpcs"] if not v["IsDefault"]]
        subnets = self.clients["ec2"].describe_subnets(Filters=[{"Name": "vpc-id", "Values": vpcs or ["none"]}])["Subnets"]
        return len(vpcs), len(subnets)

    def keys(self):
        return [o["Key"] for o in self.clients["s3"].list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def stop_at(self, process_of, nth, when="before"):
        """Holds the process at its nth change of the account; an event says that it stands still."""
        still, count = threading.Event(), itertools.count(1)

        def watch(name, *_):
            if changes(name) and not is_s3(name) and not still.is_set() and next(count) == nth:
                hold(process_of().pid)
                still.set()
        if when == "before":
            self.account.before = lambda name, environ, body: watch(name)
        else:
            self.account.after = lambda name, environ, body, said: watch(name)
        return still


def in_turns(keys):
    """Whether one changed something between two changes of another."""
    runs = [key for key, _ in itertools.groupby(keys)]
    return len(runs) != len(set(runs))


def judge_holder(world):
    """One works: the other is told by whom and since when, and changes nothing. Then it dies."""
    world.reset()
    one, two, three = world.person(), world.person(), world.person()
    box = []
    still = world.stop_at(lambda: box[0], 2)
    box.append(one.begin("apply", "race.lua", "-y"))
    check(still.wait(120), "shared: a run stands in its midst")
    before, changed, seen, began = world.keys(), len(world.changed_by()), len(world.account.seen), time.time()
    code, said = two.apply()
    took = time.time() - began
    told = re.search(r"is locked: apply by (\S+).* since (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC), lock id (\S+)", said)
    check(code == 5 and told, f"shared: another is told who holds it since when ({took:.1f} s)", said)
    print(f"info   shared: the refused run sent {len(world.account.seen) - seen} requests")
    check(len(world.changed_by()) == changed and world.keys() == before, "shared: and leaves no trace")
    code, said = two.run("plan", "race.lua", "--short")
    check(code == 0, "shared: a plan takes no lock", said)
    box[0].kill()
    box[0].wait()
    code, said = two.apply()
    check(code == 5, "shared: a dead holder still holds it for others", said)
    code, said = two.run("unlock", "0" * 8, "--playbook", "race.lua")
    check(code == 3 and "not by" in said, "shared: it is not unlocked by another's id", said)
    lock = told.group(3) if told else "none"
    code, said = two.run("unlock", lock, "--playbook", "race.lua")
    check(code == 0, "shared: it is unlocked by its id", said)
    code, said = two.apply()
    check(code == 0 and world.own() == (1, 2), f"shared: the next run ends what the dead one began: {world.own()}", said)
    code, said = three.run("plan", "race.lua", "--detailed-exitcode")
    check(code == 0, "shared: the plan after it is empty on a third machine", said)


def judge_lease(world):
    """The holder sleeps; the service's clock goes on; another takes over. What wakes up changes nothing."""
    world.reset()
    one, two = world.person(), world.person()
    box = []
    still = world.stop_at(lambda: box[0], 2, "after")
    box.append(one.begin("apply", "race.lua", "-y", "--set", "n=3"))
    check(still.wait(120), "lease: a run stands in its midst")
    world.account.after = lambda name, environ, body, said: (
        said[0], [one for one in said[1] if one[0].lower() != "date"], said[2])
    moto_inside.Silent.ahead = 60
    code, said = two.apply("--set", "n=3")
    check(code == 5 and "may be taken over when it stays silent for" in said, "lease: it is respected while it lasts", said)
    moto_inside.Silent.ahead = 3600
    code, said = two.apply("--set", "n=3")
    check(code == 0 and "was silent for" in said and world.own() == (1, 3), "lease: it runs out", said)
    seen = len(world.changed_by())
    os.kill(box[0].pid, signal.SIGCONT)
    said = box[0].communicate()[0]
    check(box[0].returncode == 5 and len(world.changed_by()) == seen,
          f"lease: who wakes up too late changes nothing, and says so ({box[0].returncode})", said)
    code, said = two.run("plan", "race.lua", "--detailed-exitcode", "--set", "n=3")
    check(code == 0 and world.own() == (1, 3), "lease: the plan after it is empty", said)


def judge_races(world, rounds):
    """Two start at once, again and again: in each round one works or the other, or one after the other."""
    world.reset()
    one, two = world.person(), world.person()
    both = turns = 0
    for nth in range(rounds):
        del world.account.seen[:]
        here = [p.begin("apply", "race.lua", "-y", "--set", f"n={2 + nth % 3}", "--set", f"name=r{nth}") for p in (one, two)]
        said = [p.communicate()[0] for p in here]
        codes = sorted(p.returncode for p in here)
        both += codes == [0, 0]
        turns += in_turns(world.changed_by())
        if codes not in ([0, 0], [0, 5]):
            check(False, f"race: round {nth} ended with {codes}", "\n".join(said))
    code, said = one.run("plan", "race.lua", "--detailed-exitcode", "--set", f"n={2 + (rounds - 1) % 3}",
                         "--set", f"name=r{rounds - 1}")
    check(turns == 0 and code == 0 and world.own() == (1, 2 + (rounds - 1) % 3),
          f"race: {rounds} rounds of two at once, never both ({both} times one after the other)", said)


def strip(header):
    def before(name, environ, _):
        if is_s3(name):
            environ.pop(header, None)
    return before, None


def every(nth, do):
    """Every nth write of what belongs to the state."""
    count = itertools.count(1)
    return lambda name, *more: do(*more) if of_state(name) and next(count) % nth == 0 else None


def slow(name, *_):
    if is_s3(name) or name.startswith(("GET ", "HEAD ")):
        time.sleep(0.1)


def gone(first, past):
    """The bucket takes nothing any more from its nth write on, until `past` says so."""
    count = itertools.count(1)
    return lambda name, *_: (refusal("503 Service Unavailable", "ServiceUnavailable")
                             if of_state(name) and next(count) >= first and not past() else None)


# What the S3 does, and how the run has to end: 3 it is refused before anything is made; 0 it works all the same.
ODD = {
    "that ignores If-None-Match": (lambda: strip("HTTP_IF_NONE_MATCH"), 3),
    "that ignores If-Match": (lambda: strip("HTTP_IF_MATCH"), 3),
    "that loses every third answer": (lambda: (None, every(3, lambda environ, *_: cut(environ))), 0),
    "that can't decide every other time (409)": (
        lambda: (every(2, lambda *_: refusal("409 Conflict", "ConditionalRequestConflict")), None), 0),
    "that says no without a reason every third time (412)": (
        lambda: (every(3, lambda *_: refusal("412 Precondition Failed", "PreconditionFailed")), None), 0),
    "that writes and says no every third time (412)": (
        lambda: (None, every(3, lambda *_: refusal("412 Precondition Failed", "PreconditionFailed"))), 0),
    "that writes and fails every third time (500)": (
        lambda: (None, every(3, lambda *_: refusal("500 Internal Server Error", "InternalError"))), 0),
    "that is slow": (lambda: (slow, None), 0),
}


def judge_odd(world):
    for label, (make, wanted) in ODD.items():
        world.reset()
        one, two = world.person(), world.person()
        world.account.before, world.account.after = make()
        code, said = one.apply()
        if wanted != 0:
            check(code == wanted and world.own() == (0, 0) and "ignores If-" in said,
                  f"odd: an S3 {label} is refused", f"exit {code}\n{said}")
            continue
        check(code == 0 and world.own() == (1, 2), f"odd: an S3 {label} is survived", f"exit {code}\n{said}")
        code, said = one.run("destroy", "race.lua", "-y", "--target", "EC2.Subnet.s2")
        check(code == 0 and world.own() == (1, 1), f"odd: an S3 {label} survives it", f"exit {code}\n{said}")
        world.account.before = world.account.after = None
        locks = [key for key in world.keys() if "lock" in key or "probe" in key]
        code, said = two.run("plan", "race.lua", "--short")
        check(code == 0 and "1 to create, 2 unchanged" in said and not locks,
              f"odd: and what was written is whole {locks or ''}", said)


def judge_spill(world):
    """The bucket goes away in the midst of a run, and comes back."""
    for first in (3, 4, 6):
        world.reset()
        back = []
        one, two = world.person(), world.person()
        world.account.before = gone(first, lambda: back)
        code, said = one.apply()
        check(code != 0 and "Traceback" not in said, f"spill: a bucket gone at write {first} ends the run ({code})", said)
        back.append(True)
        code, said = one.apply()
        check(code == 0 and world.own() == (1, 2), f"spill: the next run here goes on {world.own()}", said)
        code, said = two.run("plan", "race.lua", "--detailed-exitcode")
        check(code == 0, "spill: and others see it", said)


PARTS = {"holder": judge_holder, "lease": judge_lease, "race": judge_races, "odd": judge_odd, "spill": judge_spill}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=6)
    options.add_argument("parts", nargs="*", default=list(PARTS))
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        for name in options.parts:
            began = time.time()
            PARTS[name](world, *([options.rounds] if name == "race" else []))
            print(f"info   {name} took {time.time() - began:.0f} s", flush=True)
    return 1 if portal.failed else 0


if __name__ == "__main__":
    sys.exit(main())
