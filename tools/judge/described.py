#!/usr/bin/env python3
"""Deploys prod-ha on the simulator and describes every resource of csorun's state through boto3, a
sample through the AWS CLI too: ids and main properties have to agree.

  tools/judge/described.py [ENVIRONMENT]      default: prod-ha

Exit 0: good. Exit 77: no boto3 here, nothing judged.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

from described_views import IN_STATE_ONLY, VIEWS, Clients
from simulated import KEY, REGION, ROOT, SECRET, Simulator, fail, failures, report


def csorun(url, folder, *words):
    env = {**os.environ, "AWS_ENDPOINT_URL": url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": KEY,
           "AWS_SECRET_ACCESS_KEY": SECRET}
    return subprocess.run([os.path.join(ROOT, "build", "csorun"), *words], cwd=folder, env=env,
                          capture_output=True, text=True, check=False)


def plain(value):
    """One form for what differs only in how JSON, CloudFormation and boto3 write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        if value[:1] in "{[" or value[:3] == "%7B":
            try:
                return plain(json.loads(urllib.parse.unquote(value) if value[:1] == "%" else value))
            except ValueError:
                pass
        return value.rstrip(".") if value.endswith(".") else value
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if v not in (None, [], {})} or []
    if isinstance(value, (list, tuple, set)):
        return sorted((plain(v) for v in value), key=str)
    return str(value)


def compare(record, view):
    """The first difference between what csorun remembers and what boto3 was told, or None."""
    known = {**record.get("declared", {}), **record.get("attributes", {})}
    compared = 0
    for name, got in view.items():
        if name not in known:
            continue
        want = known[name]
        if isinstance(want, dict) and name == "Tags":
            got = {t["Key"]: t["Value"] for t in got or [] if not t["Key"].startswith(("cso:", "aws:"))}
        compared += 1
        if plain(want) != plain(got):
            return f"{name}: csorun remembers {plain(want)}, boto3 was told {plain(got)}"
    return None if compared else "nothing of it could be compared"


def describe(url, folder):
    clients = Clients(url)
    listed = csorun(url, folder, "state", "list", "--json")
    counts, missing = {}, set()
    for line in listed.stdout.splitlines():
        address = json.loads(line)["address"]
        record = json.loads(csorun(url, folder, "state", "show", address, "--json").stdout)
        kind = record["type"]
        if kind in IN_STATE_ONLY:
            continue
        if kind not in VIEWS:
            missing.add(kind)
            continue
        good, all_of = counts.get(kind, (0, 0))
        try:
            view = VIEWS[kind](clients, record["id"], record)
            problem = compare(record, view) if view else "boto3 finds nothing of this id"
        except Exception as e:  # whatever boto3 or a view cannot make of an answer is a finding
            problem = f"{type(e).__name__}: {e}"
        if problem:
            fail(f"{address} ({record['id']}): {problem}"[:400])
        counts[kind] = (good + (not problem), all_of + 1)
    for kind, (good, all_of) in sorted(counts.items()):
        if good == all_of:
            report("ok", f"{kind}: {all_of} described as csorun remembers")
    for kind in sorted(missing):
        fail(f"{kind}: nobody here knows how to describe it")


def command_line(url):
    if not shutil.which("aws"):
        report("skip", "the AWS CLI is not installed")
        return
    env = {**os.environ, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": REGION,
           "AWS_PAGER": ""}
    for words, path in ((["ec2", "describe-vpcs"], "Vpcs"), (["ec2", "describe-instances"], "Reservations"),
                        (["elbv2", "describe-load-balancers"], "LoadBalancers"),
                        (["rds", "describe-db-instances"], "DBInstances"),
                        (["secretsmanager", "list-secrets"], "SecretList"),
                        (["iam", "list-roles"], "Roles"), (["kms", "list-aliases"], "Aliases")):
        done = subprocess.run(["aws", "--endpoint-url", url, "--output", "json", *words], env=env,
                              capture_output=True, text=True, check=False)
        if done.returncode == 0 and json.loads(done.stdout).get(path):
            report("ok", "aws " + " ".join(words))
        else:
            fail(f"aws {' '.join(words)}: {done.stderr.strip() or done.stdout[:200]}")


def main(name):
    playbook = os.path.join(ROOT, "playbooks", name + ".lua")
    sim = Simulator()
    try:
        with tempfile.TemporaryDirectory() as folder:
            done = csorun(sim.url, folder, "apply", playbook, "--auto-approve", "--quiet")
            if done.returncode == 0:
                report("ok", f"{name} on the simulator: apply")
            else:
                fail(f"{name} on the simulator: apply ended with {done.returncode}: {done.stderr[-300:]}")
            describe(sim.url, folder)
            command_line(sim.url)
            done = csorun(sim.url, folder, "destroy", playbook, "--auto-approve", "--quiet")
            if done.returncode == 0:
                report("ok", f"{name} on the simulator: destroy")
            else:
                fail(f"{name} on the simulator: destroy ended with {done.returncode}: {done.stderr[-300:]}")
    finally:
        sim.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "prod-ha"))
