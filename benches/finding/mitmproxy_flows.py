"""mitmproxy's dump of exchanges, and its filter over it.

`write DUMP` reads an exchange as JSON from each line of the input; `ask DUMP` reads questions,
and answers with times as JSON.
"""

import json
import resource
import sys
import time

from mitmproxy import connection, flow, flowfilter, http, io


def exchange(line):
    facts = json.loads(line)
    began = facts["started_at"] / 1e6
    client = connection.Client(peername=("10.0.0.1", 40000), sockname=("10.0.0.2", 8080))
    made = http.HTTPFlow(client, connection.Server(address=None))
    made.request = http.Request.make(
        facts["method"], facts["url"], facts["request_body"], pairs(facts["request_headers"])
    )
    made.request.timestamp_start = began
    if facts["status"] is not None:
        made.response = http.Response.make(
            facts["status"], facts["response_body"], pairs(facts["response_headers"])
        )
        made.response.timestamp_end = began + (facts["duration_us"] or 0) / 1e6
    if facts["error"] is not None:
        made.error = flow.Error(facts["error"], began)
    return made


def pairs(headers):
    return [(name.encode(), value.encode()) for name, value in headers]


def write(path):
    with open(path, "wb") as file:
        writer = io.FlowWriter(file)
        for line in sys.stdin:
            writer.add(exchange(line))


def ask(path):
    questions = json.load(sys.stdin)
    began = time.monotonic()
    with open(path, "rb") as file:
        flows = list(io.FlowReader(file).stream())
    loaded = time.monotonic() - began
    answered = [answer(question, flows) for question in questions]
    json.dump({"answered": answered, "load_seconds": loaded}, sys.stdout)


def answer(question, flows):
    times, rows, used = [], 0, time.process_time()
    for text in question["filters"]:
        began = time.monotonic()
        matches = flowfilter.parse(text)
        rows += sum(1 for one in flows if matches(one))
        times.append(int((time.monotonic() - began) * 1e6))
    cpu = time.process_time() - used
    times.sort()
    return {
        "kind": question["kind"],
        "questions": len(times),
        "p50": times[len(times) // 2],
        "p95": times[-1],
        "longest": times[-1],
        "cpu": int(cpu * 1e6 / len(times)),
        "rows": rows,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


if __name__ == "__main__":
    {"write": write, "ask": ask}[sys.argv[1]](sys.argv[2])
