"""gRPC's kinds of calls, without generated code: messages are bytes.

`grpc_streams.py serve [CERT KEY]` prints {"port": N} and serves until stdin closes; without a certificate, without TLS.
`grpc_streams.py client` reads {"target", "proxy", "ca", "calls"} on stdin, makes the calls and prints what it got. Without
"ca" there is no TLS. The call "hold" prints "holding" on a line of its own once a stream is open and has answered, and
waits for a second line on stdin.
"""

import json
import os
import sys
import threading
from concurrent import futures

import grpc

LARGE = 4 * 1024 * 1024
OPTIONS = [("grpc.max_receive_message_length", 2 * LARGE), ("grpc.max_send_message_length", 2 * LARGE)]
# Whether a slow call with this request has begun, and whether it was cancelled.
begun, cancelled = ({name: threading.Event() for name in (b"late", b"unwanted")} for _ in range(2))


def unary(request, context):
    metadata = [(key, value) for key, value in context.invocation_metadata() if key in ("x-text", "x-some-bin")]
    context.send_initial_metadata(metadata)
    context.set_trailing_metadata((("x-end-bin", bytes(range(256))),))
    question, _, name = request.partition(b": ")
    if question in (b"begun", b"cancelled"):
        return b"yes" if (begun if question == b"begun" else cancelled)[name].wait(20) else b"no"
    return request[::-1]


def slow(request, context):
    begun[request].set()
    context.add_callback(cancelled[request].set)
    cancelled[request].wait(20)
    return b""


def trailers_only(request, context):
    context.abort(grpc.StatusCode.PERMISSION_DENIED, "not you: \u00e9%")


def down(request, context):
    for count in range(5):
        yield request + str(count).encode()
    if request == b"fail":
        context.abort(grpc.StatusCode.DATA_LOSS, "after five")


def up(requests, context):
    return b"+".join(requests)


def both(requests, context):
    for request in requests:
        yield b"re: " + request


def serve(*files):
    server = grpc.server(futures.ThreadPoolExecutor(32), options=[*OPTIONS, ("grpc.http2.min_ping_interval_without_data_ms", 10)])
    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
        "Slow": grpc.unary_unary_rpc_method_handler(slow),
        "Slow?unwanted": grpc.unary_unary_rpc_method_handler(slow),
        "TrailersOnly": grpc.unary_unary_rpc_method_handler(trailers_only),
        "Down": grpc.unary_stream_rpc_method_handler(down),
        "Up": grpc.stream_unary_rpc_method_handler(up),
        "Both": grpc.stream_stream_rpc_method_handler(both),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("dashcam.Test", handlers),))
    if files:
        chain, key = (open(file, "rb").read() for file in files)
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, chain)]))
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(json.dumps({"port": port}), flush=True)
    sys.stdin.read()
    server.stop(None)


def error(call):
    try:
        call()
    except grpc.RpcError as failure:
        return [failure.code().name, failure.details()]
    return None


def call_unary(channel):
    metadata = (("x-text", "plain"), ("x-some-bin", b"\x00\xff\x80"))
    reply, details = channel.unary_unary("/dashcam.Test/Unary").with_call(b"abc", metadata=metadata, timeout=20)
    initial = [[key, value if isinstance(value, str) else list(value)] for key, value in details.initial_metadata() if key.startswith("x-")]
    return [reply.decode(), sorted(initial), dict(details.trailing_metadata())["x-end-bin"] == bytes(range(256))]


def call_streams(channel):
    many = [str(number).encode() for number in range(20)]
    up_reply = channel.stream_unary("/dashcam.Test/Up")(iter(many), timeout=20)
    down_replies = list(channel.unary_stream("/dashcam.Test/Down")(b"n", timeout=20))
    both_replies = list(channel.stream_stream("/dashcam.Test/Both")(iter(many), timeout=20))
    return [up_reply.decode(), [reply.decode() for reply in down_replies], [reply.decode() for reply in both_replies]]


def call_errors(channel):
    got = []
    replies = channel.unary_stream("/dashcam.Test/Down")(b"fail", timeout=20)
    after = error(lambda: got.extend(reply.decode() for reply in replies))
    only = error(lambda: channel.unary_unary("/dashcam.Test/TrailersOnly")(b"x", timeout=20))
    unknown = error(lambda: channel.unary_unary("/dashcam.Test/Unknown")(b"x", timeout=20))
    return [got, after, only, unknown]


def ask(channel, question):
    return channel.unary_unary("/dashcam.Test/Unary")(question, timeout=30).decode()


def call_deadline(channel):
    code = error(lambda: channel.unary_unary("/dashcam.Test/Slow")(b"late", timeout=0.3))[0]
    return [code, ask(channel, b"cancelled: late")]


def call_cancel(channel):
    call = channel.unary_unary("/dashcam.Test/Slow?unwanted").future(b"unwanted")
    begins = ask(channel, b"begun: unwanted")
    call.cancel()
    return [begins, ask(channel, b"cancelled: unwanted")]


def call_large(channel):
    sent = bytes(range(256)) * (LARGE // 256)
    return channel.unary_unary("/dashcam.Test/Unary")(sent, timeout=30) == sent[::-1]


def call_parallel(channel):
    method = channel.unary_unary("/dashcam.Test/Unary")
    calls = [method.future(f"n{number}".encode(), timeout=30) for number in range(100)]
    return [call.result().decode()[::-1] for call in calls]


def call_hold(channel):
    go_on = threading.Event()

    def messages():
        yield b"first"
        go_on.wait(25)
        yield b"second"

    replies = channel.stream_stream("/dashcam.Test/Both")(messages(), timeout=30)
    first = next(replies)
    print("holding", flush=True)
    sys.stdin.readline()
    go_on.set()
    return [first.decode(), *(reply.decode() for reply in replies)]


CALLS = {name.removeprefix("call_"): call for name, call in globals().items() if name.startswith("call_")}


def client():
    job = json.loads(sys.stdin.readline())
    if job["proxy"]:
        os.environ["grpc_proxy"] = job["proxy"]
    options = [*OPTIONS, ("grpc.keepalive_time_ms", 200), ("grpc.http2.max_pings_without_data", 0)]
    compression = grpc.Compression.Gzip if job.get("gzip") else None
    if job["ca"]:
        with open(job["ca"], "rb") as file:
            credentials = grpc.ssl_channel_credentials(file.read())
        channel = grpc.secure_channel(job["target"], credentials, options, compression)
    else:
        channel = grpc.insecure_channel(job["target"], options, compression)
    with channel:
        print(json.dumps({name: CALLS[name](channel) for name in job["calls"]}))


if sys.argv[1] == "serve":
    serve(*sys.argv[2:4])
else:
    client()
