"""Changes libraries that open their connections without a look at the proxy variables: each when it is imported."""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _address(url):
    """The proxy's host and port, and its user and password."""
    rest = url.split("://", 1)[-1].rstrip("/")
    user, _, address = rest.rpartition("@")
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port), user


def _url():
    return os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY") or ""


def proxy():
    host, port, _ = _address(_url())
    return host, port


def wanted(host, port):
    """Whether a connection to `host` is to take the way through the proxy."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not _url() or not isinstance(host, str) or (host, port) == proxy():
        return False
    name = host.lower().strip("[]").rstrip(".")
    for entry in os.environ.get("no_proxy", "").lower().replace(" ", ",").split(","):
        if entry.startswith("*."):
            entry = entry[1:]
        bare = entry.lstrip(".")
        if entry and (entry == "*" or bare in (name, "%s:%s" % (name, port)) or name.endswith("." + bare)):
            return False
    return True


def ask(host, port):
    """The request that opens a way to `host`."""
    if isinstance(host, bytes):
        host = host.decode("ascii")
    authority = "%s:%d" % ("[%s]" % host if ":" in host else host, port)
    lines = ["CONNECT %s HTTP/1.1" % authority, "Host: %s" % authority]
    user = _address(_url())[2]
    if user:
        from base64 import b64encode
        from urllib.parse import unquote

        lines.append("Proxy-Authorization: Basic " + b64encode(unquote(user).encode()).decode())
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def accepted(answer):
    """Raises an error unless the proxy's answer says that the way is open."""
    words = answer.split(b"\r\n", 1)[0].split(None, 2)
    if len(words) < 2 or words[1] != b"200":
        raise OSError("the proxy answered %r" % answer.split(b"\r\n", 1)[0].decode("latin-1"))


def opened(sock, host, port):
    """Opens a way to `host` on a socket that is connected to the proxy."""
    try:
        sock.sendall(ask(host, port))
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            # Byte by byte: the next one may be the server's.
            byte = sock.recv(1)
            if not byte:
                break
            answer += byte
        accepted(answer)
    except BaseException:
        sock.close()
        raise
    return sock


def _http_client(module):
    connect = module.HTTPConnection.connect

    def through(self):
        if self._tunnel_host is not None or not wanted(self.host, self.port):
            return connect(self)
        create = self._create_connection
        self._create_connection = lambda address, *a, **k: opened(create(proxy(), *a, **k), *address)
        try:
            return connect(self)
        finally:
            self._create_connection = create

    module.HTTPConnection.connect = through


def _urllib3(module):
    plain = module.HTTPConnection._new_conn

    def _new_conn(self):
        host, port = self._dns_host, self.port
        if getattr(self, "proxy", None) is not None or getattr(self, "_tunnel_host", None):
            return plain(self)
        if not wanted(host, port):
            return plain(self)
        self._dns_host, self.port = proxy()
        try:
            sock = plain(self)
        finally:
            self._dns_host, self.port = host, port
        return opened(sock, host, port)

    module.HTTPConnection._new_conn = _new_conn


def _geventhttpclient(module):
    pool = module.ConnectionPool
    resolve, connect = pool._resolve, pool._connect_socket

    def is_direct(self):
        return not self._use_proxy and wanted(self._connection_host, self._connection_port)

    def _resolve(self):
        if not is_direct(self):
            return resolve(self)
        host, port = self._connection_host, self._connection_port
        self._connection_host, self._connection_port = proxy()
        try:
            return resolve(self)
        finally:
            self._connection_host, self._connection_port = host, port

    def _connect_socket(self, sock, address):
        sock = connect(self, sock, address)
        return opened(sock, self._connection_host, self._connection_port) if is_direct(self) else sock

    pool._resolve = _resolve
    pool._connect_socket = _connect_socket


def _certifi(module):
    bundle = os.environ.get("SSL_CERT_FILE")
    if bundle and os.path.isfile(bundle):
        module.where = lambda: bundle

        def contents():
            with open(bundle, encoding="ascii") as file:
                return file.read()

        module.contents = contents


def _by(name):
    """A change that needs a newer Python, in a file of its own."""

    def patch(module):
        # The folder is on the path for sitecustomize alone.
        sys.path.insert(0, _HERE)
        try:
            import dashcam_async
        finally:
            sys.path.remove(_HERE)
        getattr(dashcam_async, name)(module)

    return patch


_PATCHES = {
    "aiohttp.client": _by("aiohttp"),
    "certifi.core": _certifi,
    "geventhttpclient.connectionpool": _geventhttpclient,
    "http.client": _http_client,
    "httpcore._async.connection_pool": _by("httpcore_async"),
    "httpcore._sync.connection_pool": _by("httpcore_sync"),
    "httpcore2._async.connection_pool": _by("httpcore_async"),
    "httpcore2._sync.connection_pool": _by("httpcore_sync"),
    "tornado.simple_httpclient": _by("tornado_http"),
    "tornado.websocket": _by("tornado_websocket"),
    "twisted.web.client": _by("twisted"),
    "urllib3.connection": _urllib3,
}


class _Finder:
    """Finds a module as the others do, and changes it once it is loaded."""

    def __init__(self):
        self._looking = set()

    def find_spec(self, name, path=None, target=None):
        patch = _PATCHES.get(name)
        # Others wrap the finders, and ask this one again by its wrapper.
        if patch is None or name in self._looking:
            return None
        self._looking.add(name)
        try:
            for finder in sys.meta_path:
                find = getattr(finder, "find_spec", None)
                spec = find(name, path, target) if find else None
                if spec is not None and spec.loader is not None:
                    self._change(spec, patch)
                    return spec
        finally:
            self._looking.discard(name)
        return None

    @staticmethod
    def _change(spec, patch):
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            try:
                patch(module)
            except Exception:  # A version that is built otherwise stays as it is.
                pass

        spec.loader.exec_module = exec_module


def install():
    if not _url():
        return
    sys.meta_path.insert(0, _Finder())
    for name, patch in _PATCHES.items():
        if name in sys.modules:
            patch(sys.modules[name])
