#!/usr/bin/env python3
"""Writes spec/vectors/tokens.json: tokens for databases and clusters, made by botocore.

Needs botocore; run from the top of the repository."""
import base64
import datetime
import json
from unittest import mock

import botocore.auth
import botocore.session

NOW = 1767225600
REGION = "eu-west-2"
DATABASE, CLUSTER = "db.abc.eu-west-2.rds.amazonaws.com", "abc.dsql.eu-west-2.on.aws"


def name_cluster(request, **_):
    request.headers["x-k8s-aws-id"] = "prod one"


def tokens(session):
    rds = session.create_client("rds", region_name=REGION)
    yield "rds", {"Host": DATABASE, "Port": "5432", "DBUser": "app user"}, \
        rds.generate_db_auth_token(DATABASE, 5432, "app user")
    dsql = session.create_client("dsql", region_name=REGION)
    yield "dsql", {"Host": CLUSTER}, dsql.generate_db_connect_auth_token(CLUSTER)
    yield "dsql", {"Host": CLUSTER, "DBUser": "admin"}, dsql.generate_db_connect_admin_auth_token(CLUSTER)
    sts = session.create_client("sts", region_name=REGION, endpoint_url=f"https://sts.{REGION}.amazonaws.com")
    sts.meta.events.register("before-sign.sts.GetCallerIdentity", name_cluster)
    url = sts.generate_presigned_url("get_caller_identity", Params={}, ExpiresIn=60, HttpMethod="GET")
    yield "eks", {"ClusterName": "prod one"}, \
        "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def main():
    when = datetime.datetime.fromtimestamp(NOW, datetime.timezone.utc).replace(tzinfo=None)
    out = []
    for token in (None, "FwoG+/=tok"):
        session = botocore.session.get_session()
        session.set_credentials("AKIDTOKEN", "secret", token)
        with mock.patch.object(botocore.auth, "get_current_datetime", lambda: when):
            for kind, params, want in tokens(session):
                out.append({"kind": kind, "params": params, "session_token": token, "time": NOW, "want": want})
    with open("spec/vectors/tokens.json", "w", encoding="utf-8") as file:
        json.dump(out, file, indent=1, sort_keys=True)
        file.write("\n")


main()
