#!/usr/bin/env python3
"""Compares our signatures with botocore's for random requests, asymmetric ones with a derivation and
a check of their own (cryptography), and lets botocore read the messages of event streams that we write.

    signing.py [--count N] [--seed N]

Needs botocore; without cryptography asymmetric signatures are left out, and that is said."""
import argparse
import datetime
import hashlib
import hmac
import json
import os
import random
import subprocess
import sys
from unittest import mock
from urllib.parse import quote

import botocore.auth
import botocore.eventstream
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
except ImportError:
    ec = None

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HOST = "service.eu-west-2.example.test"
SEGMENTS = ["a", "b c", "", ".", "..", "é", "ሴ", "x+y", "k=v", "~t", "50%", "(p)", "A", "*", ";", "a//b", "\u007f"]
NAMES = ["X-Custom", "x-amz-meta-a", "Content-Type", "x-amz-acl", "Accept", "X-Multi", "x-amz-meta-Zed"]
VALUES = ["1", "a  b", "  padded  ", "a,b", "text/plain; charset=utf-8", "q\tr", "", "é"]
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def random_case(rng):
    path = "/" + "/".join(quote(rng.choice(SEGMENTS), safe="-_.~/" + rng.choice(["", "*;()+="]))
                          for _ in range(rng.randint(0, 4)))
    query = [[quote(rng.choice(SEGMENTS[:1] + ["p", "Q", "list-type", "k é", "a=b", "z-1"]), safe="-_.~"),
              quote(rng.choice(SEGMENTS), safe="-_.~")] for _ in range(rng.randint(0, 4))]
    headers = [[rng.choice(NAMES), rng.choice(VALUES)] for _ in range(rng.randint(0, 4))]
    kind = rng.choice(["v4", "v4", "s3", "s3", "v4-url", "s3-url", "express", "express-url", "v4a", "v4a-url"])
    body = rng.choice(["", "x", "é" * 40, "Action=X"])
    if kind.endswith("url"):  # botocore takes the body for a form and the query for a dictionary
        body, query = "", [list(pair) for pair in dict(query).items()]
    return {
        "kind": kind, "method": rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD"]), "path": path,
        "query": query, "headers": headers, "body": body,
        "token": rng.choice([None, "FwoG+/=tok"]), "time": rng.randint(1400000000, 2000000000),
        "expires": rng.choice([1, 900, 604800]), "access_key": "AKID%04d" % rng.randint(0, 9999),
        "secret_key": "s" * rng.randint(1, 60) + str(rng.random()),
    }


def ours_of(case):
    kind, s3 = case["kind"].partition("-")[0], case["kind"].startswith(("s3", "express"))
    given = {k: case[k] for k in ("method", "path", "query", "body", "access_key", "secret_key", "time")}
    given.update(headers=[["Host", HOST]] + case["headers"], service=service_of(kind),
                 double_encode=not s3, normalize=not s3)
    given["region_set" if kind == "v4a" else "region"] = "*" if kind == "v4a" else "eu-west-2"
    if kind == "express":
        token = case["token"] or "session"
        if case["kind"].endswith("url"):
            given["query"] = case["query"] + [["X-Amz-S3session-Token", quote(token, safe="-_.~")]]
        else:
            given["headers"] = given["headers"] + [["x-amz-s3session-token", token]]
    elif case["token"]:
        given["token"] = case["token"]
    if case["kind"].endswith("url"):
        given.update(presign=case["expires"], content_sha256=False)
        if s3:
            given["body_hash"] = "UNSIGNED-PAYLOAD"
    return given


def service_of(kind):
    return {"s3": "s3", "express": "s3express"}.get(kind, "service")


def theirs(case):
    kind, url = case["kind"].partition("-")[0], case["kind"].endswith("url")
    signer_of = {
        ("v4", False): botocore.auth.SigV4Auth, ("v4", True): botocore.auth.SigV4QueryAuth,
        ("s3", False): botocore.auth.S3SigV4Auth, ("s3", True): botocore.auth.S3SigV4QueryAuth,
        ("express", False): botocore.auth.S3ExpressAuth, ("express", True): botocore.auth.S3ExpressQueryAuth,
    }[kind, url]
    when = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc).replace(tzinfo=None)
    request = AWSRequest(method=case["method"], data=case["body"].encode())
    query = "&".join("=".join(pair) for pair in case["query"])
    request.url = "https://" + HOST + case["path"] + ("?" + query if query else "")
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    request.context["client_config"] = mock.Mock(s3={"payload_signing_enabled": True})
    token = case["token"] or ("session" if kind == "express" else None)
    arguments = [Credentials(case["access_key"], case["secret_key"], token), service_of(kind), "eu-west-2"]
    if kind == "express" and not url:
        signer = signer_of(*arguments, identity_cache={})
    elif kind == "express":
        signer = signer_of(*arguments, identity_cache={}, expires=case["expires"])
    else:
        signer = signer_of(*arguments, **({"expires": case["expires"]} if url else {}))
    seen = {}
    canonical, signature = signer.canonical_request, signer.signature
    signer.canonical_request = lambda r: seen.setdefault("canonical_request", canonical(r))
    signer.signature = lambda t, r: seen.setdefault("signature", signature(t, r))
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda: when):
        signer.add_auth(request)
    return seen


def derive(access, secret):
    for counter in range(1, 255):
        text = b"\0\0\0\1AWS4-ECDSA-P256-SHA256\0" + access.encode() + bytes([counter]) + b"\0\0\1\0"
        number = int.from_bytes(hmac.new(b"AWS4A" + secret.encode(), text, hashlib.sha256).digest(), "big")
        if number <= ORDER - 2:
            return ec.derive_private_key(number + 1, ec.SECP256R1())
    raise AssertionError("no key")


def judge(case, mine):
    if "err" in mine:
        return mine["err"]
    if not case["kind"].startswith("v4a"):
        want = theirs(case)
        for part in ("canonical_request", "signature"):
            if want[part] != mine[part]:
                return f"{part}:\n  botocore {want[part]!r}\n  ours     {mine[part]!r}"
        return None
    digest = hashlib.sha256(mine["canonical_request"].encode()).hexdigest()
    if not mine["string_to_sign"].endswith("/service/aws4_request\n" + digest):
        return "the string to sign does not hold the hash of the canonical request"
    try:
        derive(case["access_key"], case["secret_key"]).public_key().verify(
            bytes.fromhex(mine["signature"]), mine["string_to_sign"].encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return "the asymmetric signature does not hold"
    return None


def judge_messages(mine):
    buffer = botocore.eventstream.EventStreamBuffer()
    buffer.add_data(bytes.fromhex(mine["stream"]))
    seen = [(m.headers, m.payload) for m in buffer]
    return None if seen == [({"t": True, "n": -5, "s": "é", "b": b"\0\1"}, b"one"), ({}, b"")] else repr(seen)


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--count", type=int, default=2000)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--lua", default=os.path.join(ROOT, "build", "csorun-lua"))
    options = words.parse_args()
    rng = random.Random(options.seed)
    cases = [random_case(rng) for _ in range(options.count)]
    if not ec:
        print("skip asymmetric signatures, because cryptography is not installed")
        cases = [c for c in cases if not c["kind"].startswith("v4a")]
    lines = "".join(json.dumps(ours_of(c)) + "\n" for c in cases)
    environment = dict(os.environ, LUA_PATH=f"{ROOT}/lua/?.lua;{ROOT}/lua/?/init.lua")
    out = subprocess.run([options.lua, os.path.join(ROOT, "tools", "judge", "signing_side.lua")], input=lines,
                         capture_output=True, text=True, check=True, env=environment).stdout.splitlines()
    faults = 0
    for case, line in zip(cases, out, strict=False):
        fault = judge(case, json.loads(line))
        if fault:
            faults += 1
            if faults <= 5:
                print(json.dumps(case, ensure_ascii=False), "\n ", fault)
    fault = judge_messages(json.loads(out[-1])) if len(out) == len(cases) + 1 else "answers are missing"
    if fault:
        faults += 1
        print("messages:", fault)
    print(f"{len(cases)} signatures and a stream of messages: {faults} differ")
    sys.exit(1 if faults else 0)


main()
