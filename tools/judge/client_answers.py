"""The second half of client_requests.py: random output of every operation, written down by moto's
serializers, read by botocore and by us, compared by value."""
import base64
import datetime
import json
import random

from botocore import parsers
from botocore.awsrequest import HeadersDict
from moto.core.model import ServiceModel
from moto.core.serialize import get_serializer_class

from client_requests import Maker, Skip, fold, plain, wanted

PROTOCOLS = ["json", "rest-json", "rest-xml", "query", "ec2"]


class Output(Maker):
    def value(self, shape, depth=0, plain=False):
        v = super().value(shape, depth, plain)
        if shape.type_name == "timestamp":
            return datetime.datetime.fromtimestamp(v, datetime.timezone.utc)
        return v

    def text(self, shape, plain):
        value = super().text(shape, plain)
        # A line break would not survive every XML writer; headers hold no commas.
        return value.replace("\n", " ")


def compare(args, ours, session, name, report):
    data = session.get_component("data_loader").load_service_model(name, "service-2")
    model = ServiceModel(data, name)
    offered = model.metadata.get("protocols", [model.metadata["protocol"]])
    protocol = next((p for p in PROTOCOLS if p in offered), None)
    if protocol is None:
        report["answers left out"] += 1
        return
    rng = random.Random("%d %s answers" % (args.seed, name))
    parser = parsers.create_parser(protocol)
    writer_class = get_serializer_class("", protocol)
    for op_name in model.operation_names:
        op = model.operation_model(op_name)
        if op.output_shape is None or op.has_event_stream_output:
            continue
        # The root element is the value; the checksum of a random body is checked, and wrong;
        # names of headers arrive in lower case.
        if (name, op_name) in {("s3", "GetBucketLocation"), ("s3", "GetObject"), ("s3", "GetObjectAnnotation"),
                               ("dataexchange", "SendApiAsset")}:
            continue
        for _ in range(args.per):
            one(args, ours, name, op, parser, writer_class, rng, report)


def one(args, ours, name, op, parser, writer_class, rng, report):
    try:
        value = Output(rng, True).structure(op.output_shape, 0, False)
        answer = writer_class(op).serialize(value)
    except (Skip, Exception) as e:
        report["answers not written"] += 1
        if args.verbose:
            print("not written", name, op.name, repr(e)[:200])
        return
    body = answer["body"]
    if isinstance(body, str):
        body = body.encode()
    body = body or b""
    headers = {k: str(v) for k, v in answer["headers"].items()}
    try:
        theirs = parser.parse({"status_code": 200, "headers": HeadersDict(headers), "body": body,
                               "context": {"operation_name": op.name}}, op.output_shape)
    except Exception as e:
        report["answers botocore refused"] += 1
        if args.verbose:
            print("refused", name, op.name, repr(e)[:200])
        return
    theirs.pop("ResponseMetadata", None)
    mine = ours.ask({"do": "parse", "service": name, "operation": op.name, "region": "eu-west-2",
                     "status": 200, "headers": headers, "body": base64.b64encode(body).decode()})
    report["answers"] += 1
    theirs = fold(json.loads(json.dumps(plain(theirs))))
    if "err" in mine:
        got = mine["err"]
    else:
        got = fold(mine["output"])
    if empty_less(got) != empty_less(theirs):
        report["answers that differ"] += 1
        args.failed["answer " + name + "." + op.name] += 1
        if len(args.failed) <= args.show:
            print("--- answer %s.%s %s\n theirs %s\n ours   %s" % (
                name, op.name, body[:600], json.dumps(theirs, sort_keys=True)[:1200],
                json.dumps(got, sort_keys=True)[:1200]))


    elif args.vectors is not None and len(body) < 4000 and wanted(args, "answer " + name):
        args.vectors["answers"].append({
            "service": name, "operation": op.name, "headers": headers, "output": empty_less(theirs),
            "body": base64.b64encode(body).decode()})


def empty_less(value):
    """Our JSON cannot tell an empty map from an empty list that nobody marked."""
    if isinstance(value, dict):
        if not value:
            return []
        return {k: empty_less(v) for k, v in value.items()}
    if isinstance(value, list):
        return [empty_less(v) for v in value]
    return value
