#!/usr/bin/env bash
# requests does not log in where "auth" is not the first of the qualities that Digest offers.
#
# RFC 7616 §3.3: `qop` is a quoted list of what the server supports, and the client picks one that
# it knows. It is a list of RFC 9110 §5.6.1, so white space may stand after the comma (the RFC's
# own examples have it), and the order says nothing.
#
# Seen with requests 2.34.2 on Python 3.11: qop="auth, auth-int" and qop="auth-int,auth" work;
# qop="auth-int, auth" gives back the 401, as the list is split at the comma and " auth" is not
# "auth". httpx 0.28.1 takes all three.
#
# A recorder sees the 401 and no second request, which looks as if the user had given no password.
# Of auth-int alone there is a report (its issue 5692); of the space none was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv py
py/bin/pip -q install requests==2.34.2 httpx==0.28.1

cat >run.py <<'PY'
import http.server, sys, threading
from importlib.metadata import version
from urllib.parse import quote, unquote
import httpx, requests
from requests.auth import HTTPDigestAuth


class Origin(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if "Authorization" in self.headers else 401)
        qop = unquote(self.path[1:])
        self.send_header("WWW-Authenticate", f'Digest realm="d", nonce="n", qop="{qop}"')
        self.end_headers()

    def log_message(self, *_):
        pass


KNOWN = {"auth, auth-int": 200, "auth-int,auth": 200, "auth-int, auth": 401}
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
threading.Thread(target=server.serve_forever, daemon=True).start()
changed = False
for qop, known in KNOWN.items():
    url = f"http://127.0.0.1:{server.server_port}/{quote(qop)}"
    by_requests = requests.get(url, auth=HTTPDigestAuth("u", "p")).status_code
    by_httpx = httpx.get(url, auth=httpx.DigestAuth("u", "p")).status_code
    print(f'qop="{qop}": requests {version("requests")} {by_requests}, ', end="")
    print(f'httpx {version("httpx")} {by_httpx}')
    changed |= (by_requests, by_httpx) != (known, 200)
sys.exit("the behaviour has changed" if changed else 0)
PY
py/bin/python run.py
