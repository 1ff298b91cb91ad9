//! Headers that come slowly, or never.

use dashcam_ca::Authority;
use dashcam_control::{Control, Settings};
use dashcam_exchange::LastIds;
use dashcam_recorder::{Limits, recorder};
use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::config::Config;
use crate::proxy::Proxy;
use crate::upstream::Dialer;

const HEADER: &[u8] = b"PROXY TCP4 203.0.113.9 198.51.100.1 4660 443\r\n";

async fn server() -> Arc<Server> {
    let home = tempfile::tempdir().unwrap();
    let (authority, _) = Authority::open_or_create(home.path()).unwrap();
    let (recorder, _writer) = recorder(Limits::default(), LastIds::default());
    let control = Arc::new(Control::new(Settings::default()));
    let proxy =
        Proxy::build(Config::default(), control, authority, recorder, Dialer::default()).await.unwrap();
    proxy.replayer().server
}

/// Reads the header of a client that sends a byte each `pause`, and says nothing after `bytes`.
async fn drip(server: &Server, bytes: &[u8], pause: Duration) -> Result<Header, NoHeader> {
    let (mut client, ours) = tokio::io::duplex(64);
    let mut io = Io::from(ours);
    let dripping = async {
        for byte in bytes {
            tokio::time::sleep(pause).await;
            client.write_all(&[*byte]).await.unwrap();
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        header = read(&mut io, server) => header,
        () = dripping => unreachable!("it waits"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_byte_now_and_then_buys_no_time() {
    let server = server().await;
    let in_time = drip(&server, HEADER, Duration::from_millis(50)).await.unwrap();
    assert_eq!((in_time.length, in_time.client), (HEADER.len(), "203.0.113.9:4660".parse().ok()));
    for (bytes, pause) in
        [(HEADER, Duration::from_secs(1)), (&HEADER[..7], Duration::from_millis(1)), (&[], Duration::ZERO)]
    {
        let late = drip(&server, bytes, pause).await.unwrap_err();
        assert!(late.to_string().contains("after 5 s (timeouts.proxy_header)"), "{late}");
    }
    let limited = server.context.limited.read();
    assert!(limited.contains(&(Limit::ProxyHeaderTime, 3)), "{limited:?}");
}

/// At the end of dashcam nobody is waited for; a header that has come is read.
#[tokio::test]
async fn at_the_end_of_dashcam() {
    let server = server().await;
    server.context.tasks.draining.cancel();
    let silent = drip(&server, &[], Duration::ZERO).await.unwrap_err();
    assert!(matches!(silent, NoHeader::Closed), "{silent}");
    let (mut client, ours) = tokio::io::duplex(64);
    client.write_all(HEADER).await.unwrap();
    assert!(read(&mut Io::from(ours), &server).await.is_ok());
}
