#!/usr/bin/env python3
"""Writes spec/vectors/sigv4/*.json: requests of our own, signed by botocore.

Needs botocore; run from the top of the repository after a change of the list below.
"""
import datetime
import json
import os
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

WHEN = datetime.datetime(2026, 3, 14, 15, 9, 26)
EPOCH = int(WHEN.replace(tzinfo=datetime.timezone.utc).timestamp())
ACCESS, SECRET = "AKIDCSORUNVECTOR0001", "wJalr/CSORUN+vector/secret/key0000000000"
HOST = "service.eu-west-2.example.test"
TOKEN = "FwoGZXIvYXdz//token+with=signs=="

# name: (method, path, query, headers, body, options)
REQUESTS = {
    "get": ("GET", "/", "", [], "", {}),
    "get-empty-path": ("GET", "", "", [], "", {}),
    "post-form": ("POST", "/", "", [("Content-Type", "application/x-www-form-urlencoded")],
                  "Action=DescribeVpcs&Version=2016-11-15", {}),
    "post-json": ("POST", "/", "", [("Content-Type", "application/x-amz-json-1.1"),
                  ("X-Amz-Target", "Logs_20140328.DescribeLogGroups")], "{\"limit\":5}", {}),
    "post-binary": ("POST", "/", "", [], "\u0000\u0001\u007f", {}),
    "query-order": ("GET", "/", "b=2&a=2&a=1&B=3&a-b=1&aa=0", [], "", {}),
    "query-no-value": ("GET", "/", "uploads&acl=&x", [], "", {}),
    "query-encoded": ("GET", "/", "k%20ey=v%2Fal%20ue&%E1%88%B4=bar&p=a%2Bb", [], "", {}),
    "query-prefix-names": ("GET", "/", "a%3D=1&a=1&a%20=1&ab=1", [], "", {}),
    "path-space": ("GET", "/a%20b/c", "", [], "", {}),
    "path-unicode": ("GET", "/%E1%88%B4/caf%C3%A9", "", [], "", {}),
    "path-reserved": ("GET", "/a:b@c$d,e;f=g+h!i*j'(k)", "", [], "", {}),
    "path-double-slash": ("GET", "//a//b//", "", [], "", {}),
    "path-dots": ("GET", "/a/./b/../../c/..", "", [], "", {}),
    "path-dots-above-root": ("GET", "/../../x", "", [], "", {}),
    "path-dots-slash": ("GET", "/a/b/../", "", [], "", {}),
    "path-only-dots": ("GET", "/./", "", [], "", {}),
    "path-arn": ("GET", "/v1/arn%3Aaws%3Aeks%3Aeu-west-2%3A1%3Acluster%2Fx/nodes", "", [], "", {}),
    "header-trim": ("GET", "/", "", [("My-Header", "  a   b \t c  "), ("X-Empty", "")], "", {}),
    "header-multi": ("GET", "/", "", [("X-Multi", "b"), ("x-multi", "a"), ("X-MULTI", " c ")],
                     "", {}),
    "header-order": ("GET", "/", "", [("Zebra", "1"), ("alpha", "2"), ("X-Amz-Z", "3"),
                     ("X-Amz-A", "4"), ("X-Amz", "5")], "", {}),
    "header-left-out": ("GET", "/", "", [("User-Agent", "csorun"), ("Expect", "100-continue"),
                        ("X-Amzn-Trace-Id", "1"), ("Connection", "close"), ("Accept", "*/*")],
                        "", {}),
    "header-unicode": ("GET", "/", "", [("X-Name", "caf\u00e9 \u1234")], "", {}),
    "session-token": ("POST", "/", "", [("Content-Type", "text/plain")], "x", {"token": TOKEN}),
    "unsigned-payload": ("PUT", "/x", "", [], "body", {"unsigned": True, "s3": True}),
    "s3-get": ("GET", "/key%20with%20space//and/../dots", "versionId=1", [], "", {"s3": True}),
    "s3-put": ("PUT", "/photos/caf%C3%A9.jpg", "", [("Content-Type", "image/jpeg"),
               ("x-amz-acl", "private"), ("x-amz-meta-title", "a  b")], "body",
               {"s3": True, "token": TOKEN}),
    "s3-subresource": ("GET", "/", "lifecycle", [], "", {"s3": True}),
    "s3-list": ("GET", "/", "list-type=2&prefix=a%2Fb&delimiter=%2F&max-keys=2", [], "",
                {"s3": True}),
    "presign": ("GET", "/", "Action=GetCallerIdentity&Version=2011-06-15", [], "",
                {"expires": 60}),
    "presign-token": ("GET", "/path", "", [], "", {"expires": 604800, "token": TOKEN}),
    "presign-header": ("GET", "/", "", [("x-k8s-aws-id", "cluster one")], "", {"expires": 60}),
    "presign-s3": ("GET", "/a%20b/c%2B.txt", "response-content-type=text%2Fplain", [], "",
                   {"expires": 3600, "s3": True}),
    "presign-s3-token": ("PUT", "/x", "", [], "", {"expires": 900, "s3": True, "token": TOKEN}),
}
SIGNERS = {
    (False, False): botocore.auth.SigV4Auth,
    (True, False): botocore.auth.S3SigV4Auth,
    (False, True): botocore.auth.SigV4QueryAuth,
    (True, True): botocore.auth.S3SigV4QueryAuth,
}


def sign(name):
    method, path, query, headers, body, options = REQUESTS[name]
    s3, expires = options.get("s3", False), options.get("expires")
    service = "s3" if s3 else "service"
    request = AWSRequest(method=method, data=body.encode())
    request.url = "https://" + HOST + path + ("?" + query if query else "")
    for key, value in headers:
        request.headers.add_header(key, value)
    if s3 and options.get("unsigned"):
        request.context["client_config"] = mock.Mock(s3={"payload_signing_enabled": False})
    elif s3:
        request.context["client_config"] = mock.Mock(s3={"payload_signing_enabled": True})
    arguments = [Credentials(ACCESS, SECRET, options.get("token")), service, "eu-west-2"]
    if expires:
        arguments.append(expires)
    signer = SIGNERS[s3, bool(expires)](*arguments)
    seen = {}
    canonical, to_sign, signature = signer.canonical_request, signer.string_to_sign, signer.signature
    signer.canonical_request = lambda r: seen.setdefault("canonical_request", canonical(r))
    signer.string_to_sign = lambda r, c: seen.setdefault("string_to_sign", to_sign(r, c))
    signer.signature = lambda t, r: seen.setdefault("signature", signature(t, r))
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda: WHEN):
        signer.add_auth(request)
    if expires:
        seen["url"] = request.url
    else:
        seen["authorization"] = request.headers["Authorization"]
    given = {
        "method": method, "path": path, "body": body, "region": "eu-west-2", "service": service,
        "query": [list(pair.partition("=")[::2]) for pair in query.split("&")] if query else [],
        "headers": [["Host", HOST]] + [list(pair) for pair in headers],
        "access_key": ACCESS, "secret_key": SECRET, "time": EPOCH,
        "double_encode": not s3, "normalize": not s3,
    }
    if options.get("token"):
        given["token"] = options["token"]
    if expires:
        given["presign"] = expires
    if options.get("unsigned"):
        given["body_hash"] = "UNSIGNED-PAYLOAD"
    return {"given": given, "want": seen}


for each in REQUESTS:
    file = os.path.join("spec", "vectors", "sigv4", each + ".json")
    with open(file, "w", encoding="utf-8") as out:
        json.dump(sign(each), out, indent=1, sort_keys=True, ensure_ascii=False)
        out.write("\n")
print(len(REQUESTS), "vectors")
