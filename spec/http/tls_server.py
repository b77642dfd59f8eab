"""Servers behind TLS for tls_spec.lua:   tls_server.py DIRECTORY NAME:PROTOCOL…

Each NAME.pem in the directory holds a key and its certificate; PROTOCOL is http/1.1, h2, or echo: an h2 that
answers at once and sends each piece of a body back as it comes. Prints the port
of each and ends with its standard input. Answers say which connection and which request on it they belong
to. A request for /last is the last of its connection, which is closed without a word."""
import itertools
import socket
import ssl
import struct
import sys
import threading

numbers = itertools.count(1)
SETTINGS, PING, DATA, HEADERS, CONTINUATION = 4, 6, 0, 1, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1


def http1(connection, number):
    stream = connection.makefile("rwb")
    for count in itertools.count(1):
        first = stream.readline()
        if not first:
            return
        size = 0
        while (line := stream.readline().strip()):
            name, value = line.split(b":", 1)
            if name.lower() == b"content-length":
                size = int(value)
        body = stream.read(size)
        stream.write(b"HTTP/1.1 200 OK\r\nx-connection: %d\r\nx-request: %d\r\ncontent-length: %d\r\n\r\n%s"
                     % (number, count, len(body), body))
        stream.flush()
        if b" /last " in first:
            return


def literal(name, value):
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def http2(connection, number):
    """Reads no header at all: what it answers is the same for every request."""
    stream = connection.makefile("rwb")
    stream.read(24)
    stream.write(frame(SETTINGS, 0, 0))
    bodies, count = {}, 0
    while len(head := stream.read(9)) == 9:
        size, (kind, flags, at) = int.from_bytes(head[:3], "big"), struct.unpack(">BBI", head[3:])
        payload = stream.read(size)
        if kind == SETTINGS and not flags & ACK:
            stream.write(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            stream.write(frame(PING, ACK, 0, payload))
        elif kind == HEADERS:
            bodies[at] = b""
        elif kind == DATA:
            bodies[at] += payload
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            count += 1
            block = b"\x88" + literal(b"x-connection", b"%d" % number) + literal(b"x-request", b"%d" % count)
            stream.write(frame(HEADERS, END_HEADERS, at, block))
            stream.write(frame(DATA, END_STREAM, at, bodies.pop(at)))
        stream.flush()


def echo(connection, number):
    stream = connection.makefile("rwb")
    stream.read(24)
    stream.write(frame(SETTINGS, 0, 0))
    stream.flush()
    while len(head := stream.read(9)) == 9:
        size, (kind, flags, at) = int.from_bytes(head[:3], "big"), struct.unpack(">BBI", head[3:])
        payload = stream.read(size)
        if kind == SETTINGS and not flags & ACK:
            stream.write(frame(SETTINGS, ACK, 0))
        elif kind == HEADERS:
            stream.write(frame(HEADERS, END_HEADERS, at, b"\x88" + literal(b"x-connection", b"%d" % number)))
        elif kind == DATA:
            stream.write(frame(DATA, flags & END_STREAM, at, payload.upper()))
        stream.flush()


def serve(directory, name, protocol):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{directory}/{name}.pem")
    context.set_alpn_protocols(["h2" if protocol == "echo" else protocol])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)

    def talk(raw):
        try:
            with context.wrap_socket(raw, server_side=True) as connection:
                {"h2": http2, "echo": echo, "http/1.1": http1}[protocol](connection, next(numbers))
        except OSError:
            pass  # whoever does not trust us hangs up

    def accept():
        while True:
            threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


for what in sys.argv[2:]:
    serve(sys.argv[1], *what.split(":"))
sys.stdin.read()
