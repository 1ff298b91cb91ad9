//! Parents that are other programs, or that the tests play: Squid, a SOCKS5 server in Python, a proxy that is spoken to in
//! TLS.

use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use dashcam_tests::clients::{Server, clean, python, serve};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::free_address::free_address;
use dashcam_tests::origin::Origin;
use dashcam_tests::same::through;
use dashcam_tests::test_ca;
use dashcam_tests::wire::read_head;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_rustls::TlsAcceptor;

use super::{fails, recorded, status};

/// A running Squid, which lets clients reach any port of `127.0.0.1` but for CONNECT to `forbidden`.
struct Squid {
    address: SocketAddr,
    _child: Child,
    _folder: tempfile::TempDir,
}

impl Squid {
    async fn start(forbidden: u16) -> Result<Option<Self>> {
        let version = std::process::Command::new("squid").arg("-v").stdout(Stdio::null()).status();
        if !version.is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED, squid is not installed: run `cargo xtask test`");
            return Ok(None);
        }
        let folder = tempfile::tempdir()?;
        let address = free_address()?;
        let path = folder.path().display();
        let config = format!(
            "http_port {address}\npid_filename {path}/pid\ncache_log /dev/null\naccess_log none\ncache deny all\n\
             acl forbidden port {forbidden}\nacl CONNECT method CONNECT\nhttp_access deny CONNECT forbidden\n\
             http_access allow all\nshutdown_lifetime 0 seconds\nnetdb_filename none\n"
        );
        let file = folder.path().join("squid.conf");
        std::fs::write(&file, config)?;
        let mut command = Command::new("squid");
        command.args(["-N", "-n", &format!("dashcam{}", address.port()), "-f"]).arg(&file);
        command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().context("cannot start squid")?;
        eventually("squid listens", async || Ok(TcpStream::connect(address).await.ok().map(drop))).await?;
        Ok(Some(Self { address, _child: child, _folder: folder }))
    }
}

#[tokio::test]
async fn squid() -> Result<()> {
    let (plain, tls, forbidden) = (Origin::http().await?, Origin::https().await?, Origin::https().await?);
    let Some(squid) = Squid::start(forbidden.port()).await? else { return Ok(()) };
    let url = format!("http://{}", squid.address);
    let dashcam = Dashcam::start(&["-m", &format!("upstream:{url}")]).await?;
    for (number, origin) in [&plain, &tls].into_iter().enumerate() {
        let target = format!("/json?squid={number}");
        assert_eq!(status(&through(&dashcam), origin.url(&target)).await?, 200);
        assert_eq!(recorded(&dashcam, &target).await?.0.as_ref(), Some(&url));
    }
    let via =
        dashcam_tests::wire::field(&plain.site().seen()[0].fields, "via").unwrap_or_default().to_owned();
    assert!(via.contains("squid"), "it passed plain requests on as a proxy does: {via}");
    let words = [&format!("The parent proxy {url} refused a connection to localhost:"), "(403 Forbidden)"];
    fails(&dashcam, &forbidden.url("/json?forbidden"), 502, "connect", &words).await?;
    // One in clear text has the parent's own answer.
    let (_held, dead) = Origin::dead()?;
    assert_eq!(status(&through(&dashcam), format!("http://{dead}/json?dead")).await?, 503);
    assert_eq!(recorded(&dashcam, "/json?dead").await?.0.as_ref(), Some(&url));
    Ok(())
}

/// It says which type of address it was asked for, and knows one name that nobody else does.
const SOCKS5: &str = "
import json, socket, socketserver, struct, sys, threading
asked = []
class Handler(socketserver.BaseRequestHandler):
    def exactly(self, n):
        return self.request.recv(n, socket.MSG_WAITALL)
    def handle(self):
        _, count = self.exactly(2)
        self.exactly(count)
        self.request.sendall(b'\\x05\\x00')
        kind = self.exactly(4)[3]
        if kind == 1: host = socket.inet_ntoa(self.exactly(4))
        elif kind == 4: host = socket.inet_ntop(socket.AF_INET6, self.exactly(16))
        else: host = self.exactly(self.exactly(1)[0]).decode()
        port, = struct.unpack('>H', self.exactly(2))
        try: far = socket.create_connection(('127.0.0.1' if host == 'only.here' else host, port), timeout=5)
        except ConnectionRefusedError:
            self.request.sendall(b'\\x05\\x05\\x00\\x01' + bytes(6)); return
        self.request.sendall(b'\\x05\\x00\\x00\\x01' + bytes(6))
        def pump(a, b):
            try:
                while data := a.recv(65536): b.sendall(data)
                b.shutdown(socket.SHUT_WR)
            except OSError: pass
        threading.Thread(target=pump, args=(far, self.request), daemon=True).start()
        pump(self.request, far)
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
server = Server(('127.0.0.1', 0), Handler)
print(json.dumps({'port': server.server_address[1]}), flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
";

async fn socks5() -> Result<Server> {
    let mut command = clean(Command::new(python()?));
    command.args(["-c", SOCKS5]);
    serve(command).await
}

/// As with curl, names are resolved here for socks5, and by the parent for socks5h.
#[tokio::test]
async fn a_socks5_server_in_python() -> Result<()> {
    let origin = Origin::http().await?;
    let server = socks5().await?;
    let port = origin.port();
    let [here, there] = ["socks5", "socks5h"].map(|scheme| format!("{scheme}://127.0.0.1:{}", server.port));
    let given = format!("given.test:{port}:[::1],127.0.0.1");
    let by_address = Dashcam::start(&["-m", &format!("upstream:{here}"), "--resolve", &given]).await?;
    let url = format!("http://given.test:{port}/json?given");
    assert_eq!(
        status(&through(&by_address), url).await?,
        200,
        "the second address, as nobody is at the first"
    );
    assert_eq!(recorded(&by_address, "/json?given").await?.0, Some(here));
    let words = ["The name only.here could not be resolved"];
    fails(&by_address, &format!("http://only.here:{port}/json?name"), 502, "dns", &words).await?;
    let by_name = Dashcam::start(&["-m", &format!("upstream:{there}")]).await?;
    assert_eq!(status(&through(&by_name), format!("http://only.here:{port}/json?there")).await?, 200);
    assert_eq!(recorded(&by_name, "/json?there").await?.0, Some(there));
    let (_held, dead) = Origin::dead()?;
    let words = ["(SOCKS5 reply 5, connection refused)"];
    fails(&by_name, &format!("http://{dead}/json?dead"), 502, "connect", &words).await
}

/// A proxy for CONNECT and plain requests to one origin, spoken to in TLS.
async fn tls_parent(origin: SocketAddr) -> Result<Origin> {
    let tls = TlsAcceptor::from(test_ca::shared()?.server(&["localhost"], &["http/1.1"])?);
    Origin::raw(move |stream| {
        let tls = tls.clone();
        async move {
            let mut near = BufReader::new(tls.accept(stream).await?);
            let head = read_head(&mut near).await?.context("no request")?;
            let mut far = TcpStream::connect(origin).await?;
            if head.word(0) == "CONNECT" {
                near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            } else {
                far.write_all(format!("GET /json?seen={} HTTP/1.1\r\n", head.word(1)).as_bytes()).await?;
                far.write_all(b"Host: a\r\nConnection: close\r\n\r\n").await?;
            }
            near.flush().await?;
            tokio::io::copy_bidirectional(&mut near, &mut far).await?;
            Ok(())
        }
    })
    .await
}

#[tokio::test]
async fn a_parent_in_tls() -> Result<()> {
    let (plain, tls) = (Origin::http().await?, Origin::https().await?);
    for origin in [&plain, &tls] {
        let parent = tls_parent(origin.address()).await?;
        let url = format!("https://localhost:{}", parent.port());
        let dashcam = Dashcam::start(&["-m", &format!("upstream:{url}")]).await?;
        let target = "/json?tls";
        assert_eq!(status(&through(&dashcam), origin.url(target)).await?, 200);
        assert_eq!(recorded(&dashcam, target).await?.0, Some(url));
        let exchange = dashcam.api().ended(target).await?;
        let has_tls = !exchange["upstream"]["connection"]["tls"].is_null();
        assert_eq!(has_tls, exchange["scheme"] == "https", "the TLS on record is the upstream's");
    }
    let seen = plain.site().seen()[0].target.clone();
    assert_eq!(seen, format!("/json?seen={}", plain.url("/json?tls")), "in absolute form");
    // The certificate is for another name.
    let parent = tls_parent(plain.address()).await?;
    let mode = format!("upstream:https://127.0.0.1:{}", parent.port());
    let dashcam = Dashcam::start(&["-m", &mode]).await?;
    fails(
        &dashcam,
        &plain.url("/json?name"),
        502,
        "tls_handshake",
        &["TLS with the parent proxy", "localhost"],
    )
    .await
}
