#!/usr/bin/env python3
"""Writes spec/vectors/presign.json: calls of our own as URLs, presigned by botocore.

Needs botocore; run from the top of the repository after a change of the list below.
"""
import datetime
import json
import os
from unittest import mock

import botocore.auth
import botocore.session
from botocore.config import Config

WHEN = datetime.datetime(2026, 3, 14, 15, 9, 26)
EPOCH = int(WHEN.replace(tzinfo=datetime.timezone.utc).timestamp())
ACCESS, SECRET = "AKIDCSORUNVECTOR0001", "wJalr/CSORUN+vector/secret/key0000000000"
TOKEN = "FwoGZXIvYXdz//token+with=signs=="

# service, operation, params, options
CALLS = [
    ("s3", "GetObject", {"Bucket": "photos-1", "Key": "a b/../ü+c.jpg"}, {}),
    ("s3", "GetObject", {"Bucket": "photos-1", "Key": "x"}, {"token": TOKEN, "expires": 60}),
    ("s3", "GetObject", {"Bucket": "photos-1", "Key": "x", "VersionId": "v/1", "ResponseContentType":
                         "text/plain; charset=utf-8"}, {}),
    ("s3", "GetObject", {"Bucket": "photos.with.dots", "Key": "x"}, {}),
    ("s3", "GetObject", {"Bucket": "photos-1", "Key": "x"}, {"region": "us-east-1"}),
    ("s3", "PutObject", {"Bucket": "photos-1", "Key": "x/y"}, {"expires": 604800}),
    ("s3", "PutObject", {"Bucket": "photos-1", "Key": "x", "ContentType": "image/png",
                         "Metadata": {"title": "one"}}, {}),
    ("s3", "HeadObject", {"Bucket": "photos-1", "Key": "x"}, {}),
    ("s3", "DeleteObject", {"Bucket": "photos-1", "Key": "x"}, {"token": TOKEN}),
    ("s3", "ListObjectsV2", {"Bucket": "photos-1", "Prefix": "a/ b", "MaxKeys": 3}, {}),
    ("s3", "CreateMultipartUpload", {"Bucket": "photos-1", "Key": "x"}, {}),
    ("s3", "UploadPart", {"Bucket": "photos-1", "Key": "x", "PartNumber": 2, "UploadId": "u+1"}, {}),
    ("sts", "GetCallerIdentity", {}, {"expires": 60}),
    ("sts", "GetCallerIdentity", {}, {"expires": 60, "token": TOKEN}),
    ("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::123456789012:role/a b", "RoleSessionName": "ss"}, {}),
    ("ec2", "DescribeVpcs", {"VpcIds": ["vpc-1", "vpc-2"]}, {}),
    ("lambda", "GetFunction", {"FunctionName": "a:b"}, {}),
    ("sts", "GetCallerIdentity", {}, {"expires": 60, "method": "GET"}),
]


def presign(service, operation, params, options):
    region = options.get("region", "eu-west-2")
    session = botocore.session.get_session()
    # By itself botocore presigns for S3's global host, which redirects in the first hours of a bucket.
    config = Config(signature_version="s3v4", s3={
        "addressing_style": "virtual", "us_east_1_regional_endpoint": "regional",
    }) if service == "s3" else None
    client = session.create_client(
        service, region_name=region, aws_access_key_id=ACCESS, aws_secret_access_key=SECRET,
        aws_session_token=options.get("token"), config=config)
    method = botocore.xform_name(operation)
    expires = options.get("expires", 3600)
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda: WHEN):
        url = client.generate_presigned_url(method, Params=params, ExpiresIn=expires,
                                            HttpMethod=options.get("method"))
    return {"service": service, "operation": operation, "params": params, "region": region,
            "token": options.get("token"), "expires": expires, "method": options.get("method"),
            "access_key": ACCESS, "secret_key": SECRET, "time": EPOCH, "url": url}


os.environ.pop("AWS_PROFILE", None)
out = [{k: v for k, v in presign(*each).items() if v is not None} for each in CALLS]
with open(os.path.join("spec", "vectors", "presign.json"), "w", encoding="utf-8") as file:
    json.dump(out, file, indent=1, sort_keys=True, ensure_ascii=False)
    file.write("\n")
print(len(out), "vectors")
