#!/usr/bin/env bash
# Tornado refuses messages with trailers, as a server and as a client.
#
# RFC 9112 §7.1: a chunked body may end with a trailer section, and §7.1.2 lets a recipient discard
# it; parsing it is no option. The same holds for chunk extensions, which "a recipient MUST ignore"
# where it does not know them (§7.1.1).
#
# Seen with Tornado 6.6.1 on Python 3.11: its server answers a request with the trailer X-Sum, or
# with the extension ";a=b", with 400. Its client ends such responses with "Connection closed".
# Without the two, the same messages pass. aiohttp 3.14.5 takes all of them, both ways.
#
# Trailers come from clients that compute a checksum while they send. A proxy that passes them on,
# as it should, makes Tornado's applications fail where one that buffers would not. For extensions
# a fix is proposed (its pull request 3677); of trailers no report was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv py
py/bin/pip -q install tornado==6.6.1 aiohttp==3.14.5

cat >run.py <<'PY'
import asyncio, logging, sys
from importlib.metadata import version
import aiohttp, tornado.httpclient, tornado.web
from aiohttp import web

logging.disable()
BODIES = {
    "plain": b"5\r\nhello\r\n0\r\n\r\n",
    "extension": b"5;a=b\r\nhello\r\n0\r\n\r\n",
    "trailer": b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
}
FIELDS = b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


class Echo(tornado.web.RequestHandler):
    def post(self):
        self.write(self.request.body)


async def echo(request):
    return web.Response(body=await request.read())


async def serve_tornado():
    server = tornado.web.Application([("/", Echo)]).listen(0, "127.0.0.1")
    return next(iter(server._sockets.values())).getsockname()[1]


async def serve_aiohttp():
    application = web.Application()
    application.router.add_post("/", echo)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner.addresses[0][1]


async def to_server(port, body):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: a.test\r\n" + FIELDS + body)
    answer = await reader.read()
    writer.close()
    return answer.split()[1].decode() + (" hello" if answer.endswith(b"hello") else "")


async def answer(body, ask):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + FIELDS + body)
        writer.close()

    origin = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        return await ask(f"http://127.0.0.1:{origin.sockets[0].getsockname()[1]}/")
    except Exception as error:
        return str(error)


async def by_tornado(url):
    response = await tornado.httpclient.AsyncHTTPClient().fetch(url)
    return f"{response.code} {response.body.decode()}"


async def by_aiohttp(url):
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return f"{response.status} {await response.text()}"


async def main():
    changed = False
    ports = {"tornado": await serve_tornado(), "aiohttp": await serve_aiohttp()}
    clients = {"tornado": by_tornado, "aiohttp": by_aiohttp}
    for library, port in ports.items():
        for name, body in BODIES.items():
            seen = await to_server(port, body), await answer(body, clients[library])
            print(f"{library} {version(library)}, {name}: server {seen[0]}, client {seen[1]}")
            fails = library == "tornado" and name != "plain"
            changed |= seen != (("400", "Connection closed") if fails else ("200 hello",) * 2)
    return changed


sys.exit("the behaviour has changed" if asyncio.run(main()) else 0)
PY
py/bin/python run.py
