#!/usr/bin/env bash
# Clients that take 103 for the answer, though they pass over 100.
#
# RFC 9110 §15.2: a client must be able to parse 1xx responses before the final one, "even if the
# client does not expect one". It is one rule for 100, 102 and 103.
#
# Seen with Debian 12's libwww-perl 6.68-1, lftp 4.9.2-2+b1, elinks 0.13.2-1+b4 and links
# 2.28-1+b2, and requests 2.34.2 (Python 3.11): all show the content of the 200 behind a 100. Behind
# 103, LWP and requests return a response with the status 103 and no content, lftp says "Access
# failed: 103 Early Hints", elinks and links "Bad HTTP response". aiohttp 3.14.5 and httpx 0.28.1
# give the 200 each time.
#
# RFC 8297 §3 warns of such clients, so origins send 103 to those that are known to take it. A
# proxy that sends each client the 103 of an answer that was made for another (a cache, a replay of
# a recording) breaks these. For Python's http.client it is known (CPython's issue 42550); for the
# others no report was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial root
apt-get -qq -y -o Dir::Cache::archives="$tmp/debs" -o Debug::NoLocking=true \
  -o APT::Sandbox::User=root install --download-only --reinstall --no-install-recommends \
  libwww-perl=6.68-1 lftp=4.9.2-2+b1 elinks=0.13.2-1+b4 links=2.28-1+b2 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
python3 -m venv py
py/bin/pip -q install requests==2.34.2 aiohttp==3.14.5 httpx==0.28.1

cat >run.py <<'PY'
import asyncio, os, socket, subprocess, sys, threading
from importlib.metadata import version
import aiohttp, httpx, requests

ENV = {
    "PATH": "root/usr/bin:/usr/bin",
    "LD_LIBRARY_PATH": "root/usr/lib/x86_64-linux-gnu",
    "PERL5LIB": "root/usr/share/perl5",
    "HOME": os.getcwd(),
    "TERM": "dumb",
}
FINAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
    b"Connection: close\r\n\r\nhello"
)
PREFIXES = {
    "200": b"",
    "100, 200": b"HTTP/1.1 100 Continue\r\n\r\n",
    "103, 200": b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
}


def serve(listener, answer):
    while True:
        peer, _ = listener.accept()
        head = b""
        while b"\r\n\r\n" not in head and (more := peer.recv(4096)):
            head += more
        peer.sendall(answer)
        peer.close()


def command(*words):
    def ask(url):
        run = subprocess.run([*words, url], env=ENV, capture_output=True, text=True, timeout=60)
        return " ".join((run.stdout + run.stderr).split())

    return ask


def by_lftp(url):
    return command("lftp", "-c")("set net:max-retries 1; cat " + url)


def by_requests(url):
    response = requests.get(url)
    return f"{response.status_code} {response.text}".strip()


def by_httpx(url):
    response = httpx.get(url)
    return f"{response.status_code} {response.text}"


def by_aiohttp(url):
    async def ask():
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return f"{response.status} {await response.text()}"

    return asyncio.run(ask())


LWP = "$r = LWP::UserAgent->new->get(shift); print $r->code, ' ', $r->content"
CLIENTS = {
    "LWP 6.68-1": (command("perl", "-MLWP::UserAgent", "-e", LWP), "103"),
    "lftp 4.9.2-2+b1": (by_lftp, "cat: Access failed: 103 Early Hints (/)"),
    "elinks 0.13.2-1+b4": (command("elinks", "-dump"), "ELinks: Bad HTTP response"),
    "links 2.28-1+b2": (command("links", "-dump"), "Bad HTTP response"),
    "requests " + version("requests"): (by_requests, "103"),
    "aiohttp " + version("aiohttp"): (by_aiohttp, "200 hello"),
    "httpx " + version("httpx"): (by_httpx, "200 hello"),
}
changed = False
for status, prefix in PREFIXES.items():
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener, prefix + FINAL), daemon=True).start()
    for name, (ask, known) in CLIENTS.items():
        seen = ask(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        print(f"{name}, {status}: {seen}")
        changed |= seen != known if status == "103, 200" else not seen.endswith("hello")
sys.exit("the behaviour has changed" if changed else 0)
PY
py/bin/python run.py
