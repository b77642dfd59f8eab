#!/usr/bin/env python3
"""Compares our client with botocore, where that is installed: for random valid input of every
operation of every service, the request that each builds (canonicalised), and for random output,
what each reads from the same answer (by value).

    client_requests.py [--lua build/csorun-lua] [--per N] [--seed N] [--vectors FILE] [SERVICE…]

Both sides use botocore's own models, so that only behaviour can differ."""
import argparse
import base64
import datetime
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid
import xml.etree.ElementTree as ET
from collections import Counter
from unittest import mock

import botocore.auth
import botocore.session
from botocore.config import Config

HERE = os.path.dirname(os.path.abspath(__file__))
REGION = "eu-west-2"
NOW = 1700000000  # as in client_side.lua
WORDS = ["a", "b c", "x/y", "ü&<\">'", "plus+", "50%", "-", "Name", "k=v", "tilde~", "line\nbreak"]


class Maker:
    """Random values of shapes; params and output alike."""

    def __init__(self, rng, output=False):
        self.rng = rng
        self.output = output

    def text(self, shape, plain):
        if getattr(shape, "enum", None):
            return self.rng.choice(shape.enum)
        low = max(1, shape.metadata.get("min", 1) or 1)
        high = shape.metadata.get("max", low + 20) or low + 20
        if plain:
            value = self.rng.choice(["abc", "a-b", "x1", "value"])
        else:
            value = self.rng.choice(WORDS)
        if len(value) < low:
            value = (value + "abcdefghij" * (low // 10 + 1))[:low]
        return value

    def value(self, shape, depth=0, plain=False):
        rng, kind = self.rng, shape.type_name
        s = shape.serialization
        if kind == "structure":
            if shape.is_document_type:
                return {"a": [1, "b", True], "c": {"d": 1.5}}
            return self.structure(shape, depth, plain)
        if kind == "list":
            low = shape.metadata.get("min", 0) or 0
            n = max(low, rng.randint(0 if depth > 0 and not plain else 1, 2))
            if depth > 4 and not low:
                n = 0
            return [self.value(shape.member, depth + 1, plain) for _ in range(n)]
        if kind == "map":
            if depth > 4:
                return {}
            n = rng.randint(0, 2)
            out = {}
            for i in range(n):
                key = self.text(shape.key, True)
                if not getattr(shape.key, "enum", None):
                    key += str(i)
                out[key] = self.value(shape.value, depth + 1, plain)
            return dict(sorted(out.items()))
        if kind == "blob":
            return ("blob %d" % rng.randint(0, 99)).encode() + b"x" * (shape.metadata.get("min", 0) or 0)
        if kind in ("integer", "long"):
            low = shape.metadata.get("min")
            high = shape.metadata.get("max")
            low = -5 if low is None else math.ceil(low)
            high = low + 1000 if high is None else math.floor(high)
            return rng.randint(low, max(low, min(high, low + 100000)))
        if kind in ("float", "double"):
            low = shape.metadata.get("min") or 0
            return float(low) + rng.choice([0.5, 1.25, 3.0, 0.1])
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "timestamp":
            return rng.randint(0, 2000000000)
        if s.get("jsonvalue"):
            return {"x": [1, 2], "y": "z"}
        return self.text(shape, plain)

    def structure(self, shape, depth, plain):
        rng = self.rng
        names = list(shape.members)
        if shape.is_tagged_union:
            names = [rng.choice(names)] if names else []
            return {n: self.value(shape.members[n], depth + 1, plain) for n in names}
        out = {}
        chance = 0.6 if depth < 2 else 0.25 if depth < 5 else 0.0
        for name in names:
            member = shape.members[name]
            must = name in shape.required_members
            if not must and rng.random() > chance:
                continue
            if not must and depth > 6:
                continue
            s = member.serialization
            location = s.get("location")
            here = plain or location in ("header", "headers") or bool(s.get("hostLabel"))
            if s.get("eventstream"):
                if must:
                    raise Skip
                continue
            out[name] = self.value(member, depth + 1, here)
        return out


class Skip(Exception):
    pass


def plain(value):
    """JSON form of a value: bytes as text, times as numbers, NaN as words."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "surrogateescape").encode("latin-1", "replace").decode("latin-1")
    if isinstance(value, datetime.datetime):
        t = value.timestamp()
        return int(t) if t == int(t) else t
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value


def fit_s3(service, op, params):
    """Names that endpoint rules take apart must look like what they name."""
    if service in ("s3", "s3control"):
        for key in ("Bucket",):
            if key in params:
                params[key] = "my-bucket"
        if "CopySource" in params:
            params["CopySource"] = "other/key"
        for key in list(params):
            if key.startswith("Checksum") and key not in ("ChecksumAlgorithm", "ChecksumMode", "ChecksumType"):
                params.pop(key)
        if "ContentMD5" in params:
            params.pop("ContentMD5")
        for key in list(params):
            if "SSECustomer" in key:
                params.pop(key)
        if params.get("ChecksumAlgorithm") not in (None, "CRC32", "CRC32C", "SHA1", "SHA256"):
            params["ChecksumAlgorithm"] = "SHA256"
        if params.get("ChecksumAlgorithm") == "CRC32C":
            params["ChecksumAlgorithm"] = "CRC32"
        if service == "s3" and "Metadata" in params:
            params["Metadata"] = {"k": "v"}
        if "AccountId" in params:
            params["AccountId"] = "123456789012"
        if service == "s3control" and "OutpostId" in params:
            params.pop("OutpostId")
        if service == "s3" and "Key" in params:
            params["Key"] = "dir/ü key+%.txt"
    for key, value in params.items():
        if op.input_shape.members[key].serialization.get("hostLabel"):
            params[key] = "123456789012" if key == "AccountId" else "label"
    if "SourceRegion" in params:
        params["SourceRegion"] = "us-east-1"
        for key in ("PresignedUrl", "PreSignedUrl", "DestinationRegion"):
            params.pop(key, None)
    if "UserData" in params:
        params.pop("UserData")
    return params


def ordered(url):
    """A presigned URL, its query sorted: each side writes its own order, and botocore's has today's date."""
    head, _, query = url.partition("?")
    dated = ("X-Amz-Date=", "X-Amz-Credential=", "X-Amz-Signature=")
    return head + "?" + "&".join(sorted(re.sub(r"\.0$", "", part).rstrip("=") for part in query.split("&") if not part.startswith(dated)))


def canonical_body(headers, body):
    kind = headers.get("content-type", "")
    if "aws-chunked" in headers.get("content-encoding", ""):
        head, rest = body.split(b"\r\n", 1)
        size = int(head, 16)
        body, tail = rest[:size], rest[size:]
        headers["content-encoding"] = headers["content-encoding"].replace("aws-chunked", "").strip(",")
        if not headers["content-encoding"]:
            headers.pop("content-encoding")
        for line in tail.split(b"\r\n"):
            if line.startswith(b"x-amz-checksum"):
                name, value = line.decode().split(":", 1)
                headers[name] = value
        for name in ("x-amz-trailer", "x-amz-decoded-content-length", "transfer-encoding"):
            headers.pop(name, None)
    if "x-www-form-urlencoded" in kind:
        pairs = urllib.parse.parse_qsl(body.decode(), keep_blank_values=True)
        return sorted([k, ordered(v) if k.lower() == "presignedurl" else whole(v)] for k, v in pairs)
    text = body.strip()
    if text[:1] in (b"{", b"["):
        try:
            return fold(json.loads(text))
        except ValueError:
            pass
    if text[:1] == b"<":
        try:
            return xml_tree(ET.fromstring(text))
        except ET.ParseError:
            pass
    return body.decode("latin-1")


def whole(text):
    """"3.0" and "3" are the same number."""
    return text[:-2] if text.endswith(".0") and text[:-2].lstrip("-").isdigit() else text


def fold(value):
    if isinstance(value, dict):
        return {k: fold(v) for k, v in sorted(value.items())}
    if isinstance(value, list):
        return [fold(v) for v in value]
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value


def xml_tree(node):
    children = sorted((xml_tree(c) for c in node), key=repr)
    text = node.text or ""
    try:
        number = float(text)
        text = int(number) if number == int(number) else number
    except (ValueError, OverflowError):
        pass
    return [node.tag.split("}")[-1], sorted(node.attrib.items()), text, children]


IGNORED = {"user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "authorization", "x-amz-date",
           "content-length", "x-amz-content-sha256", "host", "expect", "x-amz-security-token",
           "x-amz-user-agent", "x-amzn-trace-id", "x-amz-te"}


def canonical(method, url, headers, body):
    parts = urllib.parse.urlsplit(url)
    headers = {k.lower(): v for k, v in headers}
    body = canonical_body(headers, body)
    headers = {k: v.replace(", ", ",") for k, v in headers.items() if k not in IGNORED}
    # Media types that botocore leaves to the service's default.
    headers.pop("content-type", None)
    if "x-amz-checksum-crc32" in headers:
        headers["x-amz-checksum-crc32"] = "…" if isinstance(body, list) else headers["x-amz-checksum-crc32"]
    for name in ("x-amz-checksum-sha256", "x-amz-checksum-sha1"):
        if name in headers and isinstance(body, list):
            headers[name] = "…"
    query = []
    for pair in parts.query.split("&") if parts.query else []:
        k, _, v = pair.partition("=")
        query.append([urllib.parse.unquote(k), whole(urllib.parse.unquote(v))])
    return json.loads(json.dumps({
        "method": method, "host": parts.netloc, "path": parts.path or "/", "query": sorted(query),
        "headers": headers, "body": body,
    }))


class Botocore:
    """One service as botocore sees it."""

    def __init__(self, session, name):
        config = Config(retries={"max_attempts": 0}, parameter_validation=True,
                        s3={"us_east_1_regional_endpoint": "regional"})
        self.client = session.create_client(
            name, region_name=REGION, config=config, aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="secret")
        self.model = self.client.meta.service_model
        self.sent = None
        self.client.meta.events.register("before-send", self.catch)

    def catch(self, request, **_):
        self.sent = request
        raise Caught

    def build(self, op, params):
        from botocore import xform_name
        self.sent = None
        # Signatures of version 2 are part of the body, and of their time.
        clock = mock.Mock(wraps=time, gmtime=lambda: time.gmtime(NOW))
        try:
            with mock.patch.object(botocore.auth, "time", clock):
                getattr(self.client, xform_name(op.name))(**params)
        except Caught:
            pass
        r = self.sent
        body = r.body or b""
        if hasattr(body, "read"):
            body = body.read()
        if isinstance(body, str):
            body = body.encode()
        headers = [(k, v.decode() if isinstance(v, bytes) else str(v)) for k, v in r.headers.items()]
        return canonical(r.method, r.url, headers, body)


class Caught(BaseException):
    pass


def model_file(loader, name, kind, folder):
    try:
        data = loader.load_service_model(name, kind)
    except Exception:
        return None
    path = os.path.join(folder, "%s.%s.json" % (name, kind))
    with open(path, "w") as f:
        json.dump(data, f)
    return path


class Ours:
    """Our side: one process that answers a line of JSON with a line of JSON."""

    def __init__(self, lua):
        env = dict(os.environ)
        env.setdefault("CSORUN_LUA", os.path.join(HERE, "../../lua"))
        self.process = subprocess.Popen([lua, os.path.join(HERE, "client_side.lua")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)

    def ask(self, question):
        self.process.stdin.write(json.dumps(question).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("our side ended")
        return json.loads(line)


def compare_requests(args, ours, session, name, report):
    loader = session.get_component("data_loader")
    try:
        boto = Botocore(session, name)
    except Exception as e:
        report["no client"] += 1
        return
    rng = random.Random("%d %s" % (args.seed, name))
    for op_name in boto.model.operation_names:
        op = boto.model.operation_model(op_name)
        if op.endpoint_discovery and op.endpoint_discovery.get("required"):
            continue
        for _ in range(args.per):
            try:
                params = Maker(rng).structure(op.input_shape, 0, False) if op.input_shape else {}
            except Skip:
                report["event stream in"] += 1
                continue
            if op.input_shape:
                params = fit_s3(name, op, params)
            try:
                theirs = boto.build(op, params)
            except Exception as e:
                report["refused by botocore"] += 1
                if args.verbose:
                    print("refused", name, op_name, str(e)[:200])
                continue
            mine = ours.ask({"do": "build", "service": name, "operation": op_name,
                             "params": plain(params), "region": REGION})
            report["requests"] += 1
            if "err" in mine:
                differ(args, report, name, op_name, params, theirs, mine["err"])
                continue
            mine = canonical(mine["method"], mine["url"], [tuple(h) for h in mine["headers"]],
                             mine["body"].encode("latin-1") if not mine.get("b64") else base64.b64decode(mine["body"]))
            if mine != theirs:
                differ(args, report, name, op_name, params, theirs, mine)
            elif args.vectors is not None and wanted(args, "request " + name):
                args.vectors["requests"].append({"service": name, "operation": op_name,
                                                 "params": plain(params), "request": theirs})


def wanted(args, key):
    """Vectors are few: the first ones of each service that agree on both sides."""
    args.kept[key] += 1
    return args.kept[key] <= args.keep


def differ(args, report, name, op_name, params, theirs, mine):
    report["requests that differ"] += 1
    args.failed[name + "." + op_name] += 1
    if len(args.failed) <= args.show:
        print("--- %s.%s\nparams %s" % (name, op_name, json.dumps(plain(params), ensure_ascii=False)[:1500]))
        if isinstance(mine, dict):
            for key in theirs:
                if theirs[key] != mine[key]:
                    print("  %s theirs %s\n  %s ours   %s" % (key, str(theirs[key])[:1500], key, str(mine[key])[:1500]))
        else:
            print("  ours   %s" % (mine,))


def main():
    uuid.uuid4 = lambda: uuid.UUID("00000000-0000-4000-8000-000000000000")
    parser = argparse.ArgumentParser()
    parser.add_argument("--lua", default=os.path.join(HERE, "../../build/csorun-lua"))
    parser.add_argument("--per", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--answers", action="store_true", help="compare answers too (needs moto)")
    parser.add_argument("--endpoints", action="store_true", help="compare endpoint rules too")
    parser.add_argument("--known", default="", help="services to leave out, by commas")
    parser.add_argument("--no-requests", action="store_true")
    parser.add_argument("--write-vectors", help="file for cases on which both sides agree")
    parser.add_argument("--keep", type=int, default=6, help="vectors per service and kind")
    parser.add_argument("services", nargs="*")
    args = parser.parse_args()
    args.failed = Counter()
    args.kept = Counter()
    args.vectors = {"requests": [], "answers": []} if args.write_vectors else None
    os.environ.pop("AWS_PROFILE", None)
    session = botocore.session.Session()
    session.set_config_variable("config_file", os.devnull)
    loader = session.get_component("data_loader")
    names = args.services or [n for n in session.get_available_services() if n not in args.known.split(",")]
    report = Counter()
    ours = Ours(args.lua)
    with tempfile.TemporaryDirectory() as folder:
        partitions = os.path.join(folder, "partitions.json")
        with open(partitions, "w") as f:
            json.dump(loader.load_data("partitions"), f)
        for name in names:
            service = model_file(loader, name, "service-2", folder)
            rules = model_file(loader, name, "endpoint-rule-set-1", folder)
            ours.ask({"do": "load", "service": name, "model": service, "rules": rules,
                      "partitions": partitions})
            if not args.no_requests:
                compare_requests(args, ours, session, name, report)
            if args.endpoints:
                import client_endpoints
                client_endpoints.compare(args, ours, session, name, report)
            if args.answers:
                sys.modules["client_requests"] = sys.modules["__main__"]
                import client_answers
                client_answers.compare(args, ours, session, name, report)
            for path in (service, rules):
                if path:
                    os.unlink(path)
    if args.write_vectors:
        with open(args.write_vectors, "w") as f:
            f.write("{\n")
            for i, kind in enumerate(sorted(args.vectors)):
                lines = ",\n".join(json.dumps(v, sort_keys=True, ensure_ascii=False)
                                   for v in args.vectors[kind])
                f.write('%s"%s": [\n%s\n]' % (",\n" if i else "", kind, lines))
            f.write("\n}\n")
    for kind in ("requests", "endpoints", "answers"):
        if report[kind]:
            bad = report.pop(kind + " that differ", 0)
            print("%s %d %s compared with botocore, %d differ" % (
                "FAIL" if bad else "ok  ", report.pop(kind), kind, bad))
    for key in sorted(report):
        print("     %-24s %d" % (key, report[key]))
    if args.failed:
        print("FAIL differ: %d: %s" % (len(args.failed), " ".join(sorted(args.failed)[:60])))
    sys.exit(1 if args.failed else 0)


if __name__ == "__main__":
    main()
