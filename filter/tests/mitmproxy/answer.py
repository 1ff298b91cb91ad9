"""Asks mitmproxy which of flows.json each filter of filters.txt matches, and prints answers.txt.

    python -m venv venv && venv/bin/pip install mitmproxy && venv/bin/python answer.py > answers.txt
"""

import json
import pathlib

from mitmproxy import connection, flow, flowfilter, http, websocket
from wsproto.frame_protocol import Opcode

HERE = pathlib.Path(__file__).parent


def fields(pairs):
    return http.Headers([(name.encode(), value.encode()) for name, value in pairs])


def made(case):
    client = connection.Client(peername=tuple(case["client"]), sockname=("127.0.0.1", 8080), timestamp_start=1)
    server = connection.Server(address=(case["host"], case["port"]))
    made = http.HTTPFlow(client, server)
    made.request = http.Request(
        case["host"], case["port"], case["method"].encode(), case["scheme"].encode(), b"", case["path"].encode(),
        b"HTTP/1.1", fields(case["request"]), case["request_body"].encode(), None, 1, 2)
    if case["status"] is not None:
        made.response = http.Response(
            b"HTTP/1.1", case["status"], b"", fields(case["response"]), case["response_body"].encode(), None, 3, 4)
    if "error" in case:
        made.error = flow.Error(case["error"])
    if "messages" in case:
        messages = [websocket.WebSocketMessage(Opcode.TEXT, of == "request", text.encode()) for of, text in case["messages"]]
        made.websocket = websocket.WebSocketData(messages=messages)
    made.marked = ":default:" if case.get("marked") else ""
    made.comment = case.get("comment", "")
    made.is_replay = "request" if case.get("replay") else None
    return made


flows = [made(case) for case in json.loads((HERE / "flows.json").read_text())]
for line in (HERE / "filters.txt").read_text().splitlines():
    matches = flowfilter.parse(line)
    print("".join("1" if matches(one) else "0" for one in flows), line)
