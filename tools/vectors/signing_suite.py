#!/usr/bin/env python3
"""Writes spec/vectors/signing/v4.json and v4a.json from AWS's public signing test suite.

    tools/vectors/signing_suite.py DIR     DIR: tests/aws-signing-test-suite of aws-c-auth

Run from the top of the repository. A case keeps what its files say, in one line each.
"""
import datetime
import json
import os
import sys
from urllib.parse import quote


def text(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
        return file.read()


def request_of(raw):
    """The request as the suite writes it: nothing in it is encoded yet."""
    head, _, body = raw.replace("\r\n", "\n").partition("\n\n")
    lines = head.split("\n")
    method, rest = lines[0].split(" ", 1)
    target = rest.rsplit(" HTTP/", 1)[0]
    headers = []
    for line in lines[1:]:
        if line[:1] in " \t":  # a value that goes on in the next line
            headers[-1][1] += " " + line
        elif line:
            name, _, value = line.partition(":")
            headers.append([name, value])
    path, _, query = target.partition("?")
    pairs = []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        pairs.append([quote(name, safe="-_.~%"), quote(value, safe="-_.~%")])
    return {"method": method, "path": path, "query": pairs, "headers": headers, "body": body}


def case(folder, name):
    context = json.loads(text(folder, "context.json"))
    when = datetime.datetime.strptime(context["timestamp"], "%Y-%m-%dT%H:%M:%SZ")
    keys = context["credentials"]
    given = request_of(text(folder, "request.txt"))
    given.update(
        access_key=keys["access_key_id"], secret_key=keys["secret_access_key"],
        service=context["service"], normalize=context["normalize"],
        time=int(when.replace(tzinfo=datetime.timezone.utc).timestamp()),
        content_sha256=context["sign_body"], double_encode=True)
    asymmetric = os.path.exists(os.path.join(folder, "public-key.json"))
    given["region_set" if asymmetric else "region"] = context["region"]
    if "token" in keys:
        given["token"] = keys["token"]
        given["token_after"] = context.get("omit_session_token", False)
    out = {"name": name, "given": given, "expires": context["expiration_in_seconds"]}
    for kind in ("header", "query"):
        want = {"canonical_request": text(folder, kind + "-canonical-request.txt"),
                "string_to_sign": text(folder, kind + "-string-to-sign.txt"),
                "signature": text(folder, kind + "-signature.txt").strip()}
        out[kind] = want
    if asymmetric:
        key = json.loads(text(folder, "public-key.json"))
        out["public_key"] = [key["X"], key["Y"]]
    return out


def main():
    for kind in ("v4", "v4a"):
        base = os.path.join(sys.argv[1], kind)
        cases = [case(os.path.join(base, name), name) for name in sorted(os.listdir(base))
                 if os.path.exists(os.path.join(base, name, "header-canonical-request.txt"))]
        with open(f"spec/vectors/signing/{kind}.json", "w", encoding="utf-8") as file:
            lines = [json.dumps(c, sort_keys=True, ensure_ascii=False) for c in cases]
            file.write("[\n" + ",\n".join(lines) + "\n]\n")


main()
