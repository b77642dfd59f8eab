#!/usr/bin/env python3
"""Kills an apply on moto, a change of it, and the destruction after it, before and after their changing calls.

  tools/judge/kill_on_moto.py [--stack NAME | --playbook FILE] [--change KEY=VALUE] [--phase apply|change|destroy]
    [--variant once|twice|destroyed|undone] [--first K] [--last L] [--from SHARE] [--to SHARE]

Default: prod-ha, every call. --from and --to take a share of all moments, and each share is spread over the whole:
0 to 0.1 and 0.1 to 0.2 are two samples with nothing in common. So is any beginning of what is printed (the order of
./dev matrix). twice: the next run dies, too, somewhere between its first call and the last that is left to do.
destroyed: what an apply left is destroyed instead. With --change that value of the environment is applied in between,
and is killed, too; undone: what it left is rolled back instead.

moto keeps its account in memory. It runs in this process, one request at a time, and at each of the
chosen calls csorun is held, its state is copied, and this process forks: the fork is the account of
that moment. When the run is over, each fork in turn serves its account to a fresh csorun, which knows no
more than a killed one would have left it. It has to end with 0, moto has to hold what it holds after an
undisturbed run, and the plan after it has to be empty; after a destruction it holds nothing. Exit 0: good. Exit 77: no moto here.
"""
import argparse
import gc
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

# Behind the libraries: this folder's own files must not stand in for those of the same name.
sys.path.append(sys.path.pop(0))
try:
    import moto_inside
    import portal_on_moto as portal
    from moto_holdings import GONE, holdings
    from moto_inside import changes, hold, operation, serve, tag_bucket
except ImportError:
    print("skip   moto or boto3 is not installed")
    sys.exit(77)


PHASES = ("apply", "change", "destroy")
GOLDEN, PLASTIC = (5 ** 0.5 - 1) / 2, 0.7548776662466927


def place(number, ratio=GOLDEN):
    """Where in 0 to 1 the moment of that number stands: neighbours are far from each other."""
    return number * ratio % 1


def living(held):
    return {name: count for name, count in held.items() if not name.endswith(GONE)}


def stack_of(options, url, folder):
    stack = portal.Stack(options.stack, url, folder)
    if options.playbook:
        stack.playbook, stack.options = os.path.abspath(options.playbook), []
    return stack


class Recorder:
    """moto's application, and a fork of it at each chosen moment."""

    def __init__(self, app, folder, options):
        self.app, self.folder, self.options = app, folder, options
        self.calls, self.points, self.process, self.die, self.phase = 0, [], None, None, None
        self.held = {}  # after each phase, undisturbed
        change = ["--set", options.change] if options.change else []
        self.sets = {"apply": [], "change": change, "destroy": change}

    def words(self, stack, phase):
        if phase == "undone":
            return ["rollback", "last", "--playbook", stack.playbook, "--accept-loss"]
        return ["destroy" if phase == "destroy" else "apply", stack.playbook, *self.sets[phase]]

    def run(self, stack, phase):
        """csorun, whose calls are counted; its exit code and what it said."""
        self.calls, self.phase = 0, phase
        with open(os.path.join(stack.folder, "out"), "w+", encoding="utf-8") as out:
            self.process = subprocess.Popen(
                [os.path.join(portal.ROOT, "build", "csorun"), *self.words(stack, phase), "--auto-approve", "-q", *stack.options],
                cwd=stack.folder, env=stack.env, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
            code = self.process.wait()
            self.process = None
            out.seek(0)
            return code, out.read()

    def __call__(self, environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        environ["wsgi.input"] = io.BytesIO(body)
        name = operation(environ, body)
        if not self.process or not changes(name):  # what a killed run had sent may still come
            answer = list(self.app(environ, start_response))
            tag_bucket(name, body)
            return answer
        self.calls += 1
        nth = self.calls
        if self.die == (nth, "before"):
            self.process.kill()
            start_response("503 Service Unavailable", [])
            return []
        self.moment(nth, "before", name)
        answer = list(self.app(environ, start_response))
        tag_bucket(name, body)
        self.moment(nth, "after", name)
        if self.die == (nth, "after"):
            self.process.kill()
        return answer

    def wanted(self, nth, number):
        options = self.options
        return (not self.die and options.phase in (None, self.phase)
                and options.first <= nth <= options.last
                and options.share_from <= place(number) < options.share_to
                and self.phase in {"destroyed": ("apply", "change"), "undone": ("change",)}.get(options.variant, PHASES))

    def moment(self, nth, when, name):
        number = 2 * nth - (when == "before")
        if not self.wanted(nth, number):
            return
        folder = os.path.join(self.folder, f"{self.phase}-{nth:04d}-{when}")
        hold(self.process.pid)
        os.makedirs(folder)
        if os.path.isdir(os.path.join(self.folder, ".cso")):
            shutil.copytree(os.path.join(self.folder, ".cso"), os.path.join(folder, ".cso"))
        go, told = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            # Nobody but the recorder holds these: when it ends, so do all who wait for its word.
            for fd in (go[1], told[0], *(fd for point in self.points for fd in point[3:])):
                os.close(fd)
            try:
                with os.fdopen(go[0], "rb") as pipe:
                    clean = pipe.readline()
                if not clean:
                    os._exit(1)
                failure, more = self.go_on(folder, number, json.loads(clean))
            except BaseException as problem:  # the fork must not go on as its parent
                failure, more = repr(problem), ""
            try:
                os.write(told[1], json.dumps([(failure or "")[-30000:], more]).encode())
            finally:
                os._exit(0)
        os.close(go[0])
        os.close(told[1])
        self.points.append((number, f"{self.phase} killed {when} call {nth}, {name}", pid, go[1], told[0]))
        os.kill(self.process.pid, signal.SIGCONT)

    def again(self, stack, phase, number, left):
        """Kills the next run, too, at one of the calls that are left to it. What is wrong, and when it died."""
        self.die = (1 + int(place(number, PLASTIC) * left), "after" if number // 2 % 2 else "before")
        code, said = self.run(stack, phase)
        if code not in (0, -signal.SIGKILL):
            return f"the second run ended with {code}\n" + said[-4000:], ""
        return None, f", and again {self.die[1]} call {self.die[0]}" if code else ", and again when nothing was left"

    def go_on(self, folder, number, clean):
        """What the next run makes of it: what is wrong, and what more happened."""
        self.process, phase, more = None, self.phase, ""
        url = serve(self)
        stack = stack_of(self.options, url, folder)
        variant = self.options.variant
        if variant == "twice":
            failure, more = self.again(stack, phase, number, max(clean["calls"] - number // 2, 1))
            if failure:
                return failure, more
        follows = {"destroyed": "destroy", "undone": "undone"}.get(variant, phase)
        wanted = {"destroyed": self.held["before"], "undone": self.held.get("apply")}.get(variant, clean["held"])
        self.die = (0, "never")
        code, said = self.run(stack, follows)
        if code != 0:
            return f"the next {follows} ended with {code}\n" + said[-4000:], more
        held = holdings(url)
        if follows != phase:  # more or less may have been made before it
            held, wanted = living(held), living(wanted)
        if held != wanted:
            return "moto holds something else: " + ", ".join(
                f"{name}: {held.get(name, 0)} instead of {wanted.get(name, 0)}"
                for name in sorted({*held, *wanted}) if held.get(name) != wanted.get(name)), more
        planned = stack.planned(*self.sets.get(follows, [])) if follows != "destroy" else []
        return "\n".join(["the plan is not empty", *map(str, planned)]) if planned else None, more

    def judge(self, url):
        """Lets the forks of a run go on, one after the other."""
        self.held[self.phase] = holdings(url)
        clean = json.dumps({"calls": self.calls, "held": self.held[self.phase]}).encode() + b"\n"
        for _, label, pid, go, told in sorted(self.points, key=lambda point: place(point[0])):
            os.write(go, clean)
            os.close(go)
            with os.fdopen(told, "rb") as pipe:
                failure, more = json.loads(pipe.read())
            os.waitpid(pid, 0)
            portal.check(not failure, f"{label}{more}: the next run ends it", failure or "")
        self.points.clear()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--first", type=int, default=1)
    options.add_argument("--last", type=int, default=1000000)
    options.add_argument("--stack", default="prod-ha")
    options.add_argument("--playbook")
    options.add_argument("--from", dest="share_from", type=float, default=0)
    options.add_argument("--to", dest="share_to", type=float, default=1)
    options.add_argument("--variant", choices=["once", "twice", "destroyed", "undone"], default="once")
    options.add_argument("--change")
    options.add_argument("--phase", choices=PHASES)
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(moto_inside.Account().app, folder, options)
        url = serve(recorder)
        stack = stack_of(options, url, folder)
        recorder.held["before"] = holdings(url)  # what that loads, each fork would have to load anew
        gc.freeze()
        for phase in PHASES if options.change else ("apply", "destroy"):
            code, said = recorder.run(stack, phase)
            portal.check(code == 0, f"undisturbed {phase}: {recorder.calls} changing calls", said)
            recorder.judge(url)
    return 1 if portal.failed else 0


if __name__ == "__main__":
    sys.exit(main())
