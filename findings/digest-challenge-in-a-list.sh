#!/usr/bin/env bash
# Digest authentication that fails when challenges share a field line, or stand in another order.
#
# RFC 9110 §11.6.1: WWW-Authenticate may have several challenges, in one field line or in several,
# and §5.3 lets anyone on the way join the lines with ", ". So an offer of Basic and Digest means
# the same in every form, and a client that was told to use Digest should use it.
#
# Seen on Python 3.11: with Basic first in one line, httpx 0.28.1 and aiohttp 3.14.5 find no
# Digest and return the 401. aiohttp does so even with a line for each, as it looks at the first
# line only. requests 2.34.2 takes every form.
#
# A proxy that joins field lines, or a store of fields with one value a name that is replayed,
# makes logins fail, though the RFC allows it: keep WWW-Authenticate in the lines and the order in
# which it came. httpx once failed on two lines too (its issue 1234); of the list no report was
# found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv py
py/bin/pip -q install httpx==0.28.1 aiohttp==3.14.5 requests==2.34.2

cat >run.py <<'PY'
import asyncio, http.server, sys, threading
from importlib.metadata import version
import aiohttp, httpx, requests
from requests.auth import HTTPDigestAuth

BASIC, DIGEST = 'Basic realm="b"', 'Digest realm="d", nonce="n", qop="auth", algorithm=MD5'
FORMS = {
    "Digest line, Basic line": [DIGEST, BASIC],
    "Basic line, Digest line": [BASIC, DIGEST],
    "Digest, Basic in one line": [f"{DIGEST}, {BASIC}"],
    "Basic, Digest in one line": [f"{BASIC}, {DIGEST}"],
}


class Origin(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        right = self.headers.get("Authorization", "").startswith('Digest username="u", realm="d"')
        self.send_response(200 if right else 401)
        for line in FORMS[list(FORMS)[int(self.path[1:])]]:
            self.send_header("WWW-Authenticate", line)
        self.end_headers()

    def log_message(self, *_):
        pass


def by_httpx(url):
    return httpx.get(url, auth=httpx.DigestAuth("u", "p")).status_code


def by_requests(url):
    return requests.get(url, auth=HTTPDigestAuth("u", "p")).status_code


def by_aiohttp(url):
    async def ask():
        digest = aiohttp.DigestAuthMiddleware("u", "p")
        async with aiohttp.ClientSession(middlewares=(digest,)) as session:
            async with session.get(url) as response:
                return response.status

    return asyncio.run(ask())


KNOWN = {
    "requests": (by_requests, [200, 200, 200, 200]),
    "httpx": (by_httpx, [200, 200, 200, 401]),
    "aiohttp": (by_aiohttp, [200, 401, 200, 401]),
}
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
threading.Thread(target=server.serve_forever, daemon=True).start()
changed = False
for library, (ask, known) in KNOWN.items():
    seen = [ask(f"http://127.0.0.1:{server.server_port}/{form}") for form in range(len(FORMS))]
    for form, status in zip(FORMS, seen):
        print(f"{library} {version(library)}, {form}: {status}")
    changed |= seen != known
sys.exit("the behaviour has changed" if changed else 0)
PY
py/bin/python run.py
