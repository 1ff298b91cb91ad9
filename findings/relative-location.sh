#!/usr/bin/env bash
# Redirects by a relative reference that end in the wrong place.
#
# RFC 9110 §10.2.2: Location is a URI-reference, and a relative one is resolved against the target
# URI by RFC 3986 §5. From /dir/old, "new" is /dir/new, "./new" is /dir/new, "../new" is /new and
# "?q" is /dir/old?q.
#
# Seen with what Debian 12 has: axel 2.17.11-3 appends the reference to the path, as in
# /dir/oldnew. lftp 4.9.2-2+b1 sends it as it is: "GET new HTTP/1.1". HTTP::Tiny 0.080 (perl
# 5.36.0) follows a Location only if it is a whole URL or begins with "/", and makes a 599 of its
# own from all others, "Cannot parse URL". Its manual says that it was made for RFC 2616, where
# Location was a whole URL; the others' say nothing. wget 1.21.3-1+deb12u1 asks for the right one.
#
# A proxy that shortens Location to a relative reference, or replays a recording under another
# host by making it relative, loses such clients; an absolute path does for all. No report was
# found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial root
apt-get -qq -y -o Dir::Cache::archives="$tmp/debs" -o Debug::NoLocking=true \
  -o APT::Sandbox::User=root install --download-only --reinstall --no-install-recommends \
  axel=2.17.11-3 lftp=4.9.2-2+b1 wget=1.21.3-1+deb12u1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done

cat >run.py <<'PY'
import http.server, os, subprocess, sys, threading

ENV = {
    "PATH": "root/usr/bin:/usr/bin",
    "LD_LIBRARY_PATH": "root/usr/lib/x86_64-linux-gnu",
    "HOME": os.getcwd(),
}
REFERENCES = {"new": "/dir/new", "./new": "/dir/new", "../new": "/new", "?q": "/dir/old?q"}
asked, location = [], ""


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        asked.append(self.path)
        moved = self.path == "/dir/old"
        self.send_response(302 if moved else 200)
        if moved:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


TINY = "print HTTP::Tiny->new->get(shift)->{content}"
COMMANDS = {
    "axel": ["axel", "-q", "-n1", "-o", "out"],
    "lftp": ["lftp", "-c", "set net:max-retries 1; get $0 -o out"],
    "HTTP::Tiny": ["perl", "-MHTTP::Tiny", "-e", TINY],
    "wget": ["wget", "-q", "-O", "out"],
}
KNOWN = {
    "axel": {reference: "/dir/old" + reference for reference in REFERENCES},
    "lftp": {reference: reference for reference in REFERENCES},
    "HTTP::Tiny": {reference: "nothing" for reference in REFERENCES},
    "wget": REFERENCES,
}
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
threading.Thread(target=server.serve_forever, daemon=True).start()
old = f"http://127.0.0.1:{server.server_port}/dir/old"
changed = False
for name, command in COMMANDS.items():
    for reference, right in REFERENCES.items():
        asked, location = [], reference
        if os.path.exists("out"):
            os.remove("out")
        words = [word.replace("$0", old) for word in command]
        words += [] if words != command else [old]
        told = subprocess.run(words, env=ENV, capture_output=True, text=True, timeout=60).stdout
        seen = asked[1] if asked[1:] else "nothing"
        print(f"{name}, {reference}: asks for {seen}, right is {right}. {told.strip()}".strip())
        changed |= seen != KNOWN[name][reference]
        changed |= ("Cannot parse URL" in told) != (name == "HTTP::Tiny")
sys.exit("the behaviour has changed" if changed else 0)
PY
perl -MHTTP::Tiny -e 'print "HTTP::Tiny $HTTP::Tiny::VERSION, perl $^V\n"'
root/usr/bin/wget --version | head -n 1
LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/lftp --version | head -n 1
LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/axel --version | head -n 1
python3 run.py
