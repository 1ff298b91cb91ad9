"""Changes of libraries that don't wait: the way to a host is opened between two events."""

import dashcam_clients as clients


def aiohttp(module):
    plain = module.ClientSession._request

    def has_proxy(session):
        return session.trust_env or getattr(session, "_default_proxy", None) is not None

    async def _request(self, method, str_or_url, **options):
        is_tcp = type(self.connector).__name__ == "TCPConnector"
        if is_tcp and options.get("proxy") is None and not has_proxy(self):
            url = self._build_url(str_or_url)
            if url.host and clients.wanted(url.host, url.port):
                options["proxy"] = clients._url()
        return await plain(self, method, str_or_url, **options)

    module.ClientSession._request = _request


class _Tunnels:
    """An httpcore backend whose connections take the way through the proxy."""

    def __init__(self, backend):
        self._backend = backend

    def __getattr__(self, name):
        return getattr(self._backend, name)


class _SyncTunnels(_Tunnels):
    def connect_tcp(self, host, port, timeout=None, **options):
        if not clients.wanted(host, port):
            return self._backend.connect_tcp(host, port, timeout, **options)
        stream = self._backend.connect_tcp(*clients.proxy(), timeout, **options)
        stream.write(clients.ask(host, port), timeout)
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = stream.read(4096, timeout)
            if not piece:
                break
            answer += piece
        clients.accepted(answer)
        return stream


class _AsyncTunnels(_Tunnels):
    async def connect_tcp(self, host, port, timeout=None, **options):
        if not clients.wanted(host, port):
            return await self._backend.connect_tcp(host, port, timeout, **options)
        stream = await self._backend.connect_tcp(*clients.proxy(), timeout, **options)
        await stream.write(clients.ask(host, port), timeout)
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = await stream.read(4096, timeout)
            if not piece:
                break
            answer += piece
        clients.accepted(answer)
        return stream


def _httpcore(pool, tunnels):
    plain = pool.create_connection

    def create_connection(self, origin):
        if getattr(self, "_proxy", None) is None and not isinstance(self._network_backend, _Tunnels):
            self._network_backend = tunnels(self._network_backend)
        return plain(self, origin)

    # Pools for a proxy have a method of their own.
    pool.create_connection = create_connection


def httpcore_sync(module):
    _httpcore(module.ConnectionPool, _SyncTunnels)


def httpcore_async(module):
    _httpcore(module.AsyncConnectionPool, _AsyncTunnels)


class _TornadoTunnels:
    """Tornado's TCPClient, through the proxy."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)

    async def connect(self, host, port, ssl_options=None, **options):
        if not clients.wanted(host, port):
            return await self._client.connect(host, port, ssl_options=ssl_options, **options)
        # The family of addresses is that of the origin.
        options.pop("af", None)
        stream = await self._client.connect(*clients.proxy(), **options)
        await stream.write(clients.ask(host, port))
        clients.accepted(await stream.read_until(b"\r\n\r\n", max_bytes=65536))
        if ssl_options is None:
            return stream
        return await stream.start_tls(False, ssl_options=ssl_options, server_hostname=host)


def tornado_http(module):
    plain = module.SimpleAsyncHTTPClient.initialize

    def initialize(self, *arguments, **options):
        plain(self, *arguments, **options)
        self.tcp_client = _TornadoTunnels(self.tcp_client)

    module.SimpleAsyncHTTPClient.initialize = initialize


def tornado_websocket(module):
    plain = module.TCPClient
    module.TCPClient = lambda *arguments, **options: _TornadoTunnels(plain(*arguments, **options))


def twisted(module):
    from twisted.internet import defer, endpoints, interfaces, protocol
    from zope.interface import implementer

    class Opening(protocol.Protocol):
        """Asks the proxy for a way, and then passes on all that comes."""

        def __init__(self, inner, done, host, port):
            self.inner, self.done, self.host, self.port = inner, done, host, port
            self.answer, self.is_open = b"", False

        def connectionMade(self):
            self.transport.write(clients.ask(self.host, self.port))

        def dataReceived(self, data):
            if self.is_open:
                self.inner.dataReceived(data)
                return
            self.answer += data
            head, end, rest = self.answer.partition(b"\r\n\r\n")
            if not end:
                return
            try:
                clients.accepted(head)
            except OSError as error:
                self.transport.loseConnection()
                self.done.errback(error)
                return
            self.is_open = True
            self.inner.makeConnection(self.transport)
            self.done.callback(self.inner)
            if rest:
                self.inner.dataReceived(rest)

        def connectionLost(self, reason=protocol.connectionDone):
            if self.is_open:
                self.inner.connectionLost(reason)
            elif not self.done.called:
                self.done.errback(reason)

    @implementer(interfaces.IStreamClientEndpoint)
    class Tunnel:
        def __init__(self, endpoint, host, port):
            self.endpoint, self.host, self.port = endpoint, host, port

        def connect(self, factory):
            done = defer.Deferred()

            def build():
                return Opening(factory.buildProtocol(None), done, self.host, self.port)

            self.endpoint.connect(protocol.Factory.forProtocol(build)).addErrback(done.errback)
            return done

    plain = module._StandardEndpointFactory.endpointForURI

    def endpointForURI(self, uri):
        if uri.scheme not in (b"http", b"https") or not clients.wanted(uri.host, uri.port):
            return plain(self, uri)
        endpoint = Tunnel(endpoints.HostnameEndpoint(self._reactor, *clients.proxy()), uri.host, uri.port)
        if uri.scheme == b"http":
            return endpoint
        creator = self._policyForHTTPS.creatorForNetloc(uri.host, uri.port)
        return endpoints.wrapClientTLS(creator, endpoint)

    module._StandardEndpointFactory.endpointForURI = endpointForURI
