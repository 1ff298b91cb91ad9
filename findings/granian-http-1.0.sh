#!/usr/bin/env bash
# Granian reports HTTP/1.0 by a version that ASGI does not know, and a Host that nobody sent.
#
# ASGI's HTTP specification: `http_version` is "one of "1.0", "1.1" or "2"", and `headers` are those
# of the request. An HTTP/1.0 request needs no Host.
#
# Seen with Granian 2.8.9 on Python 3.11: for "GET / HTTP/1.0" without fields the application gets
# http_version "1" and the field host with an empty value. Uvicorn 0.54.0 (with h11 0.16.0) and
# Hypercorn 0.18.0 give "1.0" and no field. For HTTP/1.1 all three agree.
#
# What an application behind Granian logs of health checks and old clients differs from what a
# recorder before it saw. No report was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv py
py/bin/pip -q install granian==2.8.9 uvicorn==0.54.0 h11==0.16.0 hypercorn==0.18.0

cat >app.py <<'PY'
import json


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    fields = [[name.decode(), value.decode()] for name, value in scope["headers"]]
    body = json.dumps([scope["http_version"], fields]).encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})
PY

cat >run.py <<'PY'
import json, os, signal, socket, subprocess, sys, time
from importlib.metadata import version

SERVERS = {
    "granian": ["granian", "--interface", "asgi", "--no-log", "--port", "PORT", "app:app"],
    "uvicorn": ["uvicorn", "--http", "h11", "--log-level", "error", "--port", "PORT", "app:app"],
    "hypercorn": ["hypercorn", "--bind", "127.0.0.1:PORT", "app:app"],
}
REQUESTS = {
    "HTTP/1.0": b"GET / HTTP/1.0\r\n\r\n",
    "HTTP/1.1": b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n",
}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def connect(port):
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def ask(port, request):
    with connect(port) as peer:
        peer.sendall(request)
        answer = b""
        while more := peer.recv(4096):
            answer += more
    return json.loads(answer.split(b"\r\n\r\n", 1)[1])


changed = False
for name, words in SERVERS.items():
    port = free_port()
    words = ["py/bin/" + words[0], *(word.replace("PORT", str(port)) for word in words[1:])]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(words, start_new_session=True, **quiet)
    try:
        for sent, request in REQUESTS.items():
            http_version, fields = ask(port, request)
            fields = [field for field in fields if field[0] == "host"]
            print(f"{name} {version(name)}, {sent}: http_version {http_version!r}, {fields}")
            right = ["1.0", []] if sent == "HTTP/1.0" else ["1.1", [["host", "a.test"]]]
            known = ["1", [["host", ""]]] if (name, sent) == ("granian", "HTTP/1.0") else right
            changed |= [http_version, fields] != known
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)
sys.exit("the behaviour has changed" if changed else 0)
PY
py/bin/python run.py
