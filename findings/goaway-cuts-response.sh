#!/usr/bin/env bash
# A graceful GOAWAY that ends the response under way.
#
# RFC 9113 §6.8: GOAWAY lets a peer "gracefully stop accepting new streams while still finishing
# processing of previously established streams". A server that goes sends a first one with the
# last stream 2^31-1 and NO_ERROR, and later one with the real last stream. Responses of streams
# up to that one still come, and a client should read them to their end.
#
# Seen with httpx 0.28.1 (httpcore 1.0.9, h2 4.4.1, Python 3.11) and undici 7.30.2 (Node.js
# 20.20.2): a GOAWAY between two DATA frames of a response ends it with an error, whether there is
# one GOAWAY or the two. h2 goes to the state CLOSED and refuses the DATA that follows; httpcore
# gives up even before. Node.js's own `http2` reads "hello" to its end.
#
# A proxy that restarts and goes by the book cuts the downloads of such clients at its first
# GOAWAY. It should send it when the connection has no stream open, as far as it can wait. For
# h2 it is known since 2019 (its issue 1181, open); for undici it was reported and closed (its
# issue 5089), but this version still does it.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv py
py/bin/pip -q install httpx==0.28.1 httpcore==1.0.9 h2==4.4.1
npm install --silent --no-audit --no-fund --prefix js undici@7.30.2

cat >client.cjs <<'JS'
const [library, url] = process.argv.slice(2);
const fail = error => console.log(error.message);
if (library === 'undici') {
  const { H2CClient } = require('./js/node_modules/undici');
  const client = new H2CClient(url);
  client
    .request({ path: '/', method: 'GET' })
    .then(response => response.body.text())
    .then(console.log, fail)
    .then(() => client.destroy());
} else {
  const session = require('node:http2').connect(url).on('error', fail);
  let body = '';
  session
    .request()
    .on('error', fail)
    .on('data', data => (body += data))
    .on('end', () => console.log(body) ?? session.close());
}
JS

cat >run.py <<'PY'
import socket, subprocess, sys, threading
from importlib.metadata import version
import httpx

SETTINGS, GOAWAY, HEADERS, DATA = 4, 7, 1, 0
LAST_OF_ALL, LAST = 2**31 - 1, 1


def frame(kind, flags, stream, payload=b""):
    length, stream = len(payload).to_bytes(3, "big"), stream.to_bytes(4, "big")
    return length + bytes([kind, flags]) + stream + payload


def goaway(last):
    return frame(GOAWAY, 0, 0, last.to_bytes(4, "big") + bytes(4))


def receive(peer, count):
    data = b""
    while len(data) < count and (more := peer.recv(count - len(data))):
        data += more
    return data


def serve(listener, goaways):
    peer, _ = listener.accept()
    receive(peer, 24)
    peer.sendall(frame(SETTINGS, 0, 0))
    kind = None
    while kind != HEADERS:
        head = receive(peer, 9)
        kind = head[3]
        receive(peer, int.from_bytes(head[:3], "big"))
    status_200 = b"\x88"
    peer.sendall(frame(SETTINGS, 1, 0) + frame(HEADERS, 4, 1, status_200))
    peer.sendall(frame(DATA, 0, 1, b"hel"))
    peer.sendall(b"".join(map(goaway, goaways)) + frame(DATA, 1, 1, b"lo"))
    while peer.recv(4096):
        pass
    peer.close()


def by_httpx(url):
    try:
        with httpx.Client(http1=False, http2=True, trust_env=False) as client:
            return client.get(url).text
    except Exception as error:  # httpcore's, or h2's own where the frames come at once
        return f"error: {error}"


def by_node(library):
    words = ["node", "--no-warnings", "client.cjs", library]
    return lambda url: subprocess.run(
        [*words, url], capture_output=True, text=True, timeout=60
    ).stdout.strip()


CLIENTS = {
    f"httpx {version('httpx')}": (by_httpx, "error: "),
    "undici 7.30.2": (by_node("undici"), 'HTTP/2: "GOAWAY" frame received with code 0'),
    "node:http2": (by_node("http2"), "hello"),
}
changed = False
for name, (ask, known) in CLIENTS.items():
    for goaways in ([], [LAST], [LAST_OF_ALL, LAST]):
        listener = socket.create_server(("127.0.0.1", 0))
        server = threading.Thread(target=serve, args=(listener, goaways), daemon=True)
        server.start()
        seen = ask(f"http://127.0.0.1:{listener.getsockname()[1]}")
        print(f"{name}, {len(goaways)} GOAWAY: {seen}")
        changed |= not seen.startswith(known if goaways else "hello")
sys.exit("the behaviour has changed" if changed else 0)
PY
node --version
py/bin/python run.py
