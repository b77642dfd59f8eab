"""The third part of client_requests.py: every service's endpoint rules with many parameters,
resolved by botocore's interpreter and by ours."""
import json
import random

from botocore.endpoint_provider import EndpointProvider

REGIONS = ["us-east-1", "eu-west-2", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "mars-north-9",
           "aws-global", "eusc-de-east-1"]
BUCKETS = [
    "bucket", "my.dotted.bucket", "UPPER", "ab", "a" * 64, "192.168.1.1", "--x-s3", "b--use1-az1--x-s3",
    "arn:aws:s3:eu-west-2:123456789012:accesspoint/point", "arn:aws:s3:eu-west-2:123456789012:accesspoint:point",
    "arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap", "arn:aws:s3:us-east-1:123456789012:bad/point",
    "arn:aws:s3-object-lambda:eu-west-2:123456789012:accesspoint/olap",
    "arn:aws:s3-outposts:eu-west-2:123456789012:outpost/op-01234567890123456/accesspoint/reports",
    "arn:aws:s3-outposts:eu-west-2:123456789012:outpost/op-01234567890123456/bucket/b",
    "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:point", "arn:aws:sqs:eu-west-2:1:q", "arn:aws:s3",
    "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3", "a/b", "",
]
URLS = ["http://localhost:4566", "https://127.0.0.1/base/", "https://example.com/a b", "https://[::1]:80", "ftp://x",
        "http://host?query"]
TEXTS = {"Bucket": BUCKETS, "Endpoint": URLS, "AccountId": ["123456789012", "bad account"],
         "AccountIdEndpointMode": ["preferred", "disabled", "required"], "Key": ["k"],
         "AccessPointName": BUCKETS, "OutpostId": ["op-01234567890123456", "bad.label"],
         "ResourceArn": ["arn:aws:dynamodb:eu-west-2:123456789012:table/t", "no arn"],
         "StreamARN": ["arn:aws:kinesis:eu-west-2:123456789012:stream/s"],
         "ConsumerARN": ["arn:aws:kinesis:eu-west-2:123456789012:stream/s/consumer/c:1"],
         "OperationType": ["data", "control"], "EndpointId": ["abc123.456def", "bad/label"]}


def value(rng, name, spec):
    kind = spec["type"].lower()
    if kind == "boolean":
        return rng.random() < 0.4
    if kind == "stringarray":
        return rng.choice([["arn:aws:dynamodb:eu-west-2:123456789012:table/t"], []])
    if name == "Region":
        return rng.choice(REGIONS)
    return rng.choice(TEXTS.get(name, ["value", "x.y", "arn:aws:s3:eu-west-2:123456789012:thing/z"]))


def compare(args, ours, session, name, report):
    loader = session.get_component("data_loader")
    try:
        rules = loader.load_service_model(name, "endpoint-rule-set-1")
    except Exception:
        return
    provider = EndpointProvider(rules, loader.load_data("partitions"))
    rng = random.Random("%d %s endpoints" % (args.seed, name))
    known = rules["parameters"]
    count = 400 if name in ("s3", "s3control") else 40
    for _ in range(count):
        params = {}
        for param, spec in known.items():
            if param == "Region" or rng.random() < (0.25 if param == "Endpoint" else 0.5):
                params[param] = value(rng, param, spec)
        try:
            found = provider.resolve_endpoint.__wrapped__(provider, **json_tuple(params)) \
                if hasattr(provider.resolve_endpoint, "__wrapped__") else provider.resolve_endpoint(**json_tuple(params))
            theirs = {"url": found.url, "properties": found.properties or [], "headers": found.headers or []}
        except Exception as e:
            theirs = {"err": str(e.kwargs.get("msg", e)) if hasattr(e, "kwargs") else "raised " + str(e)}
        mine = ours.ask({"do": "endpoint", "service": name, "params": params})
        report["endpoints"] += 1
        theirs = json.loads(json.dumps(theirs))
        if "err" in theirs:
            same = "err" in mine and (mine["err"] == theirs["err"] or loose(theirs["err"]))
        else:
            same = "err" not in mine and empty(mine) == empty(theirs)
        if not same:
            report["endpoints that differ"] += 1
            args.failed["endpoint " + name] += 1
            if len(args.failed) <= args.show:
                print("--- endpoint %s %s\n theirs %s\n ours   %s" % (name, params, theirs, mine))


def loose(text):
    """Words of botocore's own, not of the rules."""
    return text.startswith("Cannot find value") or text.startswith("No endpoint found") or text.startswith("raised")


def json_tuple(params):
    return {k: tuple(v) if isinstance(v, list) else v for k, v in params.items()}


def empty(v):
    return {k: (x or []) for k, x in v.items()}
