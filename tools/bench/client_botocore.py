"""botocore's side of client.lua: prints its figures as JSON.   client_botocore.py PORT XML_FILE"""
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

port, path = sys.argv[1], sys.argv[2]
session = botocore.session.Session()
client = session.create_client(
    "ec2", region_name="eu-west-2", endpoint_url="http://127.0.0.1:" + port, aws_access_key_id="a",
    aws_secret_access_key="b", config=Config(max_pool_connections=32))


def call(_=None):
    client.describe_vpcs(Filters=[{"Name": "vpc-id", "Values": ["vpc-1"]}])


call()
n = 300
cpu = time.process_time()
for _ in range(n):
    call()
cpu = (time.process_time() - cpu) / n
began = time.time()
with ThreadPoolExecutor(32) as pool:
    list(pool.map(call, range(n)))
rate = n / (time.time() - began)

with open(path, "rb") as f:
    body = f.read()
parser = botocore.parsers.create_parser("ec2")
shape = session.get_service_model("ec2").operation_model("DescribeInstances").output_shape
parse = 1e9
for _ in range(3):
    began = time.process_time()
    parser.parse({"status_code": 200, "headers": {}, "body": body}, shape)
    parse = min(parse, time.process_time() - began)

auth = botocore.auth.SigV4Auth(botocore.credentials.Credentials("a", "b"), "ec2", "r")
began = time.process_time()
for _ in range(500):
    auth.add_auth(botocore.awsrequest.AWSRequest("POST", "https://h/", {}, b"x" * 1024))
sign = (time.process_time() - began) / 500
print(json.dumps({"cpu": cpu, "rate": rate, "parse": parse, "sign": sign}))
