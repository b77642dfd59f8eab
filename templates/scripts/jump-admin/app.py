"""The jump server's admin page: is Keystone up, is RabbitMQ up.

Settings come from the environment (see jump-admin.service). Served on 8081 below /admin/.
"""
import os

import requests
from flask import Flask, jsonify, render_template

ZONE = os.environ.get("CSO_ZONE", "localhost")
CA = os.environ.get("CSO_CA", "/opt/ssl-certs/ca/ca.crt")
KEYSTONE = os.environ.get("CSO_KEYSTONE_HOSTS", "").split()
RABBITMQ = os.environ.get("CSO_RABBITMQ_HOSTS", "").split()
RABBITMQ_LOGIN = (os.environ.get("CSO_RABBITMQ_USER", ""), os.environ.get("CSO_RABBITMQ_PASSWORD", ""))
SECONDS = 5

app = Flask(__name__, static_url_path="/admin/static")


def ask(name, url, **options):
    """One finding: {name, ok, detail}. A server that does not answer is a finding, not a crash."""
    try:
        answer = requests.get(url, timeout=SECONDS, verify=CA, **options)
    except requests.RequestException as problem:
        return {"name": name, "ok": False, "detail": type(problem).__name__}
    return {"name": name, "ok": answer.ok, "detail": f"HTTP {answer.status_code}", "answer": answer}


def keystone_health():
    found = [ask(name, f"https://{name}.{ZONE}:5000/api/idm/v3") for name in KEYSTONE]
    return [{key: value for key, value in one.items() if key != "answer"} for one in found]


def rabbitmq_health():
    found = []
    for name in RABBITMQ:
        one = ask(name, f"https://{name}.{ZONE}:15671/api/overview", auth=RABBITMQ_LOGIN)
        answer = one.pop("answer", None)
        if one["ok"]:
            body = answer.json()
            messages = body.get("queue_totals", {}).get("messages", 0)
            one["detail"] = f"RabbitMQ {body.get('rabbitmq_version', '?')}, {messages} messages waiting"
        found.append(one)
    return found


@app.route("/admin/")
def dashboard():
    return render_template("dashboard.html", keystone=keystone_health(), rabbitmq=rabbitmq_health())


@app.route("/admin/status.json")
def status():
    found = {"keystone": keystone_health(), "rabbitmq": rabbitmq_health()}
    healthy = all(one["ok"] for group in found.values() for one in group)
    return jsonify(found), 200 if healthy else 503
