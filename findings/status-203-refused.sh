#!/usr/bin/env bash
# Downloaders that take a 203 for a failure.
#
# RFC 9110 §15.3.4: 203 (Non-Authoritative Information) says that a transforming proxy has changed
# the origin's 200. §15: a client that does not know a status treats it as the x00 of its class, so
# that 203 is at least a 200, and its content is what was asked for.
#
# Seen with Debian 12's aria2 1.36.0-1, wget2 1.99.1-2.2 and axel 2.17.11-3: after 203 nothing is
# stored. aria2 has "Unexpected status 203" in its log and ends with 22, axel ends with 1; wget2
# says nothing and ends with 0. wget 1.21.3-1+deb12u1 stores it as it does a 200.
#
# A proxy that changes content and says so, as §7.7 allows, breaks these downloads, whereas one
# that leaves the 200 does not. No report of it was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial root
apt-get -qq -y -o Dir::Cache::archives="$tmp/debs" -o Debug::NoLocking=true \
  -o APT::Sandbox::User=root install --download-only --reinstall --no-install-recommends \
  aria2=1.36.0-1 wget2=1.99.1-2.2 axel=2.17.11-3 wget=1.21.3-1+deb12u1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done

cat >run.py <<'PY'
import http.server, os, subprocess, sys, threading

ENV = {
    "PATH": "root/usr/bin",
    "LD_LIBRARY_PATH": "root/usr/lib/x86_64-linux-gnu",
    "HOME": os.getcwd(),
}
COMMANDS = {
    "aria2c": ["aria2c", "-q", "-m1", "--allow-overwrite=true", "-o", "out"],
    "wget2": ["wget2", "-q", "--no-robots", "-O", "out"],
    "axel": ["axel", "-q", "-n1", "-o", "out"],
    "wget": ["wget", "-q", "-t1", "-O", "out"],
}
KNOWN = {"aria2c": (22, ""), "wget2": (0, ""), "axel": (1, ""), "wget": (0, "hello")}


class Origin(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(self.path[1:]))
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_):
        pass


def download(name, url):
    if os.path.exists("out"):
        os.remove("out")
    run = subprocess.run(COMMANDS[name] + [url], env=ENV, capture_output=True, timeout=60)
    return run.returncode, open("out").read() if os.path.exists("out") else ""


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
threading.Thread(target=server.serve_forever, daemon=True).start()
changed = False
for name, known in KNOWN.items():
    told = subprocess.run([name, "--version"], env=ENV, capture_output=True, text=True).stdout
    for status in (200, 203):
        seen = download(name, f"http://127.0.0.1:{server.server_port}/{status}")
        print(f"{told.splitlines()[0][:40]}, {status}: exit {seen[0]}, stored {seen[1]!r}")
        changed |= seen != ((0, "hello") if status == 200 else known)
sys.exit("the behaviour has changed" if changed else 0)
PY
python3 run.py
