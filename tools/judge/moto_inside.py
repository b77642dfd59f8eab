"""moto in this process: one request at a time, each of which can be watched, disturbed or answered by a judge."""
import io
import os
import re
import signal
import struct
import socket
import threading
import time

from moto import backends
from moto.acm.models import AWSCertificateManagerBackend
from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.s3.models import s3_backends
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

READS = re.compile("^(Describe|Get|List|Head|BatchGet|Search|Simulate|Assume)")

# moto looks through its folder at each request for what never changes.
backends.list_of_moto_modules = lambda modules=tuple(backends.list_of_moto_modules()): modules



def let_go(backend, name, delete=NatGatewayBackend.delete_nat_gateway):
    """moto keeps the address of a gateway that is gone associated, so that no other gateway can have it."""
    gateway = delete(backend, name)
    taken = [one["allocationId"] for one in gateway.address_set if one.get("allocationId")]
    for address in backend.address_by_allocation(taken) if taken else []:
        address.association_id = address.eni = None
    return gateway


NatGatewayBackend.delete_nat_gateway = let_go


def import_again(backend, certificate, private_key, chain, arn, tags,
                 take=AWSCertificateManagerBackend.import_certificate):
    """moto forgets the tags of a certificate that is imported once more, and who uses it; ACM keeps both."""
    before = backend._certificates.get(arn)
    taken = take(backend, certificate, private_key, chain, arn, tags)
    if before:
        after = backend._certificates[taken]
        after.tags, after.in_use_by = before.tags, before.in_use_by
    return taken


AWSCertificateManagerBackend.import_certificate = import_again

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")


class Silent(WSGIRequestHandler):
    """Says nothing but its answers, whose Date is `ahead` seconds in the future."""
    ahead = 0

    def date_time_string(self, timestamp=None):
        return super().date_time_string(timestamp or time.time() + self.ahead)

    def log_request(self, code="-", size="-"):
        pass

    def log(self, type, message, *args):
        pass


def operation(environ, body):
    """The operation of a request: by target, by action, else the method and the path."""
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    action = re.search(rb"(?:^|&)Action=(\w+)", body[:2000]) if not target else None
    if target:
        return target.split(".")[-1]
    if action:
        return action.group(1).decode()
    return environ["REQUEST_METHOD"] + " " + environ["PATH_INFO"]


def changes(name):
    return not READS.match(name) and not name.startswith(("GET ", "HEAD "))


def who(environ):
    """The access key of whoever asks."""
    found = re.search("Credential=([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    return found.group(1) if found else None


def tag_bucket(name, body):
    """moto takes the tags that CreateBucket brings, and forgets them."""
    tags = dict(re.findall(rb"<Tag><Key>(.*?)</Key><Value>(.*?)</Value></Tag>", body))
    if b"<CreateBucketConfiguration" in body and tags:
        s3_backends["123456789012"]["aws"].put_bucket_tagging(
            name.split("/")[1], {key.decode(): value.decode() for key, value in tags.items()})


def serve(app):
    """A server of its own port, one request at a time, in a thread."""
    server = make_server("127.0.0.1", 0, app, threaded=False, request_handler=Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def hold(pid):
    """Stops a process, and returns when it stands still."""
    os.kill(pid, signal.SIGSTOP)
    while True:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            if stat.read().rsplit(") ", 1)[1][0] in "TZ":
                return
        time.sleep(0.001)


def cut(environ):
    """Ends the connection of a request with a reset: whoever asked hears nothing."""
    sock = environ["werkzeug.socket"]
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    raise ConnectionResetError("cut by the judge")


class Account:
    """moto's application. `before(name, environ, body)` may answer with (status, headers, body) in its place, and
    `after(name, environ, body, answer)` in place of what it said; `seen` is the list of (key, operation)."""

    def __init__(self):
        self.app = DomainDispatcherApplication(create_backend_app)
        self.before = self.after = None
        self.seen = []

    def __call__(self, environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        environ["wsgi.input"] = io.BytesIO(body)
        name = operation(environ, body)
        self.seen.append((who(environ), name))
        said = self.before and self.before(name, environ, body)
        if not said:
            answered = []
            chunks = list(self.app(environ, lambda status, headers, *_: answered.append((status, headers))))
            tag_bucket(name, body)
            said = (answered[0][0], answered[0][1], b"".join(chunks))
            said = (self.after and self.after(name, environ, body, said)) or said
        start_response(said[0], said[1])
        return [said[2]]


def refusal(status, code):
    """An answer of S3 that says no."""
    body = f"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
    return status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))], body
