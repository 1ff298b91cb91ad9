"""Does with one more Python client what it is for, and prints what it got as JSON.

stdin: {"kind", "proxy": url or null, "ca": file, "url": the site}
"""

import asyncio
import hashlib
import json
import ssl
import sys

JOB = json.load(sys.stdin)
SITE = JOB["url"]
LARGE = bytes(range(256)) * 4000


def tls():
    return ssl.create_default_context(cafile=JOB["ca"])


def sha(pieces):
    digest, length = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        length += len(piece)
    return f"{length} {digest.hexdigest()}"


def pieces():
    for start in range(0, len(LARGE), 10_000):
        yield LARGE[start : start + 10_000]


def end_to_end(fields):
    """Whether a connection stays is each hop's business."""
    return [pair for pair in fields if pair[0].lower() not in ("connection", "transfer-encoding")]


def urllib_():
    import urllib.error
    import urllib.request

    proxies = {"http": JOB["proxy"], "https": JOB["proxy"]} if JOB["proxy"] else {}
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=tls())
    )
    with opener.open(SITE + "/headers", timeout=30) as response:
        yield [response.status, response.reason, end_to_end(response.getheaders()), response.read().decode()]
    with opener.open(SITE + "/redirect/302/2", timeout=30) as response:
        yield [response.status, response.url, response.read().decode()]
    request = urllib.request.Request(SITE + "/digest?put", data=b"a=1", method="PUT", headers={"X-Odd": "a  b"})
    with opener.open(request, timeout=30) as response:
        yield response.read().decode()
    # Of unknown length: in chunks.
    with opener.open(urllib.request.Request(SITE + "/digest?chunks", data=pieces()), timeout=30) as response:
        yield response.read().decode()
    try:
        opener.open(SITE + "/status/404", timeout=30)
    except urllib.error.HTTPError as error:
        yield [error.code, error.reason, error.read().decode()]


def urllib3_():
    import urllib3

    options = {"ssl_context": tls(), "retries": False, "timeout": 30}
    pool = urllib3.ProxyManager(JOB["proxy"], **options) if JOB["proxy"] else urllib3.PoolManager(**options)
    response = pool.request("GET", SITE + "/headers")
    yield [response.status, response.reason, end_to_end(response.headers.items()), response.data.decode()]
    response = pool.request("POST", SITE + "/status/200?form", fields={"a": "1", "f": ("name", "text", "text/x-odd")},
                            multipart_boundary="boundary")
    yield [response.status, response.data.decode()]
    yield pool.request("PUT", SITE + "/digest?chunks", body=pieces(), chunked=True).data.decode()
    response = pool.request("GET", SITE + "/gzip", headers={"Accept-Encoding": "gzip"})
    yield [response.headers["content-encoding"], response.data.decode()]
    response = pool.request("GET", SITE + "/gzip?raw", headers={"Accept-Encoding": "gzip"}, decode_content=False)
    yield sha([response.data])
    response = pool.request("GET", SITE + "/bytes/1000000", preload_content=False)
    yield sha(response.stream(10_000))
    response.release_conn()
    response = pool.request("GET", SITE + "/redirect/307/2", retries=3)
    yield [response.status, response.geturl(), response.data.decode()]
    response = pool.request("GET", SITE + "/chunked", preload_content=False)
    yield b"".join(response.stream(10)).decode()
    response.release_conn()
    yield [pool.request("HEAD", SITE + "/bytes/10").headers["content-length"]]


def requests_():
    import requests

    session = requests.Session()
    session.trust_env, session.verify = False, JOB["ca"]
    session.proxies = {"http": JOB["proxy"], "https": JOB["proxy"]} if JOB["proxy"] else {}
    yield session.post(SITE + "/digest?generator", data=pieces(), timeout=30).text
    yield session.put(SITE + "/digest?file", data=LARGE, timeout=30).text
    with session.get(SITE + "/bytes/3000000", stream=True, timeout=30) as response:
        yield sha(response.iter_content(4096))
    with session.get(SITE + "/chunked?lines", stream=True, timeout=30) as response:
        yield [line.decode() for line in response.iter_lines()]
    response = session.get(SITE + "/cookies?set", timeout=30)
    yield [response.url, response.text, sorted(session.cookies.items()), len(response.history)]
    yield session.get(SITE + "/basic", auth=("me", "secret"), timeout=30).text
    response = session.get(SITE + "/sha?x=%20", auth=requests.auth.HTTPDigestAuth("me", "secret"), timeout=30)
    yield [response.status_code, response.text]
    yield session.get(SITE + "/range", headers={"Range": "bytes=3-5"}, timeout=30).text
    yield session.options(SITE + "/json?options", timeout=30).json()


async def httpx_concurrent():
    import httpx

    options = {"verify": tls(), "trust_env": False, "timeout": 30, "http2": True}
    if JOB["proxy"]:
        options["proxy"] = JOB["proxy"]

    async def upload():
        for piece in pieces():
            yield piece

    async with httpx.AsyncClient(**options) as client:
        first = await client.get(SITE + "/json")

        async def get(number):
            response = await client.get(f"{SITE}/bytes/{20_000 + number}")
            return [response.http_version, response.status_code, sha([response.content])]

        async def post(number):
            response = await client.post(f"{SITE}/digest?{number}", content=upload())
            return response.text

        async def stream(number):
            async with client.stream("GET", f"{SITE}/bytes/{500_000 + number}") as response:
                return sha([piece async for piece in response.aiter_bytes(1000)])

        calls = [call(number) for number in range(12) for call in (get, post, stream)]
        return [first.http_version, *await asyncio.gather(*calls)]


async def aiohttp_concurrent():
    import aiohttp

    async def upload():
        for piece in pieces():
            yield piece

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as session:
        options = {"proxy": JOB["proxy"], "ssl": tls()}

        async def get(number):
            async with session.get(f"{SITE}/bytes/{200_000 + number}", **options) as response:
                return [response.status, sha([piece async for piece in response.content.iter_any()])]

        async def post(number):
            async with session.post(f"{SITE}/digest?{number}", data=upload(), **options) as response:
                return await response.text()

        return await asyncio.gather(*(call(number) for number in range(8) for call in (get, post)))


async def aiohttp_websocket():
    import aiohttp

    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(
            SITE, proxy=JOB["proxy"], ssl=tls(), protocols=["chat.v1"], compress=15, max_msg_size=0
        ) as websocket:
            got = [websocket.protocol, websocket.compress]
            for text in ["hello", "gr\u00fcn " * 300, "", "x" * 70_000]:
                await websocket.send_str(text)
                got.append(await websocket.receive_str())
            await websocket.send_bytes(LARGE)
            got.append(sha([await websocket.receive_bytes()]))
            await websocket.close(code=4001, message=b"done")
            return [*got, websocket.close_code]


KINDS = {
    "urllib": lambda: list(urllib_()),
    "urllib3": lambda: list(urllib3_()),
    "requests": lambda: list(requests_()),
    "httpx": lambda: asyncio.run(httpx_concurrent()),
    "aiohttp": lambda: asyncio.run(aiohttp_concurrent()),
    "aiohttp-websocket": lambda: asyncio.run(aiohttp_websocket()),
}

json.dump(KINDS[JOB["kind"]](), sys.stdout)
