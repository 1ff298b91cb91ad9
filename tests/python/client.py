"""Makes the requests named on stdin with one Python HTTP client and prints what it got as JSON.

stdin: {"kind", "proxy": url or null, "ca": file, "requests": [{"method", "url", "headers", "body"}]}
"""

import base64
import json
import ssl
import sys
from urllib.parse import urlsplit

JOB = json.load(sys.stdin)


def tls():
    return ssl.create_default_context(cafile=JOB["ca"])


def body_of(request):
    return None if request["body"] is None else request["body"].encode("latin-1")


def got(status, version, headers, body):
    text = lambda value: value.decode("latin-1") if isinstance(value, bytes) else value
    headers = [[text(name), text(value)] for name, value in headers]
    return {"status": status, "version": version, "headers": headers, "body": base64.b64encode(body).decode()}


def http_client():
    import http.client

    connections = {}
    for request in JOB["requests"]:
        url = urlsplit(request["url"])
        target = url.path + ("?" + url.query if url.query else "")
        key = (url.scheme, url.netloc)
        if key not in connections:
            proxy = JOB["proxy"] and urlsplit(JOB["proxy"])
            at = (proxy.hostname, proxy.port) if proxy else (url.hostname, url.port)
            if url.scheme == "https":
                connection = http.client.HTTPSConnection(*at, context=tls(), timeout=60)
                if proxy:
                    connection.set_tunnel(url.hostname, url.port)
            else:
                connection = http.client.HTTPConnection(*at, timeout=60)
            connections[key] = connection
        if JOB["proxy"] and url.scheme == "http":
            target = request["url"]
        connection = connections[key]
        headers = dict(request["headers"], Host=url.netloc)
        connection.request(request["method"], target, body=body_of(request), headers=headers)
        response = connection.getresponse()
        yield got(response.status, str(response.version), response.getheaders(), response.read())


def requests_():
    import requests

    session = requests.Session()
    session.trust_env = False
    proxies = {"http": JOB["proxy"], "https": JOB["proxy"]} if JOB["proxy"] else {}
    for request in JOB["requests"]:
        response = session.request(
            request["method"], request["url"], headers=dict(request["headers"]), data=body_of(request),
            proxies=proxies, verify=JOB["ca"], timeout=60, allow_redirects=False,
        )
        yield got(response.status_code, str(response.raw.version), response.raw.headers.items(), response.content)


def httpx_():
    import httpx

    options = {"verify": tls(), "trust_env": False, "timeout": 60, "http2": JOB["kind"] == "httpx-h2"}
    if JOB["proxy"]:
        options["proxy"] = JOB["proxy"]
    with httpx.Client(**options) as client:
        for request in JOB["requests"]:
            response = client.request(
                request["method"], request["url"], headers=request["headers"], content=body_of(request)
            )
            yield got(response.status_code, response.http_version, response.headers.raw, response.content)


def aiohttp_():
    import asyncio

    import aiohttp

    async def everything():
        answers = []
        async with aiohttp.ClientSession() as session:
            for request in JOB["requests"]:
                async with session.request(
                    request["method"], request["url"], headers=request["headers"], data=body_of(request),
                    proxy=JOB["proxy"], ssl=tls(), allow_redirects=False,
                ) as response:
                    version = f"{response.version.major}.{response.version.minor}"
                    answers.append(got(response.status, version, response.raw_headers, await response.read()))
        return answers

    return asyncio.run(everything())


KINDS = {
    "http.client": http_client,
    "requests": requests_,
    "httpx-h1": httpx_,
    "httpx-h2": httpx_,
    "aiohttp": aiohttp_,
}

json.dump(list(KINDS[JOB["kind"]]()), sys.stdout)
