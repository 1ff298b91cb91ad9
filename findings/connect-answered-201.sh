#!/usr/bin/env bash
# Clients that take only a 200 for the success of CONNECT.
#
# RFC 9110 §9.3.6: "Any 2xx (Successful) response indicates that the sender [...] will switch to
# tunnel mode". So after a 201 or a 204 a client should begin with TLS, as it does after a 200.
#
# Seen with requests 2.34.2 (urllib3 2.8.0), aiohttp 3.14.5 (Python 3.11), undici 7.30.2 and axios
# 1.21.1 (Node.js 20.20.2): they hang up after 201 and 204. httpx 0.28.1 begins with TLS, as
# libcurl does (pycurl 7.49.0 with libcurl 8.23.0). The script's proxy looks at the first byte that
# comes after its answer: 0x16 is a ClientHello.
#
# A proxy should answer CONNECT with exactly 200. One that lets an operator choose the status, or
# passes on that of a proxy behind it, loses many clients. curl had the same until 2017 (its issue
# 1859); of these no report was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv py
py/bin/pip -q install requests==2.34.2 urllib3==2.8.0 aiohttp==3.14.5 httpx==0.28.1 pycurl==7.49.0
npm install --silent --no-audit --no-fund --prefix js undici@7.30.2 axios@1.21.1

cat >client.cjs <<'JS'
const [library, proxy] = process.argv.slice(2);
const url = 'https://origin.test/';
const modules = '/js/node_modules/';
const { ProxyAgent, fetch } = require(process.cwd() + modules + 'undici');
const done = () => process.exit();
if (library === 'undici') fetch(url, { dispatcher: new ProxyAgent(proxy) }).then(done, done);
else {
  process.env.https_proxy = proxy;
  require(process.cwd() + modules + 'axios').get(url).then(done, done);
}
JS

cat >run.py <<'PY'
import asyncio, socket, subprocess, sys, threading
from importlib.metadata import version
import aiohttp, httpx, pycurl, requests

URL = "https://origin.test/"


def after(status, ask):
    """Returns what the client does after the proxy's answer to its CONNECT."""
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
    client = threading.Thread(target=quietly, args=(ask, proxy))
    client.start()
    peer, _ = listener.accept()
    listener.close()
    head = b""
    while b"\r\n\r\n" not in head:
        head += peer.recv(4096)
    assert head.startswith(b"CONNECT origin.test:443 ")
    peer.sendall(b"HTTP/1.1 " + status + b"\r\n\r\n")
    first = peer.recv(1)
    peer.close()
    client.join()
    return {b"\x16": "begins with TLS", b"": "hangs up"}[first]


def quietly(ask, proxy):
    try:
        ask(proxy)
    except Exception:
        pass  # it gets no answer from the tunnel: an error in any case


def by_requests(proxy):
    requests.get(URL, proxies={"https": proxy})


def by_httpx(proxy):
    httpx.get(URL, proxy=proxy)


def by_curl(proxy):
    curl = pycurl.Curl()
    curl.setopt(curl.URL, URL)
    curl.setopt(curl.PROXY, proxy)
    curl.perform()


def by_aiohttp(proxy):
    async def ask():
        async with aiohttp.ClientSession() as session, session.get(URL, proxy=proxy):
            pass

    asyncio.run(ask())


def by_node(library):
    return lambda proxy: subprocess.run(["node", "client.cjs", library, proxy], timeout=60)


STRICT, OPEN = "hangs up", "begins with TLS"
CLIENTS = {
    "requests " + version("requests"): (by_requests, STRICT),
    "aiohttp " + version("aiohttp"): (by_aiohttp, STRICT),
    "undici 7.30.2": (by_node("undici"), STRICT),
    "axios 1.21.1": (by_node("axios"), STRICT),
    "httpx " + version("httpx"): (by_httpx, OPEN),
    pycurl.version.split(" OpenSSL")[0]: (by_curl, OPEN),
}
changed = False
for name, (ask, known) in CLIENTS.items():
    for status in (b"200 OK", b"201 Created", b"204 No Content"):
        seen = after(status, ask)
        print(f"{name}, {status.decode()}: {seen}")
        changed |= seen != (OPEN if status.startswith(b"200") else known)
sys.exit("the behaviour has changed" if changed else 0)
PY
node --version
py/bin/python run.py
