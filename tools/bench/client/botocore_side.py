"""botocore's side of ../client.lua: prints its figures as JSON.   botocore_side.py PORT XML_FILE JSON_FILE"""
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.parsers
import botocore.session
from botocore.config import Config

CALLS, IN_FLIGHT = 300, 32
port, xml_path, json_path = sys.argv[1:4]
session = botocore.session.Session()
client = session.create_client(
    "ec2", region_name="eu-west-2", endpoint_url="http://127.0.0.1:" + port, aws_access_key_id="a",
    aws_secret_access_key="b", config=Config(max_pool_connections=IN_FLIGHT))


def call(_=None):
    client.describe_vpcs(Filters=[{"Name": "vpc-id", "Values": ["vpc-1"]}])


def memory():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmRSS:"))


def parse(service, protocol, operation, path):
    with open(path, "rb") as f:
        body = f.read()
    parser = botocore.parsers.create_parser(protocol)
    shape = session.get_service_model(service).operation_model(operation).output_shape
    least = 1e9
    for _ in range(3):
        began = time.process_time()
        parser.parse({"status_code": 200, "headers": {}, "body": body}, shape)
        least = min(least, time.process_time() - began)
    return least


call()
result = {"memory": memory()}
began = time.process_time()
for _ in range(CALLS):
    call()
result["cpu"] = (time.process_time() - began) / CALLS
began = time.time()
with ThreadPoolExecutor(IN_FLIGHT) as pool:
    list(pool.map(call, range(CALLS)))
result["rate"] = CALLS / (time.time() - began)
result["xml"] = parse("ec2", "ec2", "DescribeInstances", xml_path)
result["json"] = parse("dynamodb", "json", "Query", json_path)

auth = botocore.auth.SigV4Auth(botocore.credentials.Credentials("a", "b"), "ec2", "r")
began = time.process_time()
for _ in range(500):
    auth.add_auth(botocore.awsrequest.AWSRequest("POST", "https://h/", {}, b"x" * 1024))
result["sign"] = (time.process_time() - began) / 500
print(json.dumps(result))
