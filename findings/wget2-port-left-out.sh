#!/usr/bin/env bash
# wget2 leaves the port of an http:// URL out of what it sends.
#
# RFC 9112 §3.2: Host is the target URI's authority, with the port where it is not the scheme's
# own; §3.2.2: a proxy is sent the whole target URI. So for http://origin.test:8080/x a proxy
# should read exactly that, and the origin "Host: origin.test:8080".
#
# Seen with Debian 12's wget2 1.99.1-2.2: with http_proxy or --http-proxy it sends "GET
# http://origin.test/x" and "Host: origin.test", and the proxy can't but fetch from port 80. Without
# a proxy it connects to the right port, but Host has none. wget 1.21.3-1+deb12u1 sends the port
# in both places.
#
# A recorder that sees such a request can't know the port: what it fetches and stores is of
# another server than the user meant. In reverse mode, Host does not say where the client is
# connected. The manual says nothing of it, and no report was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial root
apt-get -qq -y -o Dir::Cache::archives="$tmp/debs" -o Debug::NoLocking=true \
  -o APT::Sandbox::User=root install --download-only --reinstall --no-install-recommends \
  wget2=1.99.1-2.2 wget=1.21.3-1+deb12u1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done

cat >run.py <<'PY'
import http.server, os, subprocess, sys, threading

ENV = {
    "PATH": "root/usr/bin",
    "LD_LIBRARY_PATH": "root/usr/lib/x86_64-linux-gnu",
    "HOME": os.getcwd(),
}
seen = []


class Proxy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append((self.path, self.headers["Host"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
threading.Thread(target=server.serve_forever, daemon=True).start()
here = f"127.0.0.1:{server.server_port}"
URL, AUTHORITY = "http://origin.test:8080/x", "origin.test:8080"
SHORT = ("http://origin.test/x", "origin.test")
WGET2, variable = ["wget2", "--no-robots"], {"http_proxy": f"http://{here}"}
CASES = [
    ("wget2, http_proxy", WGET2, variable, URL, SHORT),
    ("wget2, --http-proxy", [*WGET2, f"--http-proxy=http://{here}"], {}, URL, SHORT),
    ("wget2, no proxy", WGET2, {}, f"http://{here}/x", ("/x", "127.0.0.1")),
    ("wget, http_proxy", ["wget"], variable, URL, (URL, AUTHORITY)),
]
for tool in ("wget2", "wget"):
    told = subprocess.run([tool, "--version"], env=ENV, capture_output=True, text=True).stdout
    print(told.splitlines()[0])
changed = False
for name, command, variables, url, known in CASES:
    seen.clear()
    subprocess.run(command + ["-q", "-O", "out", url], env=ENV | variables, timeout=60)
    print(f"{name}, {url}: " + "; ".join(f"GET {target}, Host: {host}" for target, host in seen))
    changed |= seen != [known]
sys.exit("the behaviour has changed" if changed else 0)
PY
python3 run.py
