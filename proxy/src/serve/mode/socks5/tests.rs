//! Tests of negotiations, whole and in pieces.

use dashcam_ca::Authority;
use dashcam_control::{Control, Settings};
use dashcam_exchange::LastIds;
use dashcam_recorder::{Limits, recorder};

use super::*;
use crate::config::{AccessConfig, Config};
use crate::in_memory::CLIENT;
use crate::net::limited::Limit;
use crate::proxy::Proxy;
use crate::upstream::Dialer;

async fn server(credentials: &[&str]) -> Arc<Server> {
    let home = tempfile::tempdir().unwrap();
    let (authority, _) = Authority::open_or_create(home.path()).unwrap();
    let (recorder, _writer) = recorder(Limits::default(), LastIds::default());
    let credentials = credentials.iter().map(|text| text.parse().unwrap()).collect();
    let access = AccessConfig { credentials, ..AccessConfig::default() };
    let control = Arc::new(Control::new(Settings::default()));
    let config = Config { access, ..Config::default() };
    let proxy = Proxy::build(config, control, authority, recorder, Dialer::default()).await.unwrap();
    proxy.replayer().server
}

/// Negotiates with a client that sends `said` and closes; what it was told, and the destination or why there is none, and
/// the bytes that are left.
async fn negotiate(
    server: &Server,
    said: &[u8],
    at_once: usize,
) -> (Vec<u8>, Result<String, String>, Vec<u8>) {
    let (client, ours) = tokio::io::duplex(at_once);
    let (mut hears, mut says) = tokio::io::split(client);
    let said = said.to_vec();
    let saying = async move {
        let _gone = says.write_all(&said).await;
        let _gone = says.shutdown().await;
    };
    let negotiating = async move {
        let mut io = Io::from(ours);
        let ended = Negotiation::new(&mut io, server, CLIENT).destination().await;
        if let Err(Refused { told, .. }) = &ended {
            io.write_all(told).await.unwrap();
        }
        let ended = ended.map(|destination| destination.host_and_port()).map_err(|why| why.failure.message);
        let mut rest = Vec::new();
        let _end = io.read_to_end(&mut rest).await.unwrap();
        (ended, rest)
    };
    let mut told = Vec::new();
    let (_, (ended, rest), _) = tokio::join!(saying, negotiating, hears.read_to_end(&mut told));
    (told, ended, rest)
}

/// Checks what comes of `said`, whether it comes at once or a byte at a time.
async fn check(server: &Server, said: &[&[u8]], told: &[u8], expect: Result<&str, &str>) {
    for at_once in [1, 3, 4096] {
        let (heard, ended, rest) = negotiate(server, &said.concat(), at_once).await;
        assert_eq!(heard, told, "{said:?}");
        match (&ended, expect) {
            (Ok(destination), Ok(expect)) => {
                assert_eq!((destination.as_str(), rest.as_slice()), (expect, b"\x16\x03".as_slice()));
            }
            (Err(why), Err(expect)) => assert!(why.contains(expect), "{why}"),
            _ => panic!("{said:?}: {ended:?}"),
        }
    }
}

/// The bytes behind a request are left for the tunnel.
const BEHIND: &[u8] = b"\x16\x03";
const GREETING: &[u8] = b"\x05\x01\x00";

#[tokio::test]
async fn destinations_of_each_type() {
    let server = server(&[]).await;
    for (request, expect) in [
        (b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50".as_slice(), "127.0.0.1:80"),
        (b"\x05\x01\x00\x03\x09LocalHost\x01\xbb", "localhost:443"),
        (b"\x05\x01\x00\x03\x07a.test.\x20\xfb", "a.test.:8443"),
        (b"\x05\x01\x00\x03\x0910.0.0.12\x00\x50", "10.0.0.12:80"),
        (b"\x05\x01\x00\x03\x03::1\x00\x50", "[::1]:80"),
        (b"\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xbb", "[2001:db8::1]:443"),
    ] {
        check(&server, &[GREETING, request, BEHIND], b"\x05\x00", Ok(expect)).await;
    }
}

#[tokio::test]
async fn requests_that_are_refused() {
    let server = server(&[]).await;
    let reply = |reply: Reply| [b"\x05\x00".as_slice(), &reply.bytes()].concat();
    for (request, told, expect) in [
        (b"\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50".as_slice(), Reply::CommandNotSupported, "BIND"),
        (b"\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00", Reply::CommandNotSupported, "UDP ASSOCIATE"),
        (b"\x05\x09\x00\x01\x00\x00\x00\x00\x00\x00", Reply::CommandNotSupported, "command 9"),
        (b"\x05\x01\x00\x02\x00\x00\x00\x00", Reply::AddressTypeNotSupported, "unknown type 2"),
        (b"\x05\x01\x00\x03\x00\x00\x50", Reply::Failed, "no name"),
        (b"\x05\x01\x00\x03\x05a b/c\x00\x50", Reply::Failed, "no name"),
        (b"\x05\x01\x00\x03\x04a:80\x00\x50", Reply::Failed, "no name"),
        (b"\x05\x01\x00\x03\x02\xff\r\x00\x50", Reply::Failed, "no name"),
    ] {
        check(&server, &[GREETING, request], &reply(told), Err(expect)).await;
    }
    check(&server, &[GREETING, b"\x04\x01\x00\x01"], b"\x05\x00", Err("goes on with 4")).await;
    check(&server, &[GREETING, b"\x05\x01\x00\x03\x09local"], b"\x05\x00", Err("ended inside")).await;
    check(&server, &[b"\x05"], b"", Err("ended inside")).await;
}

#[tokio::test]
async fn methods_of_authentication() {
    let request: &[u8] = b"\x05\x01\x00\x03\x01a\x00\x50";
    let (right, wrong) = (b"\x01\x02me\x06secret", b"\x01\x02me\x05wrong".as_slice());
    let open = server(&[]).await;
    check(&open, &[b"\x05\x02\x02\x00", request, BEHIND], b"\x05\x00", Ok("a:80")).await;
    check(&open, &[b"\x05\x01\x02", wrong, request, BEHIND], b"\x05\x02\x01\x00", Ok("a:80")).await;
    check(&open, &[b"\x05\x01\x01"], b"\x05\xff", Err("no method")).await;
    check(&open, &[b"\x05\x00"], b"\x05\xff", Err("no method")).await;
    let closed = server(&["me:secret"]).await;
    check(&closed, &[b"\x05\x02\x00\x02", right, request, BEHIND], b"\x05\x02\x01\x00", Ok("a:80")).await;
    check(&closed, &[b"\x05\x01\x02", wrong], b"\x05\x02\x01\x01", Err("password for this proxy is wrong"))
        .await;
    check(&closed, &[b"\x05\x01\x02\x01\x00\x00"], b"\x05\x02\x01\x01", Err("is wrong")).await;
    check(&closed, &[b"\x05\x01\x02\x05\x00"], b"\x05\x02", Err("goes on with 5")).await;
    check(&closed, &[GREETING], b"\x05\xff", Err("socks5h://USER:PASSWORD")).await;
}

/// A client that sends a byte now and then has no more time than one that sends none.
#[tokio::test(start_paused = true)]
async fn a_slow_client_is_given_up() {
    let server = server(&[]).await;
    let (mut client, ours) = tokio::io::duplex(64);
    let mut io = Io::from(ours);
    let dripping = async {
        for byte in GREETING.iter().chain(&[5, 1, 0, 3, 200]).chain(&[b'a'; 200]) {
            client.write_all(&[*byte]).await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let negotiation = Negotiation::new(&mut io, &server, CLIENT);
    let refused = tokio::select! {
        ended = negotiation.destination() => ended.unwrap_err(),
        () = dripping => panic!("it was let finish"),
    };
    assert!(refused.failure.message.contains("timeouts.request_head"), "{}", refused.failure);
    let limited = server.context.limited.read();
    assert!(limited.contains(&(Limit::RequestHeadTime, 1)), "{limited:?}");
}

#[test]
fn replies_say_why() {
    let upstream = |stage| NoAnswer::from(Failure::new(Side::Upstream, stage, ""));
    let unreached = |unreached| NoAnswer { unreached: Some(unreached), ..upstream(Stage::Connect) };
    let ours = |status| NoAnswer::from((status, Failure::new(Side::Proxy, Stage::Connect, "")));
    for (why, expect) in [
        (unreached(Unreached::Network), Reply::NetworkUnreachable),
        (unreached(Unreached::Host), Reply::HostUnreachable),
        (unreached(Unreached::Refused), Reply::ConnectionRefused),
        (unreached(Unreached::Silent), Reply::Expired),
        (upstream(Stage::Dns), Reply::HostUnreachable),
        (upstream(Stage::Connect), Reply::Failed),
        (ours(403), Reply::NotAllowed),
        (ours(508), Reply::NotAllowed),
        (ours(503), Reply::Failed),
    ] {
        assert_eq!(Reply::to(&why), expect, "{why:?}");
    }
    assert!(Unreached::Refused > Unreached::Silent && Unreached::Host > Unreached::Network);
}
