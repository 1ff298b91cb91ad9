#!/usr/bin/env bash
# mitmproxy stops reading a HAR file at a form that has `params` and no `text`.
#
# HAR 1.2, "postData": `params` has a form's fields, `text` has the body as text, and "text and
# params fields are mutually exclusive". So an entry with only `params` is as it should be, and
# an importer has either to write the form anew or to leave the body out.
#
# Seen with mitmproxy 11.0.2 on Python 3.11: `mitmdump -r` reads a file of three entries where the
# form in the middle has `text`. Where it has `params`, it reads the entry before, says "Unable to
# read HAR file. Please provide a valid HAR file" and ends with 1; the form and all that follows
# are not read. Later source, of version 12, takes `text` in the same way.
#
# An exporter that wants to be read by mitmproxy writes `text` for forms too, against the letter of
# the format, as browsers do. har2requests and har-to-curl had the like; for mitmproxy no report
# was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv py
py/bin/pip -q install mitmproxy==11.0.2

cat >run.py <<'PY'
import json, subprocess, sys
from importlib.metadata import version

FORM = "application/x-www-form-urlencoded"
BODIES = {
    "text": {"mimeType": FORM, "text": "a=1"},
    "params": {"mimeType": FORM, "params": [{"name": "a", "value": "1"}]},
}


def entry(method, post=None):
    message = {"httpVersion": "HTTP/1.1", "cookies": [], "headers": []}
    message |= {"headersSize": -1, "bodySize": -1}
    request = message | {"method": method, "url": "http://127.0.0.1/", "queryString": []}
    if post:
        request["postData"] = post
    content = {"size": 0, "mimeType": "text/plain"}
    response = message | {"status": 200, "statusText": "OK", "content": content, "redirectURL": ""}
    return {
        "startedDateTime": "2026-01-02T03:04:05.678Z",
        "time": 3,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 1, "wait": 1, "receive": 1},
    }


changed = False
for name, post in BODIES.items():
    creator = {"name": "finding", "version": "1"}
    entries = [entry("GET"), entry("POST", post), entry("GET")]
    log = {"version": "1.2", "creator": creator, "entries": entries}
    with open(f"{name}.har", "w") as file:
        json.dump({"log": log}, file)
    run = subprocess.run(
        ["py/bin/mitmdump", "--set", "confdir=conf", "-n", "-r", f"{name}.har"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    entries = run.stdout.count("<< 200 OK")
    refused = "Unable to read HAR file" in run.stdout + run.stderr
    seen = (entries, refused, run.returncode)
    print(f"mitmproxy {version('mitmproxy')}, form by {name}: ", end="")
    print(f"{entries} of 3 entries read, refused: {refused}, exit {run.returncode}")
    changed |= seen != {"text": (3, False, 0), "params": (1, True, 1)}[name]
sys.exit("the behaviour has changed" if changed else 0)
PY
py/bin/python run.py
