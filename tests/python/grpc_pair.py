"""A gRPC server and client without generated code: messages are bytes.

`grpc_pair.py serve CERT KEY` prints {"port": N} and serves until stdin closes.
`grpc_pair.py client` reads {"target", "proxy", "ca"} on stdin and prints what it got.
"""

import json
import os
import sys
from concurrent import futures

import grpc


def unary(request, context):
    context.send_initial_metadata((("x-initial", "one"),))
    context.set_trailing_metadata((("x-final", "two"),))
    if request == b"fail":
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "as you like")
    return request[::-1]


def stream(request, context):
    for count in range(5):
        yield request + str(count).encode()


def serve(cert, key):
    server = grpc.server(futures.ThreadPoolExecutor(4))
    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
        "Stream": grpc.unary_stream_rpc_method_handler(stream),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("dashcam.Test", handlers),))
    with open(cert, "rb") as chain, open(key, "rb") as private:
        credentials = grpc.ssl_server_credentials([(private.read(), chain.read())])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    print(json.dumps({"port": port}), flush=True)
    sys.stdin.read()
    server.stop(None)


def client():
    job = json.load(sys.stdin)
    if job["proxy"]:
        os.environ["grpc_proxy"] = job["proxy"]
    with open(job["ca"], "rb") as file:
        credentials = grpc.ssl_channel_credentials(file.read())
    result = {}
    with grpc.secure_channel(job["target"], credentials) as channel:
        call = channel.unary_unary("/dashcam.Test/Unary")
        reply, details = call.with_call(b"abc", timeout=30)
        result["reply"] = reply.decode()
        result["initial"] = dict(details.initial_metadata()).get("x-initial")
        result["trailing"] = dict(details.trailing_metadata()).get("x-final")
        result["code"] = details.code().name
        try:
            call(b"fail", timeout=30)
        except grpc.RpcError as error:
            result["failure"] = [error.code().name, error.details()]
        replies = channel.unary_stream("/dashcam.Test/Stream")(b"n", timeout=30)
        result["stream"] = [reply.decode() for reply in replies]
    print(json.dumps(result))


if sys.argv[1] == "serve":
    serve(*sys.argv[2:4])
else:
    client()
