#!/usr/bin/env python3
"""Throttles, fails and cuts the calls of whole runs on moto: they end all the same, with nothing twice.

  tools/judge/faults_on_moto.py [--rate R] [--seed N] [--kind KIND] [--playbook FILE]

Default: the stack of one_of_each.lua, all kinds of faults at once, at 5 % and 20 % of the calls. The run has to end
with 0, moto has to hold what it holds after an undisturbed run, the plan has to be empty, the destruction to leave
nothing; neither may take more than three times the calls. Exit 0: good. Exit 77: no moto here.
"""
import argparse
import json
import os
import random
import sys
import tempfile
import urllib.request

# Behind the libraries: this folder's own files must not stand in for those of the same name.
sys.path.append(sys.path.pop(0))
try:
    import moto_inside
    import portal_on_moto as portal
    from moto_holdings import holdings
    from moto_inside import cut
except ImportError:
    print("skip   moto or boto3 is not installed")
    sys.exit(77)

SAID = {
    "throttle": ("400 Bad Request", "429 Too Many Requests", "503 Slow Down", "ThrottlingException", "Throttling", "SlowDown"),
    "error": ("500 Internal Server Error",) * 3 + ("InternalFailure", "InternalFailure", "InternalError"),
    "unavailable": ("503 Service Unavailable",) * 3 + ("ServiceUnavailable",) * 3,
}


def refuse(environ, kind):
    """A refusal in the words of the protocol that was asked in."""
    by_target, by_path, by_s3, json_code, query_code, s3_code = SAID[kind]
    service = environ.get("HTTP_AUTHORIZATION", "").split("/aws4_request")[0].rsplit("/", 1)[-1]
    if environ.get("HTTP_X_AMZ_TARGET"):
        status, kind_of, body = by_target, "application/x-amz-json-1.1", json.dumps({"__type": json_code})
    elif service == "ec2":
        code = "RequestLimitExceeded" if query_code == "Throttling" else query_code
        status, kind_of = by_path if by_path[0] == "5" else "503 Service Unavailable", "text/xml"
        body = f"<Response><Errors><Error><Code>{code}</Code><Message>m</Message></Error></Errors><RequestID>r</RequestID></Response>"
    elif service == "s3":
        status, kind_of, body = by_s3, "application/xml", f"<Error><Code>{s3_code}</Code><Message>m</Message></Error>"
    elif service in ("elasticfilesystem", "backup"):
        status, kind_of, body = by_path, "application/json", json.dumps({"message": "m", "code": json_code})
        return status, [("Content-Type", kind_of), ("x-amzn-errortype", json_code)], body.encode()
    else:
        status, kind_of = by_target, "text/xml"
        body = f"<ErrorResponse><Error><Code>{query_code}</Code><Message>m</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    return status, [("Content-Type", kind_of)], body.encode()


class Trouble:
    """Disturbs a share of the requests, the same ones for the same seed."""

    BEFORE, AFTER = ("throttle", "error", "unavailable", "reset"), ("lost", "failed", "truncated")

    def __init__(self, rate, seed, kinds):
        self.rate, self.random, self.kinds, self.done = rate, random.Random(seed), kinds, 0

    def chosen(self, among):
        """One of the kinds that are wanted; both moments together come to the rate."""
        wanted = [kind for kind in among if kind in self.kinds]
        if wanted and self.random.random() < self.rate * len(wanted) / len(self.kinds):
            self.done += 1
            return self.random.choice(wanted)
        return None

    def before(self, name, environ, _):
        kind = self.chosen(self.BEFORE) if "moto-api" not in name and self.rate > 0 else None
        if kind == "reset":
            cut(environ)
        return refuse(environ, kind) if kind else None

    def after(self, name, environ, _, said):
        kind = self.chosen(self.AFTER) if "moto-api" not in name and self.rate > 0 else None
        if kind == "lost":
            cut(environ)
        if kind == "truncated" and len(said[2]) > 1:
            return said[0], [h for h in said[1] if h[0].lower() != "content-length"] + [
                ("Content-Length", str(len(said[2])))], said[2][:len(said[2]) // 2]
        return refuse(environ, "error") if kind == "failed" else None


def live(account, url, folder, playbook, trouble):
    """Makes the stack and destroys it in trouble; what moto held, and how many calls each took."""
    urllib.request.urlopen(urllib.request.Request(url + "/moto-api/reset", method="POST")).close()
    os.makedirs(folder)
    stack = portal.Stack("one_of_each", url, folder)
    stack.playbook, stack.options = playbook, []
    account.before, account.after = trouble.before, trouble.after
    calls, said = {}, {}
    for verb in ("apply", "destroy"):
        account.seen.clear()
        rate = trouble.rate
        answer = stack.run(verb, playbook, "-y", "-q")
        calls[verb] = len(account.seen)
        said[verb] = answer.returncode, answer.stdout + answer.stderr
        trouble.rate = 0
        said[verb] += (holdings(url), stack.planned() if verb == "apply" else [])
        trouble.rate = rate
    return calls, said


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rate", type=float)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--kind", choices=Trouble.BEFORE + Trouble.AFTER)
    options.add_argument("--playbook", default=os.path.join(portal.ROOT, "tools", "judge", "one_of_each.lua"))
    options = options.parse_args()
    kinds = [options.kind] if options.kind else list(Trouble.BEFORE + Trouble.AFTER)
    with tempfile.TemporaryDirectory() as folder:
        account = moto_inside.Account()
        url = moto_inside.serve(account)
        clean = None
        for rate in (0, *([options.rate] if options.rate else (0.05, 0.2))):
            trouble = Trouble(rate, options.seed, kinds)
            calls, said = live(account, url, os.path.join(folder, str(rate)), os.path.abspath(options.playbook), trouble)
            clean = clean or (calls, said)
            for verb in ("apply", "destroy"):
                code, text, held, planned = said[verb]
                wanted = clean[1][verb][2]
                label = f"{verb} with {rate * 100:g} % of faults, seed {options.seed}"
                differ = [f"{n}: {held.get(n, 0)} instead of {wanted.get(n, 0)}"
                          for n in sorted({*held, *wanted}) if held.get(n) != wanted.get(n)]
                portal.check(code == 0, f"{label}: {calls[verb]} calls", text)
                portal.check(not differ and not planned, f"{label}: it holds what it should",
                             "\n".join(differ + [str(one) for one in planned]))
                portal.check(calls[verb] <= 3 * clean[0][verb], f"{label}: {calls[verb] / clean[0][verb]:.2f} times the calls")
            print(f"info   {trouble.done} faults", flush=True)
    return 1 if portal.failed else 0


if __name__ == "__main__":
    sys.exit(main())
