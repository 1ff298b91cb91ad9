"""A WebSocket echo server and a client for it.

`websocket.py serve [--cert FILE --key FILE]` prints {"port": N} and serves until stdin closes.
`websocket.py client` reads {"url", "proxy", "ca", "deflate", "messages"} on stdin and prints what it got.
"""

import argparse
import asyncio
import contextlib
import json
import ssl
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


async def echo(websocket):
    # However the client ends it.
    with contextlib.suppress(ConnectionClosed):
        async for message in websocket:
            await websocket.send(message)


async def serve_until_stdin_closes(arguments):
    context = None
    if arguments.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.cert, arguments.key)
    async with serve(
        echo, "127.0.0.1", 0, ssl=context, subprotocols=["chat.v2", "chat.v1"], compression="deflate", max_size=None
    ) as server:
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def client():
    job = json.load(sys.stdin)
    options = {"proxy": job["proxy"], "max_size": None, "subprotocols": ["chat.v1", "chat.v2"]}
    options["compression"] = "deflate" if job["deflate"] else None
    if job["url"].startswith("wss:"):
        options["ssl"] = ssl.create_default_context(cafile=job["ca"])
    async with connect(job["url"], **options) as websocket:
        replies = []
        for message in job["messages"]:
            sent = bytes.fromhex(message["binary"]) if "binary" in message else message["text"]
            await websocket.send(sent)
            reply = await websocket.recv()
            replies.append({"binary": reply.hex()} if isinstance(reply, bytes) else {"text": reply})
        waiter = await websocket.ping(b"are you there")
        await waiter
        extensions = websocket.response.headers.get("Sec-WebSocket-Extensions")
        await websocket.close(1000, "done")
        result = {"subprotocol": websocket.subprotocol, "extensions": extensions, "replies": replies}
        result["close"] = [websocket.close_code, websocket.close_reason]
    print(json.dumps(result))


parser = argparse.ArgumentParser()
parser.add_argument("role", choices=["serve", "client"])
parser.add_argument("--cert")
parser.add_argument("--key")
parsed = parser.parse_args()
asyncio.run(serve_until_stdin_closes(parsed) if parsed.role == "serve" else client())
