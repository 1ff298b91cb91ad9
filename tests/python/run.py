"""Makes one request the way that a library makes it by itself: nothing here names a proxy or a root."""

import asyncio
import sys
from urllib.parse import urlsplit

kind, url = sys.argv[1:]


def http_client():
    import http.client

    parts = urlsplit(url)
    kinds = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}
    connection = kinds[parts.scheme](parts.hostname, parts.port)
    connection.request("GET", parts.path + "?" + parts.query)
    return connection.getresponse().status


def urllib_request():
    import urllib.request

    return urllib.request.urlopen(url).status


def urllib3():
    import urllib3

    return urllib3.PoolManager().request("GET", url).status


def requests():
    import requests

    return requests.get(url).status_code


def httpx():
    import httpx

    return httpx.get(url).status_code


def httpx_transport():
    import httpx

    return httpx.Client(transport=httpx.HTTPTransport()).get(url).status_code


def httpx_async_transport():
    import httpx

    async def ask():
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport()) as client:
            return (await client.get(url)).status_code

    return asyncio.run(ask())


def aiohttp():
    import aiohttp

    async def ask():
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status

    return asyncio.run(ask())


print(globals()[kind.replace("-", "_")]())
