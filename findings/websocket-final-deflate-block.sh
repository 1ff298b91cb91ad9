#!/usr/bin/env bash
# Empty WebSocket messages after one that was compressed with a final DEFLATE block.
#
# RFC 7692 §7.2.1 lets a peer of permessage-deflate use blocks with BFINAL set, and §7.2.3.4 has
# the bytes of such a message ("Hello"). Nothing says that the next message may then not be
# compressed. So three of these messages should arrive as three times "Hello".
#
# Seen with websockets 17.4, Tornado 6.6.1 (Python 3.11) and undici 7.30.2 (Node.js 20.20.2): the
# first arrives, all later compressed messages arrive as the empty string. There is no error, and
# the connection goes on. Their inflater is at its end after the first message and is used again.
# aiohttp 3.14.5 and ws 8.23.0 give three times "Hello".
#
# A recorder that inflates for itself shows text where such a client saw nothing; neither is wrong.
# A proxy that compresses anew must never set BFINAL while the context is kept.
# Bun's client had the same until its pull request 34105; for these three no report was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv py
py/bin/pip -q install websockets==17.4 tornado==6.6.1 aiohttp==3.14.5
npm install --silent --no-audit --no-fund --prefix js undici@7.30.2 ws@8.23.0

cat >client.cjs <<'JS'
const [library, url] = process.argv.slice(2);
const exported = require(`./js/node_modules/${library}`);
const WebSocket = library === 'ws' ? exported : exported.WebSocket;
const socket = new WebSocket(url);
const messages = [];
socket.onmessage = event => messages.push(event.data);
socket.onclose = () => console.log(JSON.stringify(messages));
JS

cat >run.py <<'PY'
import asyncio, base64, hashlib, json, socket, subprocess, sys, threading
from importlib.metadata import version
import aiohttp, tornado.websocket, websockets

HELLO = bytes([0xC1, 8]) + bytes.fromhex("f348cdc9c9070000")  # RFC 7692 §7.2.3.4, FIN and RSV1
CLOSE = bytes([0x88, 2]) + (1000).to_bytes(2, "big")


def serve(peer):
    head = b""
    while b"\r\n\r\n" not in head:
        head += peer.recv(4096)
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
    assert b"permessage-deflate" in fields[b"sec-websocket-extensions"]
    key = next(l for l in head.split(b"\r\n") if l.lower().startswith(b"sec-websocket-key"))
    digest = hashlib.sha1(key.split(b": ")[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    peer.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n"
        b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n" + 3 * HELLO + CLOSE
    )
    peer.recv(4096)  # the client's Close
    peer.close()


async def by_websockets(url):
    async with websockets.connect(url) as connection:
        return [message async for message in connection]


async def by_tornado(url):
    connection = await tornado.websocket.websocket_connect(url, compression_options={})
    messages = []
    while (message := await connection.read_message()) is not None:
        messages.append(message)
    return messages


async def by_aiohttp(url):
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url, compress=15) as connection:
            return [message.data async for message in connection]


def by_node(library):
    return lambda url: json.loads(
        subprocess.run(["node", "client.cjs", library, url], capture_output=True, timeout=60).stdout
    )


WHOLE, EMPTY = ["Hello"] * 3, ["Hello", "", ""]
CLIENTS = {
    "websockets " + version("websockets"): (by_websockets, EMPTY),
    "tornado " + version("tornado"): (by_tornado, EMPTY),
    "undici 7.30.2": (by_node("undici"), EMPTY),
    "aiohttp " + version("aiohttp"): (by_aiohttp, WHOLE),
    "ws 8.23.0": (by_node("ws"), WHOLE),
}
listener = socket.create_server(("127.0.0.1", 0))
url = f"ws://127.0.0.1:{listener.getsockname()[1]}/"
changed = False
for name, (ask, known) in CLIENTS.items():
    server = threading.Thread(target=lambda: serve(listener.accept()[0]))
    server.start()
    seen = asyncio.run(ask(url)) if asyncio.iscoroutinefunction(ask) else ask(url)
    server.join()
    print(f"{name}: {seen}")
    changed |= seen != known
sys.exit("the behaviour has changed" if changed else 0)
PY
node --version
py/bin/python run.py
