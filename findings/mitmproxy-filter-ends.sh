#!/usr/bin/env bash
# The end of an operator in mitmproxy's filters: some need white space behind them, some need none.
#
# The manual gives `~q`, `~s`, `~websocket` and others without an argument, `&`, `|`, `!` and
# parentheses for grouping, and `~c CODE`. A reader expects `(~q)` to be `~q` in parentheses, and
# `~c 2xx` to be either a class of codes or an error.
#   - An operator without an argument ends only at white space or at the filter's end: `(~q)`,
#     `(~websocket)`, `~q|~s` and `~q&~s` are invalid, while `( ~q )` and `~q | ~s` are read.
#   - A code ends where its digits end: `(~c 200)` and `~c 200|~c 404` are read, and `~c 2xx` is the
#     code 2 and, as a second condition, `xx` in the URL. It matches nothing, and nothing says so.
#   - A text takes all signs but white space and parentheses: `~d a|~d b` asks for the domain `a|`,
#     an expression that matches every domain, and for `b`.
#
# Seen with mitmproxy 11.0.2 on Python 3.11. A tool that reads such filters can take the first kind;
# it has to choose for the third. No report was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv py
py/bin/pip -q install --disable-pip-version-check mitmproxy==11.0.2

cat >run.py <<'PY'
import sys
from importlib.metadata import version

from mitmproxy import flowfilter

# The filter, and how it is read: None if it is refused.
CASES = {
    "( ~q )": "FReq",
    "(~q)": None,
    "(~websocket)": None,
    "~q | ~s": "FOr(FReq, FResp)",
    "~q|~s": None,
    "~q&~s": None,
    "(~c 200)": "FCode 200",
    "~c 200|~c 404": "FOr(FCode 200, FCode 404)",
    "~c 2xx": "FAnd(FCode 2, FUrl xx)",
    "(~d a)": "FDomain a",
    "~d a|~d b": "FAnd(FDomain a|, FDomain b)",
}


def tree(node):
    kind = type(node).__name__
    if hasattr(node, "lst"):
        return f"{kind}({', '.join(map(tree, node.lst))})"
    argument = getattr(node, "expr", getattr(node, "num", ""))
    return f"{kind} {argument}".strip()


changed = False
print(f"mitmproxy {version('mitmproxy')}")
for text, expected in CASES.items():
    try:
        seen = tree(flowfilter.parse(text))
    except ValueError:
        seen = None
    print(f"{text:15} {seen or 'is refused'}")
    changed |= seen != expected
sys.exit("the behaviour has changed" if changed else 0)
PY
py/bin/python run.py
